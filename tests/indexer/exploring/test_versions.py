"""Which titles name one recording, and which tracks are folded into one row."""

import pytest

from indexer.exploring.answer import TrackRow
from indexer.exploring.versions import core_title, recording, same_recording


@pytest.mark.parametrize(
    ("title", "core", "live"),
    [
        ("Help!", "help!", False),
        ("Help! (Live at Shea Stadium, 1965)", "help!", True),
        ("Help! [Live]", "help!", True),
        ("Help! - Live", "help!", True),
        ("Help! - 2009 Remaster", "help!", False),
        ("Help! (Remastered 2009)", "help!", False),
        ("Help! (2009 Digital Remaster)", "help!", False),
        ("Help! (Digitally Remastered)", "help!", False),
        ("Help! (Mono Version)", "help!", False),
        ("Help! (Album Version) [Explicit]", "help!", False),
        ("Help! (feat. Somebody)", "help!", False),
        ("Moonlight Sonata - Adagio (2015 Remaster)", "moonlight sonata - adagio", False),
        ("Allegro (from Symphony No. 1)", "allegro (from symphony no. 1)", False),
        ("Wings - Live and Let Die", "wings - live and let die", False),
        ("Song - Live in Paris", "song", True),
        ("A - B - 2011 Remaster", "a - b", False),
        ("Help! (Live) - 2015 Remaster", "help!", True),
        ("نسّم علينا (مباشر)", "نسم علينا", True),
        ("(Live)", "(live)", False),
        ("Help! (Acoustic)", "help! (acoustic)", False),
        ("Help! (Karaoke)", "help! (karaoke)", False),
        ("Help! (Club Remix)", "help! (club remix)", False),
        ("Help! (fast version)", "help! (fast version)", False),
        ("Help! (Part 2)", "help! (part 2)", False),
        ("(I Can't Get No) Satisfaction", "(i can't get no) satisfaction", False),
        ("Live and Let Die", "live and let die", False),
        ("Spider-Man - Theme", "spider-man - theme", False),
    ],
)
def test_marks_of_version_are_taken_off_and_no_others(title: str, core: str, live: bool) -> None:
    assert core_title(title) == (core, live)


def row(title: str, seconds: float | None, artist: str = "The Beatles", album: str = "") -> TrackRow:
    return TrackRow(1, "/x", title, artist, album, duration_seconds=seconds)


@pytest.mark.parametrize(
    ("a", "b", "sound", "same"),
    [
        (row("Help!", 139), row("Help! (2009 Remaster)", 141, album="1"), 0.95, True),
        (row("Help!", 139), row("HELP!", 139, artist="the  BEATLES", album="Red"), 0.99, True),
        (row("Help!", 139), row("Help! (Live)", 168), 0.4, True),
        (row("Help!", 139), row("Help! (Live)", 260), 0.9, False),
        (row("Help!", 139), row("Help! (Live)", 139), 0.2, False),
        (row("Help!", 139), row("Help!", 150), 0.95, False),
        (row("Help!", 139), row("Help!", 139), 0.5, False),
        (row("Help!", 139), row("Help!", 139), None, False),
        (row("Help!", None), row("Help!", None), 0.99, False),
        (row("Help!", 139), row("Help!", 139, artist="Bananarama"), 0.99, False),
        (row("Help!", 139, artist=""), row("Help!", 139, artist=""), 0.99, False),
        (row("Help!", 139), row("Help! (Karaoke)", 139), 0.99, False),
    ],
)
def test_artist_title_duration_and_sound_must_agree(a: TrackRow, b: TrackRow, sound: float | None, same: bool) -> None:
    assert same_recording(a, b, sound) is same
    assert same_recording(b, a, sound) is same


def test_unknown_artist_or_title_names_no_recording() -> None:
    assert recording(row("", 100)) is None
    assert recording(row("Track", 100, artist=" ")) is None
