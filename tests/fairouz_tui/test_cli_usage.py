"""Values that an option does not know are wrong usage, said before anything is worked out."""

from pathlib import Path

import pytest

from tests.fairouz_tui.shell import Shell


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("mix", "1", "-o", "{}/mix.txt"), ".m3u8, .xspf, .pls or .m3u"),
        (("path", "1", "2", "-o", "{}/path"), ".m3u8, .xspf, .pls or .m3u"),
        (("playlist", "--seed", "1", "-o", "{}/list.mp3"), ".m3u8, .xspf, .pls or .m3u"),
        (("graph", "-o", "{}/graph.txt"), ".graphml or .json"),
        (("map", "--how", "umap"), "tsne, pca"),
        (("map", "-o", "{}/map.txt"), ".html or .htm"),
        (("map", "--colour", "mood"), "cluster, genre, year"),
    ],
)
def test_an_unknown_value_is_wrong_usage_and_writes_nothing(
    shell: Shell, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    here = set(tmp_path.rglob("*"))
    assert named in shell.fails(2, *(text.format(tmp_path) for text in arguments))
    assert set(tmp_path.rglob("*")) == here


def test_endings_are_known_in_capitals_too(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "Night.M3U8"
    shell.says("mix", "1", "-n", "2", "-o", str(file))
    assert file.exists()
