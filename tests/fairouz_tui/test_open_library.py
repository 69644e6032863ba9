from collections import Counter
from pathlib import Path

from fairouz_tui.config import Config
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.steps import Kind, Step


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
