"""The pictures of docs/tour.md are made by the app itself: `pytest tests/fairouz_tui/test_tour.py --snapshot-update`.

Each scene is played on the demo's library. What it must show is asked of the screen as it is now and of the picture in
the docs, so that a picture that no longer shows what the app does is noticed.
"""

import html
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fairouz_tui.app import FairouzApp
from tests.fairouz_tui.driving import explore, rest, until

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "tour.md").read_text("utf-8")
SIZE = (120, 36)


@dataclass(frozen=True)
class Scene:
    """Keys to press one after the other, and what stands on the screen then."""

    name: str
    keys: tuple[str, ...]
    shows: tuple[str, ...]


SCENES = (
    Scene("explore", ("j",), ("36 tracks", "Library", "Title", "About", "BPM")),
    Scene("similar", ("m", "j", "e"), ("Like ", "Near %", "Why", "audio", "graph", "score")),
    Scene("lyrics", (*"jjjjmje", *["right_square_bracket"] * 2), ("Like ", "lyrics", "of a score of", "Marisol Vey")),
    Scene("facets", ("F",), ("Facets", "artist", "album", "genre")),
    Scene("faders", ("m", "f", "right", "right", "right"), ("Faders", "audio 1.3")),
    Scene("mix", ("m", "j", "plus", "j", "minus"), (" + ", " − ")),
    Scene("modalities", ("t",), ("By modality", "everything together", "sounds alike", "no place in a playlist")),
    Scene("graph", ("v", "enter"), ("Graph", "ied to", "track")),
    Scene("map", ("M",), ("Map", "joint space", "Clusters", "36 tracks")),
    Scene("card", ("c",), ("Track", "Sound", "Lyrics")),
    Scene("index", ("I",), ("Indexing", "Music folders", "last run")),
    Scene("settings", ("S", "j"), ("Settings", "theme", "fairouz", "per_artist")),
    Scene("help", ("question_mark",), ("Keys", "Explore")),
)


def shown(svg: str) -> str:
    """Return the words of a picture, a space where the picture has any number of them."""
    texts = (html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    return re.sub(r"\s+", " ", " ".join(texts))


@pytest.fixture(autouse=True)
def no_blinking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input.cursor_blink, "_default", False)


async def played(pilot: Pilot[None], scene: Scene) -> str:
    """Play a scene and return the picture."""
    await explore(pilot)
    pilot.app.animation_level = "none"
    for key in scene.keys:
        await pilot.press(key)
        await rest(pilot)
    picture = ""

    def there() -> bool:
        nonlocal picture
        picture = pilot.app.export_screenshot(title="fairouz")
        return all(words in shown(picture) for words in scene.shows)

    try:
        await until(pilot, there)
    except AssertionError:
        missing = [words for words in scene.shows if words not in shown(picture)]
        pytest.fail(f"not on the screen: {missing}; it shows: {shown(picture)}")
    return picture


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_the_tour_shows_what_the_app_shows(library: Path, scene: Scene, request: pytest.FixtureRequest) -> None:
    file = DOCS / "tour" / f"{scene.name}.svg"
    with sqlite3.connect(library / "library.db") as connection:
        connection.execute("UPDATE roots SET path = ?", (b"/music/demo",))  # not where this machine keeps its files
    app = FairouzApp(library, config_file=Path("~/.config/fairouz-tui/config.toml"))
    async with app.run_test(size=SIZE) as pilot:
        picture = await played(pilot, scene)
    if request.config.getoption("update_snapshots"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(picture, "utf-8")
    assert f"(tour/{scene.name}.svg)" in PAGE
    kept = shown(file.read_text("utf-8"))
    assert [words for words in scene.shows if words not in kept] == []


def test_every_picture_of_the_tour_is_made_here() -> None:
    named = set(re.findall(r"\(tour/(\w+)\.svg\)", PAGE))
    assert named == {scene.name for scene in SCENES} == {file.stem for file in (DOCS / "tour").glob("*.svg")}
