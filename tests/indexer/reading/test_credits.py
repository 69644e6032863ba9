"""Who is credited in an artist line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.credits import (
    featured_in_title,
    is_placeholder,
    known_names,
    split_by_evidence,
    split_featured,
    split_joint,
)
from indexer.track import Credit, Role

KARTS = [
    "Ozoneone & Krobonil",
    "Krobonil & OzoneOne",
    "Ozoneone and Krobonil",
    "Krobonil",
    "Chris Leutwyler (Krobonil)",
]


@pytest.mark.parametrize(
    ("line", "main", "guests"),
    [
        ("A feat. B", "A", ("B",)),
        ("A ft B & C", "A", ("B & C",)),
        ("A (featuring B)", "A", ("B",)),
        ("A [Feat. B] & C", "A & C", ("B",)),
        ("A feat.B feat. C", "A", ("B", "C")),
        ("Little Feat", "Little Feat", ()),
        ("Defeat of Giants", "Defeat of Giants", ()),
        ("feat. B", "feat. B", ()),
        ("", "", ()),
    ],
)
def test_guests_are_set_apart(line: str, main: str, guests: tuple[str, ...]) -> None:
    assert split_featured(line) == (main, guests)


@pytest.mark.parametrize(
    ("title", "guests"),
    [
        ("Séculaire feat. Nÿme", ("Nÿme",)),
        ("Song (feat. B & C) [Live]", ("B & C",)),
        ("Song ft. B (Remix)", ("B",)),
        ("Six ft Under", ()),
        ("No Small Feat", ()),
        ("The Feat of Strength", ()),
    ],
)
def test_guests_named_in_titles(title: str, guests: tuple[str, ...]) -> None:
    assert featured_in_title(title) == guests


@pytest.mark.parametrize(
    "line", ["AC/DC", "Simon & Garfunkel", "Earth, Wind & Fire", "Tyler, The Creator", "Crosby, Stills & Nash"]
)
def test_bands_stay_whole(line: str) -> None:
    library = [line, line.replace("&", "and"), "Kate Bush", "Fire", "Tyler, The Creator & Kali Uchis", "Kali Uchis"]
    assert split_joint(line, known_names(library)) == (line,)


def test_a_run_of_parts_that_is_a_name_stays_together() -> None:
    known = known_names(["Tyler, The Creator", "Tyler, The Creator & Kali Uchis", "Kali Uchis"])
    assert split_joint("Tyler, The Creator & Kali Uchis", known) == ("Tyler, The Creator", "Kali Uchis")


@pytest.mark.parametrize("joint", ["A & B", "A and B", "A, B", "A / B", "A x B", "A vs. B", "A; B", "A + B", "a/b"])
def test_joint_names_are_divided_when_both_stand_alone(joint: str) -> None:
    assert [part.casefold() for part in split_joint(joint, known_names(["A", "b", joint]))] == ["a", "b"]


def test_names_that_change_places_are_evidence() -> None:
    known = known_names(KARTS)
    assert split_joint("Ozoneone & Krobonil", known) == ("Ozoneone", "Krobonil")
    assert split_joint("Krobonil & OzoneOne", known) == ("Krobonil", "OzoneOne")
    assert not known("Chris Leutwyler")


def test_one_order_with_one_part_alone_is_no_evidence() -> None:
    assert split_joint("Nick Cave & The Bad Seeds", known_names(["Nick Cave", "Nick Cave & The Bad Seeds"])) == (
        "Nick Cave & The Bad Seeds",
    )


def test_credits_are_divided_with_their_evidence() -> None:
    credits = [Credit("A & B", Role.ARTIST), Credit("C", Role.FEATURED, "feat.")]
    assert split_by_evidence(credits, known_names(["A", "B"])) == (
        Credit("A", Role.ARTIST, "split"),
        Credit("B", Role.ARTIST, "split"),
        Credit("C", Role.FEATURED, "feat."),
    )
    assert split_by_evidence([], known_names([])) == ()


def test_a_musicbrainz_id_keeps_a_name_whole() -> None:
    credit = Credit("A & B", Role.ARTIST, musicbrainz_id="5441c29d-3602-4898-b1a1-b77fa23b8e50")
    assert split_by_evidence([credit], lambda name: True) == (credit,)


@pytest.mark.parametrize("name", ["Various Artists", " various ", "Unknown", "[unknown]", "<unknown>", "Other", ""])
def test_placeholders(name: str) -> None:
    assert is_placeholder(name)


@pytest.mark.parametrize("name", ["The Others", "Unknown Mortal Orchestra", "Various Cruelties"])
def test_names_that_only_look_like_placeholders(name: str) -> None:
    assert not is_placeholder(name)


ARTISTS = st.lists(
    st.from_regex(r"[A-Z][a-z]{2,8}( [A-Z][a-z]{2,8})?", fullmatch=True), min_size=1, max_size=6, unique=True
)


@given(ARTISTS, st.sampled_from([" & ", ", ", " and ", " / ", " x ", " vs. "]))
def test_what_was_joined_from_known_names_is_divided_into_them(artists: list[str], joint: str) -> None:
    line = joint.join(artists)
    assert split_joint(line, known_names(artists)) == tuple(artists)


@given(ARTISTS, st.sampled_from([" & ", ", ", " and "]))
def test_nothing_is_divided_without_evidence(artists: list[str], joint: str) -> None:
    line = joint.join(artists)
    assert split_joint(line, known_names([line])) == (line,)


@given(st.text(max_size=60))
def test_any_line_keeps_its_text(line: str) -> None:
    parts = split_joint(line, lambda name: True)
    assert all(part in line for part in parts)
    main, guests = split_featured(line)
    assert main == line or (main and guests)
    assert all(guest and guest in line for guest in featured_in_title(line))
