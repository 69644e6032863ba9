"""The other versions of a recording: titles propose, artist, length and sound decide."""

import shutil
from pathlib import Path

from indexer.explorer import Explorer
from indexer.exploring.takes import other_versions
from tests.indexer.exploring.more_takes import add_takes


def test_live_takes_and_remasters_are_versions_and_a_remix_is_none(indexed_demo: Path, tmp_path: Path) -> None:
    library = Path(shutil.copytree(indexed_demo / "library", tmp_path / "library"))
    takes = {
        "a.mp3": {"title": "{title} (Live at Home)"},
        "b.mp3": {"title": "{title} - 2011 Remaster"},
        "c.mp3": {"title": "{title} (Club Remix)"},
        "d.mp3": {"artist": "Somebody Else"},
    }
    source = add_takes(library, tmp_path / "more", takes)
    explorer = Explorer(library)
    found = other_versions(explorer.session(), source)
    assert {Path(row.path).name for row in found} == {"a.mp3", "b.mp3"}
    live = next(row for row in found if row.path.endswith("a.mp3"))
    assert source in other_versions(explorer.session(), live)
