"""The list of settings: what reads it, what is typed and turned, and the page made from it."""

import dataclasses
from pathlib import Path

import pytest

from fairouz_tui.config import Config, config_of
from fairouz_tui.errors import ConfigError
from fairouz_tui.settings import BY_NAME, SETTINGS, THEMES, Kind, Setting, line_of, text_of, turned, typed
from fairouz_tui.settings_page import settings_page
from fairouz_tui.theme import CHOOSABLE

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_a_field_with_its_default_and_every_field_a_setting() -> None:
    fields = {field.name for field in dataclasses.fields(Config)}
    assert {setting.field for setting in SETTINGS} == fields
    for setting in SETTINGS:
        assert getattr(Config(), setting.field) == setting.default, setting.name


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_says_what_it_means_and_what_it_may_be(setting: Setting) -> None:
    assert setting.explanation.endswith(".")
    assert 1 <= setting.explanation.count(".") <= 3
    assert setting.allowed
    assert text_of(setting, setting.default)
    assert bool(setting.choices) is (setting.kind is Kind.CHOICE)
    assert (setting.highest > setting.lowest) is (setting.kind is Kind.NUMBER)


def test_the_page_of_settings_is_up_to_date() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert page == settings_page(), "run python scripts/write_settings.py"
    for setting in SETTINGS:
        assert f"| `{setting.name}` | {setting.allowed} |" in page
        assert setting.explanation in page


def test_the_themes_are_those_that_can_be_chosen() -> None:
    assert tuple(theme.name for theme in CHOOSABLE) == THEMES == BY_NAME["theme"].choices


@pytest.mark.parametrize(
    ("name", "line", "value"),
    [
        ("per_artist", " 5 ", 5),
        ("mpv.program", "/opt/mpv", "/opt/mpv"),
        ("mpv.arguments", "--volume=80 '--title=a b'", ["--volume=80", "--title=a b"]),
        ("music_folders", "~/Music '/mnt/my music'", ["~/Music", "/mnt/my music"]),
        ("music_folders", "", []),
    ],
)
def test_a_line_becomes_a_value_and_a_line_again(name: str, line: str, value: object) -> None:
    setting = BY_NAME[name]
    assert typed(setting, line) == value
    *tables, key = name.split(".")
    config = config_of({tables[0]: {key: value}} if tables else {key: value})
    assert typed(setting, line_of(setting, config.own(setting))) == value


@pytest.mark.parametrize(
    ("name", "line"),
    [("per_artist", "many"), ("per_artist", "51"), ("path_count", "-3"), ("mpv.program", " "), ("music_folders", "'a")],
)
def test_a_line_that_is_no_value_says_what_is_allowed(name: str, line: str) -> None:
    with pytest.raises(ConfigError, match=name):
        typed(BY_NAME[name], line)


def test_values_turn_round_and_numbers_stop() -> None:
    assert turned(BY_NAME["theme"], "fairouz", -1) == THEMES[-1]
    assert turned(BY_NAME["theme"], THEMES[-1], 1) == "fairouz"
    assert turned(BY_NAME["frames"], True, 1) is False
    assert turned(BY_NAME["per_artist"], 0, -1) == 0
    assert turned(BY_NAME["per_artist"], 50, 1) == 50
    assert turned(BY_NAME["typing_pause_ms"], 120, 1) == 130
