"""The profile `seed` on small models of the published widths: all encoders at once, their space, and back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from indexer.encoders.fetch import add
from indexer.encoders.folder import find_known
from indexer.encoders.profiles import EMBEDDED, PROFILES, SEED, profile_of, use
from indexer.explorer import Explorer
from indexer.pipeline import index
from indexer.progress import Counts, Progress
from indexer.storing.store import Store
from models.encoders.known import KNOWN
from tests.indexer.small_music import NOON, Music
from tests.models import tiny_open_clip
from tests.models.tiny_hub import TOKENS, make_tiny_text

VECTORS = "SELECT track_id, modality, encoder, input_hash FROM vectors ORDER BY 1, 2"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of models with all that `seed` names: thin layers, the published dimensions."""
    monkeypatch.setenv("FAIROUZ_DEVICE", "cpu")
    shorter = (replace(one, tokens=TOKENS) if one.name == PROFILES[SEED]["text"] else one for one in KNOWN)
    monkeypatch.setattr("models.encoders.known.KNOWN", tuple(shorter))
    text = make_tiny_text(
        tmp_path / "text", "bert", hidden_size=1024, num_attention_heads=16, num_hidden_layers=1, intermediate_size=32
    )
    monkeypatch.setitem(tiny_open_clip.MODEL, "embed_dim", 512)
    cover = tiny_open_clip.make_tiny_open_clip(tmp_path / "cover")
    audio = _vggish(tmp_path / "audio")
    for kind, folder in (("text", text), ("cover", cover), ("audio", audio)):
        add(tmp_path / "models", find_known(PROFILES[SEED][kind]), folder)
    return tmp_path / "models"


def _vggish(folder: Path) -> Path:
    from models.encoders.vggish_network import VggishShape

    shape = VggishShape(channels=(2, 2, 4, 4, 4, 4), hidden=(16, 16))
    numbers = np.random.default_rng(0)
    folder.mkdir()
    weights = {name: numbers.normal(0, 0.2, size).astype(np.float32) for name, size in shape.weights().items()}
    save_file(weights, folder / "model.safetensors")
    return folder


def run(music: Music) -> Iterator[Progress]:
    return index(music.library, [music.folder], counts=Counts(), workers=1)


def active(music: Music) -> list[tuple[str]]:
    return music.ask("SELECT name FROM spaces WHERE active")


def test_seed_takes_its_encoders_and_its_space_and_gives_them_back(music: Music, models: Path) -> None:
    list(run(music))
    before = music.ask(VECTORS)
    with Store(music.library) as store:
        switch = use(store, models, [SEED])
        assert (switch.profile, profile_of(store)) == (SEED, SEED)
    assert switch.changed.keys() == {"text", "cover", "audio"}
    for stage in ("listening", "looking at covers"):
        moments = run(music)
        next(moment for moment in moments if moment.stage == stage and moment.done)
        moments.close()  # type: ignore[attr-defined]
        assert (music.ask(VECTORS), active(music)) == (before, [(EMBEDDED,)])
    list(run(music))
    names = {(m, encoder.partition("@")[0]) for _, m, encoder, _ in music.ask(VECTORS)}
    assert names == {
        ("audio", "vggish"), ("cover", PROFILES[SEED]["cover"]), ("graph", "randne-hash"),
        ("lyrics", "mxbai-embed-large-v1"), ("playlists", "playlist-hash"), ("tags", "mxbai-embed-large-v1"),
    }  # fmt: skip
    assert active(music) == [(SEED,)]
    assert Explorer(music.library).search("soft green moss", count=3).hits
    assert Explorer(music.library).similar(music.id(NOON), count=3).hits
    with Store(music.library) as store:
        use(store, models, [EMBEDDED])
    list(run(music))
    assert (music.ask(VECTORS), active(music)) == (before, [(EMBEDDED,)])
