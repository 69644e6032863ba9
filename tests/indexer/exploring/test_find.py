"""Which track is meant: an id, a path in or outside the library, or words, alone or among several."""

import os
import re
from pathlib import Path

import pytest

from indexer.catalogue import Catalogue
from indexer.errors import TrackNotFoundError
from indexer.explorer import Explorer
from indexer.exploring.find import Found, find_track
from tests.indexer.exploring.shelf import Row, shelve


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    rows = (
        Row("Thunderstruck", "AC/DC"),
        Row("Monkey Shines", "Jonathan Coulton"),
        Row("Code Monkey", "Jonathan Coulton"),
        Row("1999", "Prince"),
        *(Row(f"Prelude No. {number}", "Chopin") for number in range(1, 8)),
        Row("Hello", "Adele"),
        Row("Hello", "Lionel Richie"),
    )
    return Catalogue(shelve(tmp_path_factory.mktemp("find"), *rows))


@pytest.mark.parametrize(
    ("text", "track_id"),
    [
        ("3", 3),
        ("0003", 3),
        ("code monkey", 3),
        ("CODE  monkey!", 3),
        ("jonathan coulton - code monkey", 3),
        ("coulton shines", 2),
        ("thunderstruck", 1),
        ("AC/DC - Thunderstruck", 1),
        ("ac/dc thunderstruck", 1),
        ("prince 1999", 4),
        ("adele hello", 12),
        ("prelude no. 3", 7),
    ],
)
def test_what_is_meant_is_found(catalogue: Catalogue, text: str, track_id: int) -> None:
    assert find_track(catalogue, text) == Found(track_id)
    assert find_track(catalogue, text, first=True) == Found(track_id)


@pytest.mark.parametrize(
    ("text", "listed"), [("monkey", {2, 3}), ("hello", {12, 13}), ("chopin prelude", {5, 6, 7, 8, 9, 10, 11})]
)
def test_several_are_listed_with_up_to_five_ids(catalogue: Catalogue, text: str, listed: set[int]) -> None:
    with pytest.raises(TrackNotFoundError) as caught:
        find_track(catalogue, text)
    ids = {int(number) for number in re.findall(r"(\d+) (?:Jonathan|Adele|Lionel|Chopin)", str(caught.value))}
    assert ids <= listed
    assert len(ids) == min(5, len(listed))
    assert find_track(catalogue, text, first=True).track_id in listed


@pytest.mark.parametrize(
    "text",
    ["", " ", "zzz", "99", "9" * 30, "/not/there/hello.mp3", "./hello.mp3", "../code monkey.ogg", "-", '"'],
)
def test_what_is_not_there_says_so(catalogue: Catalogue, text: str) -> None:
    for first in (False, True):
        with pytest.raises(TrackNotFoundError):
            find_track(catalogue, text, first=first)


@pytest.mark.parametrize(
    ("text", "nearest"), [("the code of silence", {"3"}), ("hello to nobody i know", {"12", "13"})]
)
def test_what_shares_little_with_any_track_is_not_taken_for_one(
    catalogue: Catalogue, text: str, nearest: set[str]
) -> None:
    for first in (False, True):
        with pytest.raises(TrackNotFoundError, match=f'^no track matches "{text}"; nearest: ') as caught:
            find_track(catalogue, text, first=first)
        assert set(re.findall(r"(\d+) (?:Jonathan|Adele|Lionel)", str(caught.value))) == nearest


def test_path_of_a_track_is_that_track(
    explorer: Explorer, ids: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    [row] = explorer.catalogue.rows([ids["Layali"]])
    assert find_track(explorer.catalogue, row.path) == Found(row.id)
    folder, name = os.path.split(row.path)
    monkeypatch.chdir(folder)
    for path in (name, f"./{name}", f"../{os.path.basename(folder)}/{name}"):
        assert find_track(explorer.catalogue, path) == Found(row.id)


def test_path_through_a_link_is_that_track(explorer: Explorer, ids: dict[str, int], tmp_path: Path) -> None:
    [row] = explorer.catalogue.rows([ids["Layali"]])
    (tmp_path / "link.mp3").symlink_to(row.path)
    (tmp_path / "folder").symlink_to(os.path.dirname(row.path))
    assert find_track(explorer.catalogue, str(tmp_path / "link.mp3")) == Found(row.id)
    assert find_track(explorer.catalogue, str(tmp_path / "folder" / os.path.basename(row.path))) == Found(row.id)


def test_linked_file_inside_the_library_is_its_track(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", Row("Linked"))
    (tmp_path / "music").mkdir()
    (tmp_path / "elsewhere.mp3").write_bytes(b"")
    (tmp_path / "music" / "00001.mp3").symlink_to(tmp_path / "elsewhere.mp3")
    _root_is(library, tmp_path / "music")
    assert find_track(Catalogue(library), str(tmp_path / "music" / "00001.mp3")) == Found(1)


def test_file_outside_is_a_file(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hello").write_bytes(b"")
    (tmp_path / "thunderstruck").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_track(catalogue, str(tmp_path / "hello")) == Found(file=str(tmp_path / "hello"))
    assert find_track(catalogue, "hello") == Found(file="hello")
    # A folder that happens to stand here is no track, whatever its name.
    assert find_track(catalogue, "thunderstruck") == Found(1)


def test_missing_file_of_the_library_is_still_its_track(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", Row("Gone"))
    _root_is(library, tmp_path / "music")
    assert find_track(Catalogue(library), str(tmp_path / "music" / "00001.mp3")) == Found(1)


def _root_is(library: Path, music: Path) -> None:
    from indexer.storing.store import Store

    with Store(library) as store, store.writing() as connection:
        connection.execute("UPDATE roots SET path = ?", (os.fsencode(music),))
