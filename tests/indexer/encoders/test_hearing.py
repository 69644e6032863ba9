"""A library heard by VGGish: vectors from pictures of the sound, words from our own analysis, disks that are away."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from indexer.encoders.audio import pictures
from indexer.encoders.fetch import add
from indexer.encoders.folder import find_known, remove
from indexer.encoders.profiles import use
from indexer.explorer import Explorer
from indexer.pipeline import index
from indexer.progress import Counts, Progress
from indexer.storing.store import Store
from models.encoders import vggish_features
from models.encoders.names import AUDIO_ENCODER
from tests.indexer.small_music import FERN, NOON, Music

SOUND = "SELECT track_id, encoder, dimension, vector FROM vectors WHERE modality = 'audio' ORDER BY track_id"
SAID = ("SELECT * FROM sounds ORDER BY track_id",)


@pytest.fixture(scope="module")
def vggish(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a VGGish with thin layers and its published 128 numbers."""
    from models.encoders.vggish_network import VggishShape

    shape = VggishShape(channels=(2, 2, 4, 4, 4, 4), hidden=(16, 16))
    numbers = np.random.default_rng(0)
    weights = {name: numbers.normal(0, 0.2, size).astype(np.float32) for name, size in shape.weights().items()}
    folder = tmp_path_factory.mktemp("vggish")
    save_file(weights, folder / "model.safetensors")
    return folder


@pytest.fixture
def models(music: Music, vggish: Path) -> Path:
    folder = music.library.parent / "models"
    add(folder, find_known("vggish"), vggish)
    return folder


def choose(music: Music, models: Path, *names: str) -> None:
    with Store(music.library) as store:
        use(store, models, list(names))


def run(music: Music) -> Iterator[Progress]:
    return index(music.library, [music.folder], counts=Counts(), workers=1)


def test_sound_is_heard_by_vggish_and_described_by_us(music: Music, models: Path) -> None:
    before = music.ask(SOUND), [music.ask(query) for query in SAID]
    assert {row[1] for row in before[0]} == {AUDIO_ENCODER}
    choose(music, models, "vggish")
    moments = run(music)
    for moment in moments:
        if moment.stage == "listening" and moment.done == 4:
            moments.close()  # type: ignore[attr-defined]
            break
    assert music.ask(SOUND) == before[0]
    list(run(music))
    after = music.ask(SOUND)
    assert [row[0] for row in after] == [row[0] for row in before[0]]
    assert {(row[1].partition("@")[0], row[2]) for row in after} == {("vggish", 128)}
    assert all(abs(np.linalg.norm(np.frombuffer(row[3], np.float16).astype(np.float32)) - 1) < 1e-3 for row in after)
    assert [music.ask(query) for query in SAID] == before[1]
    first = music.id(NOON)
    assert Explorer(music.library).similar(first, count=9, modality="audio").hits
    for hit in Explorer(music.library).similar(first, count=9).hits:
        assert hit.score == pytest.approx(sum(hit.contributions.values()), abs=1e-12)


def test_a_disk_that_is_away_keeps_the_switch_waiting(music: Music, models: Path) -> None:
    other = music.folder.parent / "other"
    (other / "Di").mkdir(parents=True)
    (music.folder / FERN).rename(other / "Di/Fern.flac")
    list(index(music.library, [music.folder, other], counts=Counts(), workers=1))
    before = music.ask(SOUND)
    assert len(before) == 10
    choose(music, models, "vggish")
    away = other.rename(other.with_name("unplugged"))
    counts = Counts()
    list(index(music.library, [music.folder], counts=counts, workers=1))
    assert [note for note in counts.notes if "vggish" in note] == [
        "vggish has not read the audio of 1 track yet: the encoders before it stay in use"
    ]
    assert music.ask(SOUND) == before
    away.rename(other)
    list(index(music.library, (), counts=Counts(), workers=1))
    assert {row[1].partition("@")[0] for row in music.ask(SOUND)} == {"vggish"}
    assert len(music.ask(SOUND)) == 10


def test_without_the_model_nothing_is_lost(music: Music, models: Path) -> None:
    choose(music, models, "vggish")
    list(run(music))
    after = music.ask(SOUND)
    remove(models, find_known("vggish"))
    (music.folder / NOON).rename((music.folder / NOON).with_name("02 Moved.mp3"))
    notes = {moment.note for moment in run(music) if moment.stage == "listening"}
    assert len(notes) == 1
    assert "convert its weights (docs/converting.md), then `fairouz-tui encoders add vggish DIR`" in notes.pop()
    assert music.ask(SOUND) == after
    choose(music, models, "fairouz-audio")
    list(run(music))
    assert {row[1] for row in music.ask(SOUND)} == {AUDIO_ENCODER}


def test_workers_make_the_pictures_without_torch(music: Music) -> None:
    made = pictures(str(music.folder / NOON), "vggish")
    assert made.shape == (2, vggish_features.FRAMES, vggish_features.BANDS)
    assert np.isfinite(made).all()
