"""The other versions of a recording: titles propose, artist, length and sound decide."""

import shutil
from pathlib import Path

import mutagen

from indexer.explorer import Explorer
from indexer.exploring.takes import other_versions
from indexer.pipeline import index
from indexer.progress import Counts


def test_live_takes_and_remasters_are_versions_and_a_remix_is_none(indexed_demo: Path, tmp_path: Path) -> None:
    shutil.copytree(indexed_demo / "library", tmp_path / "library")
    source = next(row for row in Explorer(tmp_path / "library").catalogue.window(0, 100) if row.path.endswith(".mp3"))
    music = tmp_path / "more"
    music.mkdir()
    for name, title, artist in (
        ("a.mp3", f"{source.title} (Live at Home)", source.artist),
        ("b.mp3", f"{source.title} - 2011 Remaster", source.artist),
        ("c.mp3", f"{source.title} (Club Remix)", source.artist),
        ("d.mp3", source.title, "Somebody Else"),
    ):
        shutil.copy(source.path, music / name)
        tagged = mutagen.File(music / name, easy=True)
        tagged["title"], tagged["artist"] = title, artist
        tagged.save()
    for _ in index(tmp_path / "library", [music], counts=Counts()):
        pass
    explorer = Explorer(tmp_path / "library")
    found = other_versions(explorer.session(), source)
    assert {Path(row.path).name for row in found} == {"a.mp3", "b.mp3"}
    live = next(row for row in found if row.path.endswith("a.mp3"))
    assert source in other_versions(explorer.session(), live)
