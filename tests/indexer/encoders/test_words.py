"""A library whose words are read by a fetched model: another script, questions, and what it falls back to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.encoders import asked_encoder, query_reader, scripts_of, text_encoder
from indexer.encoders.fetch import add
from indexer.encoders.folder import find_known, remove
from indexer.encoders.profiles import use
from indexer.explorer import Explorer
from indexer.pipeline import index
from indexer.progress import Counts, Progress
from indexer.storing.store import Store
from models.encoders.known import KNOWN
from models.encoders.names import TEXT_ENCODER
from tests.indexer.small_music import CLAY, MOSS, Music, retag
from tests.models.tiny_hub import SIZES, TOKENS, make_tiny_text

NAME = "multilingual-e5-large"
ARABIC = "نسم علينا الهوى من مفرق الوادي\nيا هوى دخل الهوى خذني على بلادي\n"
WORDS = "SELECT track_id, modality, encoder FROM vectors WHERE modality IN ('tags', 'lyrics') ORDER BY 1, 2"


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small model be known by its dimension and its longest text; run it where every machine can."""
    small = (replace(one, dimension=SIZES["hidden_size"], tokens=TOKENS) if one.name == NAME else one for one in KNOWN)
    monkeypatch.setattr("models.encoders.known.KNOWN", tuple(small))
    monkeypatch.setenv("FAIROUZ_DEVICE", "cpu")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_text(tmp_path_factory.mktemp("tiny") / NAME, "xlm-roberta")


@pytest.fixture
def models(music: Music, tiny: Path) -> Path:
    folder = music.library.parent / "models"
    add(folder, find_known(NAME), tiny)
    return folder


@pytest.fixture
def arabic(music: Music) -> int:
    """Give one track Arabic lyrics and an Arabic title beside them."""
    (music.folder / CLAY).with_suffix(".txt").write_text(ARABIC, "utf-8")
    retag(music.folder / CLAY, title="نسم علينا الهوى", genre="", date="")
    list(run(music))
    return music.id(CLAY)


def choose(music: Music, models: Path, *names: str) -> None:
    with Store(music.library) as store:
        use(store, models, list(names))


def run(music: Music) -> Iterator[Progress]:
    return index(music.library, [music.folder], counts=Counts(), workers=1)


def test_a_multilingual_model_reads_what_was_masked(music: Music, models: Path, arabic: int) -> None:
    assert [row for row in music.ask(WORDS) if row[:2] == (arabic, "lyrics")] == []
    assert music.id(MOSS) in [row[0] for row in music.ask(WORDS) if row[1] == "lyrics"]
    choose(music, models, NAME)
    list(run(music))
    rows = music.ask(WORDS)
    assert {row[2].partition("@")[0] for row in rows} == {NAME}
    assert (arabic, "lyrics") in [row[:2] for row in rows]
    answer = Explorer(music.library).search("نسم علينا الهوى", count=3)
    assert answer.hits[0].track.id == arabic
    assert {"tags", "lyrics"} & answer.hits[0].contributions.keys()
    lines = Explorer(music.library).explain(arabic, music.id(MOSS)).evidence["lyrics"]
    assert lines["a"] in ARABIC.splitlines()
    assert lines["b"] in ("soft green moss", "under the trees")
    choose(music, models, "embedded")
    list(run(music))
    rows = music.ask(WORDS)
    assert {row[2] for row in rows} == {TEXT_ENCODER}
    assert [row for row in rows if row[:2] == (arabic, "lyrics")] == []


def test_questions_are_read_by_what_made_the_vectors(music: Music, models: Path) -> None:
    choose(music, models, NAME)
    before = Explorer(music.library).session()
    assert query_reader(before).encoder == TEXT_ENCODER
    assert Explorer(music.library).search("soft green moss", count=3).hits
    list(run(music))
    session = Explorer(music.library).session()
    reader = query_reader(session)
    assert reader.encoder == asked_encoder(session)
    assert reader.encoder.partition("@")[0] == NAME
    assert scripts_of(reader.encoder) == "any"
    with Store(music.library) as store:
        stored = text_encoder(store)
    texts = ["soft green moss", ARABIC, ""]
    assert np.abs(reader.encode_whole(texts) - stored.encode(texts)).max() < 1e-5
    # The card asks for another prompt before what is searched for than before what is stored.
    assert np.abs(reader.encode(texts) - stored.encode(texts))[:2].max() > 1e-3
    answer = Explorer(music.library).search("soft green moss", count=3)
    assert answer.hits
    assert all(hit.score == pytest.approx(sum(hit.contributions.values()), abs=1e-12) for hit in answer.hits)


def test_without_its_model_a_library_is_searched_by_spelling(music: Music, models: Path) -> None:
    choose(music, models, NAME)
    list(run(music))
    remove(models, find_known(NAME))
    answer = Explorer(music.library).search("moss", count=3)
    assert [hit.track.title for hit in answer.hits] == ["Moss"]
    assert answer.hits[0].contributions.keys() == {"words"}
    assert answer.note.startswith(f"searched by words alone: {NAME} is not in {models}: `fairouz-tui encoders fetch")
    assert Explorer(music.library).similar(music.id(MOSS), count=3).hits


def test_another_revision_does_not_answer(music: Music, models: Path, tmp_path: Path) -> None:
    choose(music, models, NAME)
    list(run(music))
    remove(models, find_known(NAME), forget=True)
    add(models, find_known(NAME), make_tiny_text(tmp_path / "other", "xlm-roberta", seed=1))
    note = Explorer(music.library).search("moss", count=3).note
    assert "the library was read by" in note
    assert "run `fairouz-tui index` again" in note
    list(run(music))
    assert Explorer(music.library).search("moss", count=3).note.find("words alone") == -1
    assert len({row[2] for row in music.ask(WORDS)}) == 1


def test_a_missing_device_is_told_and_the_processor_takes_over(
    music: Music, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIROUZ_DEVICE", "cuda:99")
    choose(music, models, NAME)
    notes = [moment.note for moment in run(music) if moment.stage == "reading lyrics" and moment.note]
    assert notes == [f"cuda:99 is not there: {NAME} goes on on the processor, slower"]
    assert {row[2].partition("@")[0] for row in music.ask(WORDS)} == {NAME}
