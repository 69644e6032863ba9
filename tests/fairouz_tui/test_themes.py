"""Themes, few colours, none: what is drawn, and that it can be read."""

import re
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.theme import Theme

from fairouz_tui.app import FairouzApp
from fairouz_tui.colouring import FRAME_SIGNS
from fairouz_tui.config import Config, load_config
from fairouz_tui.theme import CHOOSABLE, DISTINCT, TERMINAL
from tests.fairouz_tui.driving import explore, notices, rest, until
from tests.fairouz_tui.shelf import shelve

MODALITIES = ("audio", "lyrics", "tags", "cover", "graph", "playlists")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2, 1 to 21."""

    def luminance(text: str) -> float:
        parts = [part / 255 for part in Color.parse(text).rgb]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", CHOOSABLE, ids=lambda theme: theme.name)
def test_text_stands_out_from_its_ground(theme: Theme) -> None:
    least = 7.0 if theme.name == "fairouz-contrast" else 4.5
    named = {"foreground", "primary", "secondary", "accent", "warning", "error", "success"}
    colours = {name: getattr(theme, name) for name in named}
    colours |= {name: theme.variables[name] for name in (*MODALITIES, "text-muted", "footer-description-foreground")}
    for ground in (theme.background, theme.surface, theme.panel):
        low = {name: round(contrast(colour, str(ground)), 2) for name, colour in colours.items()}
        limit = least if ground != theme.panel else least * 0.85
        assert {name: ratio for name, ratio in low.items() if ratio < limit} == {}, ground


@pytest.mark.parametrize("theme", [*CHOOSABLE, TERMINAL], ids=lambda theme: theme.name)
def test_every_modality_has_a_colour_of_its_own(theme: Theme) -> None:
    assert len({theme.variables[name] for name in MODALITIES}) == len(MODALITIES)


def test_the_distinct_theme_keeps_to_okabe_and_ito() -> None:
    theirs = {"#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"}
    assert {DISTINCT.variables[name] for name in MODALITIES} <= theirs


def segments(app: FairouzApp) -> list[Segment]:
    """Return everything on the screen as it is drawn."""
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.screen.size) if width and height else []
    return [segment for line in lines for segment in line]


@pytest.mark.parametrize("theme", CHOOSABLE, ids=lambda theme: theme.name)
async def test_a_theme_is_drawn_from_the_start(tmp_path: Path, theme: Theme) -> None:
    app = FairouzApp(shelve(tmp_path), config=Config(theme=theme.name))
    async with app.run_test(size=(90, 24)) as pilot:
        await explore(pilot)
        await until(pilot, lambda: segments(app))
        drawn = {segment.style.color.name for segment in segments(app) if segment.style and segment.style.color}
        assert {Color.parse(theme.variables[name]).hex.lower() for name in ("audio", "tags", "graph")} <= drawn
        assert app.current_theme.dark is (theme.name != "fairouz-light")


@pytest.mark.parametrize("how", ["setting", "NO_COLOR"])
async def test_without_colours_signs_say_what_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
    app = FairouzApp(shelve(tmp_path), config=Config(colours="none" if how == "setting" else "full"))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await explore(pilot)
        await pilot.press("j", "x", "a", "j")
        await until(pilot, lambda: any("✕" in segment.text for segment in segments(app)))
        styles = [segment.style for segment in segments(app) if segment.style]
        colours = {one.name for style in styles for one in (style.color, style.bgcolor) if one is not None}
        assert colours == {"default"}
        reversed_text = "".join(one.text for one in segments(app) if one.style and one.style.reverse)
        row = screen.results.current
        assert row is not None
        assert row.title[:20] in reversed_text
        assert "Library" in reversed_text
        assert "About" not in reversed_text
        await pilot.press("3")
        await until(
            pilot, lambda: "About" in "".join(one.text for one in segments(app) if one.style and one.style.reverse)
        )


async def test_sixteen_colours_are_the_terminals_own(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path), config=Config(colours="16", images="off"))
    async with app.run_test(size=(120, 30)) as pilot:
        await explore(pilot)
        await until(pilot, lambda: segments(app))
        styles = [segment.style for segment in segments(app) if segment.style]
        colours = [one for style in styles for one in (style.color, style.bgcolor) if one is not None]
        assert {one.name for one in colours if not (one.is_default or one.is_system_defined)} == set()
        assert len({one.name for one in colours}) > 5


@pytest.mark.parametrize(
    ("term", "colour_term", "own"), [("xterm", "", True), ("xterm-256color", "", False), ("xterm", "truecolor", False)]
)
async def test_a_terminal_of_few_colours_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, term: str, colour_term: str, own: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colour_term)
    monkeypatch.delenv("NO_COLOR", raising=False)
    app = FairouzApp(shelve(tmp_path))
    app.look_at_terminal()
    async with app.run_test() as pilot:
        await explore(pilot)
        assert app.current_theme.ansi is own


async def test_without_frames_no_line_is_drawn(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path), config=Config(frames=False))
    async with app.run_test(size=(120, 30)) as pilot:
        await explore(pilot)
        await until(pilot, lambda: "Library" in "".join(segment.text for segment in segments(app)))
        text = "".join(segment.text for segment in segments(app))
        assert [sign for sign in text if ord(sign) in FRAME_SIGNS] == []
        app.use(Config())
        await until(pilot, lambda: "╭" in "".join(segment.text for segment in segments(app)))


async def test_a_theme_chosen_by_the_command_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    app = FairouzApp(shelve(tmp_path / "library"), config_file=file)
    async with app.run_test(size=(120, 30)) as pilot:
        await explore(pilot)
        app.action_change_theme()
        await rest(pilot)
        await pilot.press(*"contrast")
        await rest(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.config.theme == "fairouz-contrast")
        assert load_config(file).theme == "fairouz-contrast"
        assert notices(pilot) == []
        app.use(Config(colours="16"))
        app.theme = "fairouz-light"
        await until(pilot, lambda: any("more than 16 colours" in one for one in notices(pilot)))
        assert app.theme == TERMINAL.name
        assert load_config(file).theme == "fairouz-contrast"


async def test_less_motion_stops_what_glides(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path), config=Config(reduced_motion=True))
    async with app.run_test() as pilot:
        await explore(pilot)
        assert app.animation_level == "none"


def test_no_colour_is_written_into_a_widget() -> None:
    """Colours have names, which the themes give; a number in a widget would be the same in all of them."""
    folder = Path(__file__).resolve().parents[2] / "fairouz_tui"
    files = [*folder.glob("widgets/*.py"), *folder.glob("screens/*"), *folder.glob("reasons/*.py")]
    found = [
        f"{file.name}: {colour}"
        for file in files
        if file.is_file()
        for colour in re.findall(r"#[0-9a-fA-F]{6}\b", file.read_text("utf-8"))
    ]
    assert found == []
