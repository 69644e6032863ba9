"""A library whose covers are compared by an OpenCLIP model in a folder, and back."""

from pathlib import Path

import pytest

from indexer.explorer import Explorer
from indexer.pipeline import index
from tests.indexer.small_music import Music
from tests.models.tiny_open_clip import make_tiny_open_clip


def test_covers_by_open_clip_and_back(music: Music, tmp_path: Path) -> None:
    own = music.ask("SELECT track_id, encoder FROM vectors WHERE modality = 'cover' ORDER BY track_id")
    assert own
    model = make_tiny_open_clip(tmp_path / "ViT-tiny")
    list(index(music.library, [music.folder], workers=1, cover_model=model))
    encoders = music.ask("SELECT DISTINCT encoder, dimension FROM vectors WHERE modality = 'cover'")
    assert [(encoder.split("@")[0], size) for encoder, size in encoders] == [("open-clip:ViT-tiny", 16)]
    first = own[0][0]
    for hit in Explorer(music.library).similar(first, count=9).hits:
        assert hit.score == pytest.approx(sum(hit.contributions.values()), abs=1e-12)
    assert music.ask("SELECT name FROM spaces WHERE active") == [("embedded-local",)]
    list(index(music.library, [music.folder], workers=1, cover_model=Path("none")))
    assert music.ask("SELECT track_id, encoder FROM vectors WHERE modality = 'cover' ORDER BY track_id") == own
