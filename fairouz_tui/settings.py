"""List every setting once: its kind, default, allowed values, meaning; the reader, the screen and the docs follow."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fairouz_tui.errors import ConfigError

THEMES = ("fairouz", "fairouz-light", "fairouz-contrast", "fairouz-distinct")
COLOURS = ("full", "16", "none")
IMAGES = ("auto", "kitty", "sixel", "half", "off")
PROFILES = ("vim", "plain")
MOST_PER_NAME = 50
"""A cap above this is none: an answer has 200 rows."""
LONGEST_PATH = 200
LONGEST_PAUSE_MS = 2000


class Kind(StrEnum):
    """What a value looks like in the file, and how it is edited."""

    CHOICE = "one of"
    FLAG = "true or false"
    NUMBER = "a whole number"
    TEXT = "a text"
    TEXTS = "a list of texts"
    FOLDERS = "a list of folders"
    KEYS = "a table of keys"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting."""

    name: str
    """As it stands in the file, with its table: "mpv.program"."""
    kind: Kind
    default: Any
    section: str
    explanation: str
    choices: tuple[str, ...] = ()
    lowest: int = 0
    highest: int = 0
    at_once: bool = True
    """Whether a change is seen at once; else from the next start on."""

    @property
    def field(self) -> str:
        """Return the name of the field of Config that holds the value."""
        return self.name.replace(".", "_")

    @property
    def allowed(self) -> str:
        """Return in words what a value may be."""
        match self.kind:
            case Kind.CHOICE:
                return ", ".join(self.choices[:-1]) + " or " + self.choices[-1]
            case Kind.NUMBER:
                return f"a whole number from {self.lowest} to {self.highest}"
            case _:
                return self.kind.value


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "music_folders",
        Kind.FOLDERS,
        (),
        "Music",
        "Where your music is: proposed when a library is begun. The folders of a library that is there already are"
        " those it was indexed from.",
        at_once=False,
    ),
    Setting(
        "theme",
        Kind.CHOICE,
        "fairouz",
        "Look",
        "The colours: fairouz is dark, fairouz-light is for a bright room, fairouz-contrast has the strongest"
        " contrast, fairouz-distinct keeps to colours that colour-blind eyes tell apart.",
        choices=THEMES,
    ),
    Setting(
        "colours",
        Kind.CHOICE,
        "full",
        "Look",
        "How many colours are drawn: 16 keeps to the terminal's own and no theme, as is done by itself where it has no"
        " more; none draws without colour, as the variable NO_COLOR does.",
        choices=COLOURS,
    ),
    Setting(
        "images",
        Kind.CHOICE,
        "auto",
        "Look",
        "How covers are drawn: kitty and sixel are true pictures, half is two colours a cell in any terminal, off draws"
        " none. auto takes true pictures where the terminal is known for them, else half.",
        choices=IMAGES,
    ),
    Setting(
        "frames",
        Kind.FLAG,
        True,
        "Look",
        "Draw lines around the panes. Without them a screen reader has fewer signs to read out.",
    ),
    Setting(
        "reduced_motion",
        Kind.FLAG,
        False,
        "Look",
        "Let nothing glide or fade: what moves is where it ends at once.",
    ),
    Setting(
        "per_artist",
        Kind.NUMBER,
        3,
        "Answers",
        "How many tracks of one artist an answer to “more like this” may hold; 0 sets no limit.",
        highest=MOST_PER_NAME,
    ),
    Setting(
        "per_album",
        Kind.NUMBER,
        2,
        "Answers",
        "How many tracks of one album an answer to “more like this” may hold; 0 sets no limit.",
        highest=MOST_PER_NAME,
    ),
    Setting(
        "fold_versions",
        Kind.FLAG,
        True,
        "Answers",
        "Show live, remastered and compilation copies of one recording as one row, which can be opened.",
    ),
    Setting(
        "path_count",
        Kind.NUMBER,
        12,
        "Answers",
        "How many tracks a path from one track to another has at most, both ends counted.",
        lowest=3,
        highest=LONGEST_PATH,
    ),
    Setting(
        "typing_pause_ms",
        Kind.NUMBER,
        120,
        "Answers",
        "How often, at most, words are looked up while they are typed: the time between, in thousandths of a second."
        " More of it spares a slow link.",
        highest=LONGEST_PAUSE_MS,
    ),
    Setting(
        "mpv.program",
        Kind.TEXT,
        "mpv",
        "Player",
        "The program that plays: mpv, or the path of one.",
        at_once=False,
    ),
    Setting(
        "mpv.arguments",
        Kind.TEXTS,
        (),
        "Player",
        "What mpv is told besides, such as --volume=80.",
        at_once=False,
    ),
    Setting(
        "keys_profile",
        Kind.CHOICE,
        "vim",
        "Keys",
        "Which keys move: vim has letters beside the arrows (j k g G h l), plain leaves moving to arrows, paging keys"
        " and function keys.",
        choices=PROFILES,
    ),
    Setting(
        "keys",
        Kind.KEYS,
        MappingProxyType({}),
        "Keys",
        "Other keys for single commands, by their names. The page of keys shows all and takes a new key by pressing"
        " it.",
    ),
)
"""In the order of the screen and the docs."""

BY_NAME = {setting.name: setting for setting in SETTINGS}


def checked(setting: Setting, value: Any) -> Any:
    """Return a value from the file as Config holds it; raises ConfigError that names the setting and what it may be."""
    old = {True: "auto", False: "off"} if setting.name == "images" else {}
    if isinstance(value, bool) and value in old:
        return old[value]
    if not _fits(setting, value):
        raise ConfigError(f"{setting.name} must be {setting.allowed}, not {_plain(value)!r}")
    match setting.kind:
        case Kind.FOLDERS:
            return tuple(Path(os.path.expanduser(text)) for text in value)
        case Kind.TEXTS:
            return tuple(value)
        case Kind.TEXT:
            return os.path.expanduser(value)
        case Kind.KEYS:
            return MappingProxyType(_keys(value))
        case _:
            return value


def _fits(setting: Setting, value: Any) -> bool:
    match setting.kind:
        case Kind.CHOICE:
            return isinstance(value, str) and value in setting.choices
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.NUMBER:
            whole = isinstance(value, int) and not isinstance(value, bool)
            return whole and setting.lowest <= value <= setting.highest
        case Kind.TEXT:
            return isinstance(value, str) and bool(value.strip())
        case Kind.TEXTS | Kind.FOLDERS:
            return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        case Kind.KEYS:
            return isinstance(value, Mapping)


def _keys(table: Mapping[str, Any]) -> dict[str, str]:
    for binding, keys in table.items():
        if not isinstance(keys, str) or not keys.strip():
            raise ConfigError(f'keys.{binding} must be a key such as "ctrl+s", not {keys!r}')
    return dict(table)


def _plain(value: Any) -> Any:
    """Return a value of tomlkit, which is a document, as the plain value it holds."""
    return value.unwrap() if hasattr(value, "unwrap") else value


def text_of(setting: Setting, value: Any) -> str:
    """Return a value of Config as it is shown and typed: "on", "12", "~/Music, /mnt/more"."""
    match setting.kind:
        case Kind.FLAG:
            return "on" if value else "off"
        case Kind.KEYS:
            return f"{len(value)} changed" if value else "all as they come"
        case Kind.TEXTS | Kind.FOLDERS:
            return ", ".join(_from_home(str(one)) for one in value) or "none"
        case _:
            return str(value)


def line_of(setting: Setting, value: Any) -> str:
    """Return a value of Config as one line to edit: the items of a list stand apart, quoted where they hold a blank."""
    if setting.kind not in (Kind.TEXTS, Kind.FOLDERS):
        return text_of(setting, value)
    texts = [_from_home(str(one)) for one in value]
    return " ".join(shlex.quote(one) if set(one) & set(" \t\"'\\") else one for one in texts)


def _from_home(text: str) -> str:
    home = os.path.expanduser("~")
    return "~" + text.removeprefix(home) if text == home or text.startswith(home + os.sep) else text


def typed(setting: Setting, text: str) -> Any:
    """Return a line as it goes into the file; raises ConfigError that says what is allowed."""
    text = text.strip()
    match setting.kind:
        case Kind.NUMBER:
            try:
                value: Any = int(text)
            except ValueError:
                raise ConfigError(f"{setting.name} must be {setting.allowed}, not {text[:20]!r}") from None
        case Kind.TEXTS | Kind.FOLDERS:
            try:
                value = shlex.split(text)
            except ValueError as error:
                raise ConfigError(f"{setting.name}: a quotation mark is missing") from error
        case _:
            value = text
    checked(setting, value)
    return value


def turned(setting: Setting, value: Any, steps: int) -> Any:
    """Return the value `steps` further on: choices and switches go round, numbers stop at their ends."""
    match setting.kind:
        case Kind.FLAG:
            return not value
        case Kind.CHOICE:
            return setting.choices[(setting.choices.index(value) + steps) % len(setting.choices)]
        case Kind.NUMBER:
            stride = 10 if setting.name.endswith("_ms") else 1
            return min(max(value + steps * stride, setting.lowest), setting.highest)
        case _:
            return value
