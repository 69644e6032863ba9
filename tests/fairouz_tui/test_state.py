"""What the explorer remembers."""

from pathlib import Path

import pytest

from fairouz_tui.errors import AppError
from fairouz_tui.state import Heard, State, Step, load_state, save_state

FULL = State(
    query="artist:فيروز \udcff",
    trail=(
        Step("search", "warm oud"),
        Step("similar", "genre:tarab", 12, whole=True),
        Step("mix", "", None, 3, "title", (1, 2), (7,)),
        Step("path", "", tracks=(1, 9, 4)),
    ),
    playlist=(3, 1, 2),
    playlist_name="late night",
    playlist_cursor=2,
    marks=(9, 4),
    heard=Heard(12, 80.0, (12, 7), "", 1, True),
    faders={"audio": 2.0, "cover": 0.0},
    sort="artist",
    track_id=7,
    asked=("warm oud", 'artist:"فيروز"'),
    screen="card",
    screen_track=12,
)


def test_state_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.json"
    assert load_state(path) == State()
    save_state(path, state=FULL)
    assert load_state(path) == FULL
    save_state(path, state=State())
    assert load_state(path) == State()
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_state_of_an_older_version_still_loads(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text(
        '{"format": 1, "query": "oud", "trail": [{"kind": "similar", "text": "", "track_id": 12}], "playlist": [3], '
        '"playlist_name": "", "faders": {}, "sort": "artist", "track_id": null}'
    )
    trail = (Step("similar", "", 12),)
    assert load_state(path) == State(query="oud", trail=trail, playlist=(3,), sort="artist")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"format": 0}', '{"format": 1, "query": "x"}', "\x00" * 100]
)
def test_damaged_state_is_set_aside_and_starts_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    assert load_state(path) == State()
    assert (tmp_path / "state.json.damaged").read_text() == text


def test_wrong_type_inside_is_damage_too(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    save_state(path, state=FULL)
    path.write_text(path.read_text().replace('"playlist": [', '"playlist": [{}, ', 1))
    assert load_state(path) == State()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"playlist_cursor": 2', '"playlist_cursor": Infinity'),
        ('"track_id": 7', '"track_id": 1e999'),
        ('"playlist": [', '"playlist": [1180591620717411303424, '),
        ('"marks": [', '"marks": [-1, '),
        ('"memories": {', '"memories": {"x": ' + "[" * 100_000),
    ],
)
def test_numbers_that_are_none_and_endless_nests_are_damage(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "state.json"
    save_state(path, state=FULL)
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    assert load_state(path) == State()


def test_failed_save_keeps_the_old_state_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    save_state(path, state=FULL)
    with pytest.raises(TypeError):
        save_state(path, state=State(query=object()))  # type: ignore[arg-type]
    assert load_state(path) == FULL
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AppError, match="cannot be written"):
        save_state(tmp_path / "file" / "state.json", state=FULL)
