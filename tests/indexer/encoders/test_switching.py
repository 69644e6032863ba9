"""A library whose encoder is exchanged: stopped on the way, gone on with, given up, with a disk that is not there."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.encoders.fetch import add
from indexer.encoders.folder import find_known, remove
from indexer.encoders.profiles import SEED, chosen, encoders_of, profile_of, use, wanted
from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.pipeline import index
from indexer.progress import Counts, Progress
from indexer.storing.store import Store
from indexer.storing.switching import staged_encoders
from models.encoders.known import KNOWN
from models.encoders.names import COVER_ENCODER
from models.modality import Modality
from tests.indexer.small_music import Music
from tests.models.tiny_open_clip import make_tiny_open_clip

OPEN_CLIP = "open-clip:CLIP-ViT-B-32-laion2B-s34B-b79K"
COVERS = "SELECT track_id, encoder, vector FROM vectors WHERE modality = 'cover' ORDER BY track_id"
BLOCKS = "SELECT track_id, space_id, block FROM blocks ORDER BY track_id"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_open_clip(tmp_path_factory.mktemp("tiny") / "CLIP-ViT-B-32-laion2B-s34B-b79K")


@pytest.fixture(autouse=True)
def small_dimension(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small model be known by its dimension."""
    small = tuple(replace(one, dimension=16) if one.name == OPEN_CLIP else one for one in KNOWN)
    monkeypatch.setattr("models.encoders.known.KNOWN", small)


@pytest.fixture
def models(music: Music, tiny: Path) -> Path:
    """Return a folder of models, beside the library, that holds a small OpenCLIP model under the large one's name."""
    folder = music.library.parent / "models"
    add(folder, find_known(OPEN_CLIP), tiny)
    return folder


def choose(music: Music, models: Path, *names: str) -> dict[str, tuple[str, str, int]]:
    with Store(music.library) as store:
        return use(store, models, list(names)).changed


def run(music: Music) -> Iterator[Progress]:
    return index(music.library, [music.folder], counts=Counts(), workers=1)


def stop_at(music: Music, stage: str) -> None:
    """Stop a run after the first batch of a stage, as Ctrl-C does."""
    moments = run(music)
    for moment in moments:
        if moment.stage == stage:
            moments.close()  # type: ignore[attr-defined]
            return
    raise AssertionError(f"no stage {stage}")


def test_nothing_changes_until_the_new_encoder_has_read_everything(music: Music, models: Path) -> None:
    old = music.ask(COVERS), music.ask(BLOCKS)
    assert choose(music, models, OPEN_CLIP) == {"cover": (COVER_ENCODER, OPEN_CLIP, len(old[0]))}
    assert (music.ask(COVERS), music.ask(BLOCKS)) == old
    stop_at(music, "looking at covers")
    assert (music.ask(COVERS), music.ask(BLOCKS)) == old
    with Store(music.library) as store:
        assert staged_encoders(store.connection).keys() == {Modality.COVER}
    answer = Explorer(music.library).similar(old[0][0][0], count=9)
    assert answer.hits
    assert Explorer(music.library).similar(old[0][0][0], count=9, modality="cover").hits
    staged = music.ask("SELECT * FROM staged_vectors ORDER BY track_id")
    assert [row[0] for row in staged] == [row[0] for row in old[0]]
    moments = [moment for moment in run(music) if moment.stage == "looking at covers"]
    assert moments == []  # nothing is looked at twice
    assert {encoder.partition("@")[0] for _, encoder, _ in music.ask(COVERS)} == {OPEN_CLIP}
    assert [vector for *_, vector in music.ask(COVERS)] == [row[5] for row in staged]
    assert music.ask("SELECT * FROM staged_vectors") == []
    assert music.ask(BLOCKS) != old[1]
    for hit in Explorer(music.library).similar(old[0][0][0], count=9).hits:
        assert hit.score == pytest.approx(sum(hit.contributions.values()), abs=1e-12)


def test_a_switch_given_up_leaves_no_trace(music: Music, models: Path) -> None:
    list(run(music))
    old = music.ask(COVERS), music.ask(BLOCKS)
    choose(music, models, OPEN_CLIP)
    stop_at(music, "looking at covers")
    assert choose(music, models, "fairouz-cover").keys() == {"cover"}
    list(run(music))
    assert (music.ask(COVERS), music.ask(BLOCKS)) == old
    assert music.ask("SELECT * FROM staged_vectors") == []


def test_tracks_that_come_and_go_during_a_switch(music: Music, models: Path) -> None:
    choose(music, models, OPEN_CLIP)
    stop_at(music, "looking at covers")
    (with_cover, *_) = [row[0] for row in music.ask(COVERS)]
    path = next(path for path, track_id in music.ids().items() if track_id == with_cover)
    Path(path).rename(Path(path).with_name("99 Renamed.mp3"))
    list(run(music))
    covers = music.ask(COVERS)
    assert with_cover in [row[0] for row in covers]
    assert {encoder.partition("@")[0] for _, encoder, _ in covers} == {OPEN_CLIP}


def test_an_encoder_that_is_gone_leaves_the_old_vectors_in_use(music: Music, models: Path) -> None:
    choose(music, models, OPEN_CLIP)
    list(run(music))
    after = music.ask(COVERS)
    remove(models, find_known(OPEN_CLIP))
    (music.folder / "Bo/cover.jpg").write_bytes((music.folder / "Ada/Blue/cover.jpg").read_bytes())
    notes = [moment.note for moment in run(music) if moment.stage == "looking at covers"]
    assert len(notes) == 1
    assert notes[0].startswith(f"{OPEN_CLIP} is not in {models}: `fairouz-tui encoders fetch")
    assert notes[0].endswith("until then the vectors that are there stay in use")
    assert music.ask(COVERS) == after
    assert Explorer(music.library).similar(after[0][0], count=9).hits


def test_it_is_read_with_as_soon_as_it_is_back(music: Music, models: Path, tiny: Path) -> None:
    choose(music, models, OPEN_CLIP)
    remove(models, find_known(OPEN_CLIP))
    list(run(music))
    assert {encoder for _, encoder, _ in music.ask(COVERS)} == {COVER_ENCODER}
    add(models, find_known(OPEN_CLIP), tiny)
    list(run(music))
    assert {encoder.partition("@")[0] for _, encoder, _ in music.ask(COVERS)} == {OPEN_CLIP}
    assert list(run(music))[-1].stage not in ("joint space", "looking at covers")


def test_damaged_files_are_named_and_not_loaded(music: Music, models: Path) -> None:
    choose(music, models, OPEN_CLIP)
    config = models / "CLIP-ViT-B-32-laion2B-s34B-b79K" / "open_clip_config.json"
    config.write_text(config.read_text() + " ")
    notes = [moment.note for moment in run(music) if moment.stage == "looking at covers"]
    assert len(notes) == 1
    assert f"{OPEN_CLIP} is damaged: open_clip_config.json differs from what came first" in notes[0]
    with pytest.raises(IndexerError, match="is damaged"):
        choose(music, models, OPEN_CLIP)


def test_an_encoder_of_another_dimension_is_one_line(
    music: Music, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(music, models, OPEN_CLIP)
    before = music.ask(COVERS)
    monkeypatch.setattr("models.encoders.known.KNOWN", KNOWN)
    notes = [moment.note for moment in run(music) if moment.stage == "looking at covers"]
    assert len(notes) == 1
    assert re.search(r"\b16\b.*\b512\b", notes[0])
    assert "\n" not in notes[0]
    assert music.ask(COVERS) == before


def test_a_profile_needs_all_its_encoders(music: Music, models: Path) -> None:
    with pytest.raises(IndexerError, match=r"mxbai-embed-large-v1 is not in .*`fairouz-tui encoders fetch mxbai"):
        choose(music, models, SEED)
    with Store(music.library) as store:
        assert profile_of(store) == "embedded"
        assert chosen(store, "cover") is None


def test_names_and_profiles_make_a_choice() -> None:
    own = {"text": "t@1", "cover": "c@1", "audio": "a@1"}
    assert wanted(["clap-music", "multilingual-e5-large"], own) == {
        "text": "multilingual-e5-large",
        "cover": "c@1",
        "audio": "clap-music",
    }
    seed = wanted([SEED], own)
    assert seed == {"text": "mxbai-embed-large-v1", "cover": OPEN_CLIP, "audio": "vggish"}
    assert wanted([SEED, "CLIP-ViT-B-32-laion2B-s34B-b79K", "fairouz-audio"], own)["audio"].startswith("fairouz-audio@")
    assert wanted(["embedded"], seed)["text"].startswith("all-MiniLM")
    with pytest.raises(IndexerError, match='there is no encoder "nothing": known are mxbai'):
        wanted(["nothing"], own)


def test_a_choice_survives_a_library_that_is_moved(music: Music, tiny: Path, tmp_path: Path) -> None:
    inside = music.library / "models"
    add(inside, find_known(OPEN_CLIP), tiny)
    choose(music, inside, OPEN_CLIP)
    moved = tmp_path / "moved"
    music.library.rename(moved)
    with Store(moved) as store:
        choice = chosen(store, "cover")
        assert choice is not None
        assert choice.folder() == moved / "models" / "CLIP-ViT-B-32-laion2B-s34B-b79K"
        assert encoders_of(store)["cover"] == OPEN_CLIP
