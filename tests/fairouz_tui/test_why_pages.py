"""What the panes of an explanation say: shares that add up, both sides, no line too wide, nothing a tag could break."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.content import Content

from fairouz_tui.bars import rounded_to_total
from fairouz_tui.braille import Canvas
from fairouz_tui.graphics import graphics
from fairouz_tui.mel_picture import MAGMA, mel_picture, palette
from fairouz_tui.picture import picture_of
from fairouz_tui.reasons.page import TABS, View, signed
from fairouz_tui.reasons.playlists import rail
from fairouz_tui.why import explanation_page
from indexer.exploring.answer import Explanation, PairTerm, TrackRow
from indexer.exploring.mel import Mel
from tests.fairouz_tui.shelf import picture

MODALITIES = frozenset(TABS[1:])
PARTS = {
    "audio": 0.31,
    "lyrics": 0.1704,
    "tags": 0.0441,
    "cover": -0.012,
    "graph": 0.14,
    "playlists": 0.05,
    "hub": -0.021,
}
PAIRS = (
    PairTerm("audio", "audio", 0.2, 0.09, 0.29),
    PairTerm("audio", "tags", 0.0204, 0.02, 0.0404),
    PairTerm("lyrics", "lyrics", 0.1, 0.0704, 0.1704),
    PairTerm("cover", "cover", -0.012, 0.0, -0.012),
)
EVIDENCE: dict[str, dict[str, Any]] = {
    "audio": {
        "a": {"tempo_bpm": "92 BPM", "brightness_hz": "1200 Hz"},
        "b": {"key": "A minor", "brightness_hz": "1200 Hz"},
    },
    "lyrics": {
        "a": "the breeze over the harbour",
        "b": "a breeze came in the night",
        "cosine": 0.71,
        "pairs": [
            {"a": "the breeze over the harbour", "b": "a breeze came in the night", "cosine": 0.71},
            {"a": "come home", "b": "come home", "cosine": 1.0},
        ],
    },
    "tags": {"shared": ["tarab", "slow"], "a": ["harbour"], "b": ["night", "live"]},
    "cover": {
        "a": "1",
        "b": "2",
        "same": False,
        "colours": [["#285a8c", "[red]"], ["#505a8c"]],
        "alike": [["#285a8c", "#505a8c"]],
    },
    "graph": {
        "path": [
            {"kind": "track", "name": "Nassam", "via": None, "provenance": None},
            {"kind": "artist", "name": "Fairouz", "via": "artist", "provenance": "tag"},
            {"kind": "track", "name": "Li Beirut", "via": "feat.", "provenance": "feat. on “Li Beirut”"},
        ],
        "shared": [{"kind": "artist", "name": "Fairouz", "a": "artist", "b": "featured"}],
    },
    "playlists": {"shared": ["late night"], "places": [{"name": "late night", "a": 5, "b": 6, "length": 40}]},
}
SOUND = Mel(tuple(bytes([band * 6] * 50) for band in range(40)), 72.0, 10.0)


def row(number: int, title: str, artist: str, modalities: frozenset[str] = MODALITIES) -> TrackRow:
    return TrackRow(number, f"/music/{number}.mp3", title, artist, "Album", modalities=modalities)


def explanation(*, has: frozenset[str] = MODALITIES, title: str = "Nassam", evidence: Any = EVIDENCE) -> Explanation:
    parts = {name: value for name, value in PARTS.items() if name in has or name == "hub"}
    return Explanation(
        row(1, title, "Fairouz"), row(2, "Li Beirut", "Fairouz", has), sum(parts.values()), parts, PAIRS, evidence
    )


def shown(tab: str, *, width: int = 41, of: Explanation | None = None, **more: Any) -> str:
    pictures = [picture_of(picture(1), columns=16), picture_of(picture(2), columns=16)]
    page = explanation_page(of or explanation(), tab=tab, width=width, covers=pictures, sounds=(SOUND, SOUND), **more)
    return page.as_text(width).plain


@pytest.mark.parametrize("tab", TABS[1:])
def test_each_pane_says_its_share_as_the_overview_does(tab: str) -> None:
    values, total = rounded_to_total(PARTS)
    text = shown(tab)
    assert re.search(rf"^{tab} .*{re.escape(signed(values[tab]))}$", text, re.MULTILINE)
    assert f"of a score of {signed(total)}" in text
    assert re.search(rf"^{tab} .*{re.escape(signed(values[tab]))}$", shown("overview"), re.MULTILINE)
    assert text.splitlines()[0].startswith("Nassam")


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("width", [24, 31, 41, 56, 76])
@pytest.mark.parametrize(
    "title", ["Nassam", "夜来香" * 20, "[bold]x[/] \x1b[31m\u202e" * 9], ids=["plain", "wide", "hostile"]
)
def test_no_line_is_wider_than_the_pane_and_no_tag_breaks_it(tab: str, width: int, title: str) -> None:
    for view in (View(), View(radar=True, matrix=True)):
        text = shown(tab, width=width, of=explanation(title=title), view=view)
        room = max(width, 30) if view.radar and tab == "overview" else width
        assert max(cell_len(line) for line in text.splitlines()) <= room
        assert "\x1b" not in text
        assert "\u202e" not in text


@pytest.mark.parametrize("tab", TABS[1:])
def test_what_one_of_them_lacks_is_said_and_nothing_is_made_up(tab: str) -> None:
    text = shown(tab, of=explanation(has=MODALITIES - {tab}))
    assert "“Li Beirut” has no" in text
    assert "nothing to compare" in " ".join(text.split())


@pytest.mark.parametrize("tab", TABS)
def test_without_any_evidence_every_pane_still_stands(tab: str) -> None:
    assert "Nassam" in shown(tab, of=explanation(evidence={}))


def test_sound_stands_side_by_side_with_what_was_not_sure_enough() -> None:
    lines = shown("audio").splitlines()
    assert [line.split() for line in lines if line.startswith("tempo")] == [["tempo", "92", "BPM", "not", "certain"]]
    assert [line.split() for line in lines if line.startswith("key")] == [["key", "not", "certain", "A", "minor"]]
    assert sum(line.startswith("1:12") and line.endswith("1:22") for line in lines) == 2
    page = explanation_page(explanation(), tab="audio", width=41, sounds=(None, "no such file"))
    assert "listening …" in page.before.plain
    assert "Its sound cannot be pictured: no such" in page.before.plain


def test_figures_are_whole_in_a_narrow_pane_and_stand_under_the_names() -> None:
    text = {"loudness_lufs": "-10.6 LUFS", "pulse_clarity": "54 % steady", "onset_rate": "3.7 onsets/s"}
    of = explanation(evidence={"audio": {"a": text, "b": text}})
    lines = shown("audio", width=30, of=of).splitlines()
    rows = [line.split() for line in lines]
    assert ["loudness", "-10.6", "-10.6", "LUFS"] in rows
    assert ["steadiness", "54", "%", "54", "%"] in rows
    assert ["notes", "3.7/s", "3.7/s"] in rows
    assert ["tempo", "unsure", "unsure"] in rows
    assert any(line.startswith(" " * 11 + "Nassam") and line.endswith("Li Beir…") for line in lines)


def test_lines_that_are_close_light_the_words_they_share() -> None:
    content = explanation_page(explanation(), tab="lyrics", width=41).before
    lit = {content.plain[span.start : span.end] for span in content.spans if span.style == "$accent bold"}
    assert lit == {"breeze", "come", "home"}
    assert ".71" in content.plain
    assert "the same line" in content.plain
    assert " │ " in shown("lyrics", width=76)
    assert " │ " not in shown("lyrics", width=41)


def test_lyrics_that_wait_for_the_model_say_so() -> None:
    assert "still being compared" in shown("lyrics", of=explanation(evidence={}))
    unread: dict[str, dict[str, Any]] = {"lyrics": {"a": None, "b": None, "cosine": None, "pairs": []}}
    assert "cannot read" in shown("lyrics", of=explanation(evidence=unread))


def test_words_of_both_and_of_each() -> None:
    assert "tarab · slow" in shown("tags")
    assert "Only Nassam\nharbour" in shown("tags")
    assert "Only Li Beirut\nnight · live" in shown("tags")


def test_the_graph_is_a_chain_with_every_link_named() -> None:
    text = shown("graph")
    assert [line[0] for line in text.splitlines() if line.startswith(("●", "◆", "│"))] == ["●", "│", "◆", "│", "●", "◆"]
    assert "│ feat. on “Li Beirut”" in text
    assert "artist and featured" not in text
    assert "featured" in text


def test_playlists_say_where_both_stand() -> None:
    assert "● 5 and ◆ 6 of 40: next to one another" in shown("playlists")


@pytest.mark.parametrize(("a", "b", "length"), [(1, 40, 40), (39, 40, 40), (40, 39, 40), (1, 2, 2), (999, 1000, 1000)])
def test_two_places_on_a_rail_never_fall_together_and_keep_their_order(a: int, b: int, length: int) -> None:
    drawn = rail(a, b, length, 30).plain
    assert len(drawn) == 30
    assert (drawn.index("●") < drawn.index("◆")) == (a < b)


def test_colours_that_are_alike_stand_together_and_what_is_none_is_left_out() -> None:
    page = explanation_page(explanation(), tab="cover", width=41)
    assert [str(span.style) for span in page.after.spans if str(span.style).startswith("#")] == [
        "#285a8c",
        "#505a8c",
        "#285a8c",
        "#505a8c",
    ]


def test_covers_are_as_large_as_the_pane_allows() -> None:
    pictures = [picture_of(picture(1), columns=16), picture_of(picture(2), columns=16)]
    page = explanation_page(explanation(), tab="cover", width=58, covers=pictures)
    assert [cover.columns for cover in page.pictures] == [28, 28]


def test_the_radar_names_every_modality_and_what_it_gives() -> None:
    text = shown("overview", view=View(radar=True))
    values, total = rounded_to_total(PARTS)
    for name in MODALITIES:
        assert name in text
        assert signed(values[name]) in text
    assert "pulls apart" in text
    assert text.count(signed(total)) == 1
    dots = [letter for letter in text if "\u2801" <= letter <= "\u28ff"]
    assert len(dots) > 60


def test_the_products_add_up_as_they_are_printed() -> None:
    text = shown("overview", view=View(matrix=True)).split("second across")[1]
    printed = [float(word) for word in re.findall(r"(?<!\S)[-+]?\.\d{3}(?!\S)", text)]
    *products, hub, total = printed
    assert len(products) == len(PAIRS)
    assert sum(products) + hub == pytest.approx(total, abs=1e-9)
    assert hub == pytest.approx(PARTS["hub"], abs=0.001)


def test_dots_lie_where_they_are_drawn() -> None:
    canvas = Canvas(2, 1)
    canvas.line((0, 0), (3, 0), "red")
    assert canvas.drawn().plain == "⠉⠉"
    canvas.dot(99, 99, "red")
    canvas.write(1, 0, "xyz", "bold")
    assert canvas.drawn() == Content.assemble(("⠉", "red"), ("x", "bold"))


def test_a_mel_picture_has_low_tones_below_and_time_to_the_right() -> None:
    bands = (bytes([255] * 10 + [0] * 10), *[bytes(20)] * 39)
    cells = mel_picture(bands, columns=4, lines=20).cells
    assert len(cells) == 20
    assert cells[-1][0][1] == MAGMA[-1]
    assert cells[-1][3] == (MAGMA[0], MAGMA[0])
    assert cells[0] == ((MAGMA[0], MAGMA[0]),) * 4
    assert mel_picture((), columns=4, lines=2).cells == ()


def test_louder_is_always_brighter() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    levels = [lightness(colour) for colour in palette()]
    assert len(levels) == 256
    assert all(low <= high + 0.5 for low, high in pairwise(levels))


@pytest.mark.parametrize(
    ("setting", "environment", "expected"),
    [
        ("auto", {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "half"),
        ("auto", {"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, "kitty"),
        ("auto", {"TERM": "xterm-ghostty", "COLORTERM": "truecolor"}, "kitty"),
        ("auto", {"TERM": "xterm-kitty"}, "half"),
        ("auto", {"TERM": "xterm-kitty", "COLORTERM": "truecolor", "TMUX": "/tmp/x"}, "half"),
        ("auto", {"TERM": "linux"}, "half"),
        ("auto", {}, "half"),
        ("kitty", {}, "kitty"),
        ("sixel", {"TMUX": "x"}, "sixel"),
        ("half", {"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, "half"),
        ("off", {"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, "off"),
    ],
)
def test_pictures_are_drawn_as_set_or_as_the_terminal_surely_can(
    setting: str, environment: dict[str, str], expected: str
) -> None:
    assert graphics(setting, environment) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("version: Version = Version(0, 26, 5)\n", "half"),
        ("version: Version = Version(0, 41, 1)\n", "kitty"),
        ("x = 1\n", "kitty"),
        (None, "kitty"),
    ],
)
def test_a_kitty_that_is_too_old_for_pictures_draws_half_blocks(
    tmp_path: Path, source: str | None, expected: str
) -> None:
    if source is not None:
        (tmp_path / "kitty").mkdir()
        (tmp_path / "kitty" / "constants.py").write_text(source)
    kitty = {"TERM": "xterm-kitty", "COLORTERM": "truecolor", "KITTY_INSTALLATION_DIR": str(tmp_path)}
    assert graphics("auto", kitty) == expected


def test_the_explorer_starts_without_the_panes_and_the_packages_for_pictures() -> None:
    code = "import sys, fairouz_tui.app, fairouz_tui.screens.card; print({'textual_image', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()", done.stderr
    code = "import sys, fairouz_tui.app; print([name for name in sys.modules if name == 'fairouz_tui.why'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
