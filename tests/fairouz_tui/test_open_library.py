from collections import Counter
from pathlib import Path

import pytest

from fairouz_tui import app as app_module
from fairouz_tui import open_library
from fairouz_tui.config import Config
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.steps import Kind, Step
from indexer.storing.nearest_file import FILE
from tests.fairouz_tui.driving import WIDE, app_on, explore, until


def test_answers_keep_to_the_settings(library: Path) -> None:
    opened = OpenLibrary(library, config=Config(per_artist=1, per_album=0, path_count=5))
    first, last = (opened.open().window(offset, 1)[0] for offset in (0, 30))
    like = Step(Kind.TRACK, track=first)
    capped = opened.answer(like, faders={})
    assert max(Counter(hit.track.artist for hit in capped.hits).values()) == 1
    assert len(opened.answer(Step(Kind.PATH, tracks=(first, last)), faders={}).hits) == 5
    opened.config = Config(per_artist=0, per_album=0)
    every = opened.answer(like, faders={})
    assert len(every.hits) > len(capped.hits)
    assert max(Counter(hit.track.artist for hit in every.hits).values()) > 1


def test_one_artist_or_album_that_is_asked_for_is_not_capped(library: Path) -> None:
    opened = OpenLibrary(library, config=Config(per_artist=1, per_album=1))
    first = opened.open().window(0, 1)[0]
    every = opened.answer(Step(Kind.TRACK, track=first, whole=True), faders={}).hits
    artist = Counter(hit.track.artist for hit in every).most_common(1)[0][0]
    album = Counter(hit.track.album for hit in every).most_common(1)[0][0]

    def titles(text: str, *, whole: bool = False) -> list[str]:
        hits = opened.answer(Step(Kind.TRACK, text, track=first, whole=whole), faders={}).hits
        return [hit.track.title for hit in hits]

    assert len(titles(f'artist:"{artist}"')) > 1
    assert len(titles(f'artist:"{artist}"')) < len(titles(f'artist:"{artist}"', whole=True))  # albums are still capped
    assert titles(f'album:"{album}"') == titles(f'album:"{album}"', whole=True)
    assert len(titles(f'-artist:"{artist}"')) < len(titles(f'-artist:"{artist}"', whole=True))


async def test_the_vectors_are_loaded_soon_after_the_start(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "LOADED_SECONDS", 0.01)
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: app.library._explorer is not None and app.library._explorer._session is not None)
        assert screen.here.kind is Kind.LIBRARY  # nothing was asked


def test_nothing_is_loaded_unasked_that_would_be_much_or_is_not_there(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = OpenLibrary(library)
    opened.answer(Step(Kind.TRACK, track=opened.open().window(0, 1)[0]), faders={})
    index, kept = library / FILE, OpenLibrary(library)
    monkeypatch.setattr(open_library, "READY_TRACKS", 35)
    kept.get_ready()
    assert kept._explorer is None
    monkeypatch.setattr(open_library, "READY_TRACKS", 36)
    index.rename(library / "elsewhere")
    kept.get_ready()
    assert kept._explorer is None
    (library / "elsewhere").rename(index)
    kept.get_ready()
    assert kept._explorer is not None
    nothing = OpenLibrary(library / "nowhere")
    nothing.get_ready()
    assert nothing._explorer is None
