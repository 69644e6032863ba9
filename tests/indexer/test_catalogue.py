"""The light reader: lists in windows, search as you type in any spelling, cards and counts."""

import os
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import mutagen
import pytest

from indexer.catalogue import ORDERS, Catalogue
from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.pipeline import index
from tests.indexer.reading.audio_files import make_audio

FATHA, DAMMA, SHADDA, SUKUN, TATWEEL = "\u064e", "\u064f", "\u0651", "\u0652", "\u0640"

NAMES = {
    "moon": (f"قَم{FATHA}ر{SUKUN} الشَّتاء", "نور الدين الحلبي"),  # harakat
    "stretched": (f"ي{TATWEEL * 4}ا لي{TATWEEL}لي", "نور الدين الحلبي"),
    "question": ("أسئلة الريح", "هُدى"),  # hamza on alef; ta marbuta; alef maqsura
    "under": ("إلى الجبل", "هدى"),
    "madda": ("آخر المَوج", "منى"),
    "wasla": ("ٱلنهر", "منى"),
    "marbuta": ("ساعة البحيرة", "منى"),
    "persian": ("کوچه", "یاسمین"),
    "shadda": (f"حب{SHADDA}ك", f"رَب{SHADDA}اب"),
    "composed": (unicodedata.normalize("NFC", "Größe"), unicodedata.normalize("NFC", "Zoë Kühn")),
    "decomposed": (unicodedata.normalize("NFD", "Crème brûlée"), unicodedata.normalize("NFD", "Éloïse")),
    "slashed": ("Sjøen", "Ærlig Østby"),
    "vietnamese": (unicodedata.normalize("NFD", "Đường về"), "Nguyễn Lộc"),
    "polish": ("Łódź nocą", "Żaneta"),
    "one": ("雪", "林"),
    "two": ("雪山", "小林"),
    "kana": ("さくら道", "ミナ"),
    "hangul": ("바람의 노래", "하늘"),
    "wide": ("ＮＩＧＨＴ　１２", "Ａｋｉ"),
    "cyrillic": ("Ёлка и огни", "Йорик"),
    "slash": ("Volt Again", "AC/DC"),
    "ampersand": ("Bridge", "Simon & Garfunkel"),
    "apostrophe": ("Don’t Wait", "D'Angela"),
    "short": ("Io", "U9"),
}

ASKED = {
    "قمر الشتاء": {"moon"},
    "قَمَر الشِّتاء": {"moon"},
    "نور الدين": {"moon", "stretched"},
    "يا ليلي": {"stretched"},
    f"ليل{TATWEEL}ي": {"stretched"},
    "اسئله الريح": {"question"},
    "أسئلة": {"question"},
    "هدى": {"question", "under"},
    "هدي": {"question", "under"},
    "الي الجبل": {"under"},
    "اخر الموج": {"madda"},
    "النهر": {"wasla"},
    "ساعه": {"marbuta"},
    "البحيره": {"marbuta"},
    "كوچه": {"persian"},
    "ياسمين": {"persian"},
    "حبك": {"shadda"},
    "رباب": {"shadda"},
    "grosse": {"composed"},
    "größe": {"composed"},
    "zoe kuhn": {"composed"},
    unicodedata.normalize("NFD", "Zoë"): {"composed"},
    "creme brulee": {"decomposed"},
    unicodedata.normalize("NFC", "Crème Brûlée"): {"decomposed"},
    "eloise": {"decomposed"},
    "sjoen": {"slashed"},
    "aerlig ostby": {"slashed"},
    "duong ve": {"vietnamese"},
    "nguyen": {"vietnamese"},
    "lodz": {"polish"},
    "雪": {"one", "two"},
    "雪山": {"two"},
    "林": {"one", "two"},
    "小": {"two"},
    "くら": {"kana"},
    "ミ": {"kana"},
    "노래": {"hangul"},
    "night 12": {"wide"},
    "aki": {"wide"},
    "елка": {"cyrillic"},
    "ёлка": {"cyrillic"},
    "ac/dc": {"slash"},
    "AC/DC volt": {"slash"},
    "simon & garfunkel": {"ampersand"},
    "simon garfunkel": {"ampersand"},
    "dont wait": {"apostrophe"},
    "don't wait": {"apostrophe"},
    "dangela": {"apostrophe"},
    "io": {"short"},
    "u9": {"short"},
    "u": {"short"},
    "رب": {"shadda"},
}
"""What is typed -> the tracks that must stand among the first ten."""


@pytest.fixture(scope="module")
def spellings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Index one small file per name, of several formats."""
    folder = tmp_path_factory.mktemp("spellings")
    (folder / "music").mkdir()
    for number, (name, (title, artist)) in enumerate(NAMES.items()):
        file = make_audio(folder / "music" / f"{name}.{('mp3', 'flac', 'opus')[number % 3]}", seed=number % 3)
        tags = mutagen.File(file, easy=True)
        if tags.tags is None:
            tags.add_tags()
        tags["title"], tags["artist"] = [title], [artist]
        tags.save()
    for _ in index(folder / "library", [folder / "music"], workers=1):
        pass
    return folder / "library"


@pytest.mark.parametrize(("text", "names"), ASKED.items(), ids=range(len(ASKED)))
def test_every_spelling_is_found_as_you_type_and_on_enter(spellings: Path, text: str, names: set[str]) -> None:
    for answer in (Catalogue(spellings).suggest(text, limit=10), Explorer(spellings).search(text, count=10)):
        found = [Path(hit.track.path).stem for hit in answer.hits]
        assert names <= set(found)
        assert set(found[: len(names)]) == names


def test_originals_are_shown_and_joint_names_stay_whole(spellings: Path) -> None:
    catalogue = Catalogue(spellings)
    shown = {Path(row.path).stem: (row.title, row.artist) for row in catalogue.window(0, 100)}
    assert shown["marbuta"] == NAMES["marbuta"]
    assert shown["stretched"] == NAMES["stretched"]
    assert shown["decomposed"] == tuple(unicodedata.normalize("NFC", text) for text in NAMES["decomposed"])
    artists = {row[0] for row in catalogue.connection.execute("SELECT name FROM nodes WHERE kind = 'artist'")}
    assert {"AC/DC", "Simon & Garfunkel"} <= artists
    assert not artists & {"AC", "DC", "Simon", "Garfunkel"}


@pytest.mark.parametrize("text", ["yea", "year:", "year:19x", "artist:", "colour:red", 'title:"'])
def test_half_typed_field_finds_nothing_and_says_why(spellings: Path, text: str) -> None:
    answer = Catalogue(spellings).suggest(text)
    assert answer.hits == ()
    assert bool(answer.note) is (text != "yea")


def test_windows_lay_out_the_whole_list_in_every_order(indexed_demo: Path) -> None:
    catalogue = Catalogue(indexed_demo / "library")
    assert catalogue.count() == 36
    for order in ORDERS:
        whole = [row.id for row in catalogue.window(0, 100, order=order)]
        pieces = [row.id for start in range(0, 40, 7) for row in catalogue.window(start, 7, order=order)]
        assert pieces == whole
        assert sorted(whole) == list(range(1, 37))
        assert [row.id for row in catalogue.window(0, 100, order=f"-{order}")] == whole[::-1]
    assert catalogue.window(36, 10) == []
    titles = [row.title for row in catalogue.window(0, 100, order="year")]
    assert titles.index("Blue Corridor") < titles.index("Layali") < titles.index("Signal Lost")


def test_rows_come_in_the_order_asked_and_strangers_are_left_out(indexed_demo: Path) -> None:
    catalogue = Catalogue(indexed_demo / "library")
    assert [row.id for row in catalogue.rows([9, 999, 2, 9])] == [9, 2, 9]
    row = catalogue.rows([1])[0]
    assert os.path.isfile(row.path)
    assert row.duration_seconds == pytest.approx(12.0, abs=0.2)


def test_card_tells_what_the_file_says(indexed_demo: Path) -> None:
    catalogue = Catalogue(indexed_demo / "library")
    [hit] = catalogue.suggest('title:"two lamps"').hits
    card = catalogue.card(hit.track.id)
    assert (card["title"], card["album"], card["year"]) == ("Two Lamps", "Letters from the Harbour", 2011)
    assert ("Marisol Vey", "composer") not in {(credit["name"], credit["role"]) for credit in card["credits"]}
    assert "artist" in {credit["role"] for credit in card["credits"]}
    assert card["lyrics"].startswith("Two lamps are burning")
    assert card["playlists"] == ["Evening walk"]
    assert {attribute["name"] for attribute in card["attributes"]} >= {"loudness_lufs", "brightness_hz"}
    assert (catalogue.cover(card["cover_hash"]) or b"").startswith(b"\xff\xd8")
    assert catalogue.card(999) == {}
    assert catalogue.cover("none") is None


def test_every_thread_may_ask(indexed_demo: Path) -> None:
    catalogue = Catalogue(indexed_demo / "library")
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(catalogue.suggest("harbour").hits))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_reading_writes_nothing(indexed_demo: Path) -> None:
    before = (indexed_demo / "library" / "library.db").stat().st_mtime_ns
    catalogue = Catalogue(indexed_demo / "library")
    catalogue.suggest("sea")
    catalogue.summary()
    with pytest.raises(Exception, match="readonly"):
        catalogue.connection.execute("DELETE FROM tracks")
    assert (indexed_demo / "library" / "library.db").stat().st_mtime_ns == before


def test_no_library_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="fairouz-tui index"):
        Catalogue(tmp_path)
    (tmp_path / "library.db").write_bytes(b"this is no database, " * 100)
    with pytest.raises(IndexerError, match="cannot read the library"):
        Catalogue(tmp_path)


def test_reader_imports_nothing_heavy(indexed_demo: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from indexer.catalogue import Catalogue; "
        "c = Catalogue(Path(sys.argv[1])); c.suggest('sea'); c.window(0, 5); c.summary(); c.card(1); "
        "print(sorted({'torch', 'numpy', 'faiss', 'sqlite_utils', 'PIL', 'av'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(indexed_demo / "library")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
