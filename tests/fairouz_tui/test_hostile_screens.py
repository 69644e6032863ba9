"""On every screen a tag that holds anything at all changes nothing but its own cells.

Pinned is what names decide by what they say: in the graph one artist stands alone, so that none comes before another,
and the lyrics that are compared share no word, so that none is lit.
"""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.messages import Explained
from fairouz_tui.reasons.page import TABS
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.modalities import ModalitiesScreen
from indexer.catalogue import Catalogue
from indexer.exploring.answer import TrackRow
from indexer.graph import rebuild_graph
from indexer.storing.store import Store
from indexer.storing.tracks import FileState, put_track
from indexer.track import Credit, Lyrics, Reading, Role, Stream, Tags
from tests.fairouz_tui import hostility
from tests.fairouz_tui.driving import explore, until
from tests.fairouz_tui.hostility import HOSTILE, Cell, assert_only_tags_differ, harmless, path_of, still
from tests.fairouz_tui.test_why_pages import EVIDENCE, explanation

Pictures = dict[str, list[list[Cell]]]
KINDS = [*HOSTILE.values()]
STEPS = (("track", None), ("artist", "artist"), ("track", "feat."))
"""What a path in the graph leads over, and by which link."""
TAGLESS = ("settings", "help")
"""Screens on which no tag is ever shown."""


@dataclass(frozen=True)
class Texts:
    """What the tags of one track hold, each something else."""

    title: str
    artist: str
    album: str
    lyrics: str
    file: str

    @property
    def meek(self) -> "Texts":
        """Return harmless ones of the same widths."""
        lyrics = "\n".join(map(harmless, self.lyrics.splitlines()))
        return Texts(harmless(self.title), harmless(self.artist), harmless(self.album), lyrics, harmless(self.file))


def turn(first: int) -> Texts:
    """Return texts of five kinds, from one of them on."""
    title, artist, album, lyrics, file = [KINDS[(first + at) % len(KINDS)] for at in range(5)]
    return Texts(title, artist, album, lyrics, path_of(file))


TURNS = [turn(first) for first in range(0, len(KINDS), 4)]
"""Every kind of hostile text, each in several tags."""


@pytest.fixture(autouse=True)
def no_blinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cursor of every input from blinking in and out of what is compared."""
    monkeypatch.setattr(Input.cursor_blink, "_default", False)


async def compare(
    tmp_path: Path, texts: Texts, make: Callable[[Path, Texts], Path], look: Callable[[FairouzApp], Awaitable[Pictures]]
) -> None:
    """Fail where the pictures of a hostile library and of a harmless one in the same place are not the same."""
    taken = []
    for of in (texts, texts.meek):
        folder = tmp_path / "library"
        shutil.rmtree(folder, ignore_errors=True)
        taken.append(await look(FairouzApp(make(folder, of), config=Config(reduced_motion=True))))
    hostile, plain = taken
    assert list(plain) == list(hostile)
    for picture, lines in plain.items():
        of_tags = any(sign in (hostility.NARROW, hostility.WIDE) for line in lines for sign, _ in line)
        assert of_tags or picture in TAGLESS, picture
        assert_only_tags_differ(lines, hostile[picture], picture)


def shelf(folder: Path, texts: Texts) -> Path:
    """Write three tracks, a folder that is gone and a file that could not be read."""
    hostility.library_of(
        folder, texts.title, artist=texts.artist, album=texts.album, path=texts.file, lyrics=texts.lyrics
    )
    with Store(folder) as store:
        with store.writing() as connection:
            connection.execute("DELETE FROM credited WHERE role = 'composer'")
            encoded = texts.file.encode("utf-8", "replace")
            connection.execute("INSERT INTO roots VALUES (2, ?, 0, NULL, ?)", (b"/" + encoded, texts.title[:200]))
            connection.execute(
                "INSERT INTO problems VALUES (1, ?, 'read', ?, 1, 1, 0)", (b"bad" + encoded, texts.album[:200])
            )
        rebuild_graph(store)
    return folder


async def walk(app: FairouzApp) -> Pictures:
    """Return what the screens that need no vectors show of the first track."""
    shown: Pictures = {}
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.animation_level = "none"
        screen = await explore(pilot)
        (row,) = Catalogue(app.library.path).rows([1])
        for name in ("graph", "card", "index", "settings"):
            await visited(pilot, screen, name, row)
            shown[name] = await still(pilot)
            if name == "card":
                await pilot.press("tab")
                shown["lyrics"] = await still(pilot)
            await pilot.press("1")
            await until(pilot, lambda: app.screen is screen)
        await pilot.press("a", "F")
        shown["facets"] = await still(pilot)
        await pilot.press("escape", "ctrl+s")
        shown["save"] = await still(pilot)
        await pilot.press("escape", "question_mark")
        shown["help"] = await still(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("g", "x", "e")
        await still(pilot)
        screen.why.post_message(Explained(screen.why._ask, explained(row)))
        await until(pilot, lambda: screen.why._explained is not None)
        for tab in TABS:
            screen.why.open(tab)
            shown[f"why: {tab}"] = await still(pilot)
    return shown


async def visited(pilot: Pilot[None], screen: ExploreScreen, name: str, row: TrackRow) -> None:
    screen.visit(name, track=row)
    await until(pilot, lambda: pilot.app.screen is not screen and pilot.app.screen.focused is not None)


def explained(row: TrackRow) -> Any:
    """Return fixed reasons in which a track's title stands for every name that comes from tags."""
    title = row.title
    evidence: dict[str, Any] = {
        **EVIDENCE,
        "lyrics": {"a": title, "b": "low", "cosine": 0.7, "pairs": [{"a": title, "b": "low", "cosine": 0.7}]},
        "tags": {"shared": [title, title], "a": [title], "b": [title]},
        "graph": {
            "path": [{"kind": kind, "name": title, "via": via, "provenance": "tag"} for kind, via in STEPS],
            "shared": [{"kind": "artist", "name": title, "a": "artist", "b": "featured"}],
        },
        "playlists": {"shared": [title], "places": [{"name": title, "a": 5, "b": 6, "length": 40}]},
    }
    return replace(explanation(evidence=evidence), a=row)


@pytest.mark.parametrize("texts", TURNS, ids=range(len(TURNS)))
async def test_screens_of_tags(tmp_path: Path, texts: Texts) -> None:
    await compare(tmp_path, texts, shelf, walk)


@pytest.mark.parametrize("texts", TURNS, ids=range(len(TURNS)))
async def test_screens_of_vectors(indexed_demo: Path, tmp_path: Path, texts: Texts) -> None:
    def make(folder: Path, texts: Texts) -> Path:
        shutil.copytree(indexed_demo / "library", folder)
        with Store(folder) as store, store.writing() as connection:
            (root,) = connection.execute("SELECT root_id FROM tracks WHERE id = 1").fetchone()
            state = FileState(root, texts.file.encode("utf-8", "replace"), 1, 1, "")
            credits = (Credit(texts.artist, Role.ARTIST),)
            tags = Tags(texts.title, texts.artist, credits, texts.album, year=1970)
            reading = Reading(tags, Stream(1.0, "mp3"), "1", Lyrics(texts.lyrics))
            put_track(connection, state, reading, track_id=1)
        return folder

    await compare(tmp_path, texts, make, look_for_neighbours)


async def look_for_neighbours(app: FairouzApp) -> Pictures:
    """Return what the map and the columns show around the first track."""
    shown: Pictures = {}
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.animation_level = "none"
        screen = await explore(pilot)
        (row,) = Catalogue(app.library.path).rows([1])
        await visited(pilot, screen, "modalities", row)
        columns = app.screen
        assert isinstance(columns, ModalitiesScreen)
        await until(pilot, lambda: len(columns.lists) > 1)
        shown["modalities"] = await still(pilot)
        await pilot.press("1")
        await until(pilot, lambda: app.screen is screen)
        await visited(pilot, screen, "map", row)
        map_ = app.screen
        assert isinstance(map_, MapScreen)
        await until(pilot, lambda: all(side.since is None and side.canvas.chart is not None for side in map_.sides))
        shown["map"] = await still(pilot)
    return shown
