"""Read config.toml: what the user sets once. A missing file means the defaults, an unknown or wrong key is named.

theme = "fairouz-light"
music_folders = ["~/Music"]

[mpv]
arguments = ["--volume=80"]

[keys]                        # binding id = "key[,key...]"
play = "enter"

`settings.SETTINGS` lists all there are, with what each may be.
"""

import os
import shlex
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fairouz_tui.errors import ConfigError
from fairouz_tui.settings import SETTINGS, Setting, checked

MPV_ARGUMENTS_VARIABLE = "FAIROUZ_MPV_ARGUMENTS"
"""Arguments for mpv added for one run, as a shell would split them: "--ao=null" on a machine without sound."""
NO_COLOR_VARIABLE = "NO_COLOR"
"""Set and not empty it means no colours, whatever the file says: https://no-color.org."""


@dataclass(frozen=True, slots=True)
class Config:
    """The user's settings, a field each; what they mean is said in `settings.SETTINGS`."""

    music_folders: tuple[Path, ...] = ()
    theme: str = "fairouz"
    colours: str = "full"
    images: str = "auto"
    frames: bool = True
    reduced_motion: bool = False
    per_artist: int = 3
    per_album: int = 2
    fold_versions: bool = True
    path_count: int = 12
    typing_pause_ms: int = 120
    mpv_program: str = "mpv"
    mpv_arguments: tuple[str, ...] = ()
    keys_profile: str = "vim"
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Binding id -> keys, comma-separated."""

    @property
    def colours_shown(self) -> str:
        """Return how many colours are drawn: what is set, or "none" where NO_COLOR asks for it."""
        return "none" if os.environ.get(NO_COLOR_VARIABLE) else self.colours

    @property
    def images_shown(self) -> str:
        """Return how covers are drawn: as is set, or "off" where there are no colours to draw them with."""
        return "off" if self.colours_shown == "none" else self.images

    def own(self, setting: Setting) -> Any:
        """Return the value of a setting without what the environment adds for this run."""
        value = getattr(self, setting.field)
        added: list[str] = []
        if setting.name == "mpv.arguments":
            with suppress(ConfigError):  # told at the start
                added = _arguments_from_environment()
        return value[: len(value) - len(added)] if added and [*value[-len(added) :]] == added else value


def load_config(path: Path) -> Config:
    """Read the settings at `path`; a missing or empty file gives the defaults.

    Raises ConfigError naming the file and the key when it is no TOML, a key is unknown or a value has the wrong type.
    """
    try:
        if path.is_fifo():
            raise ConfigError(f"{path}: is a pipe, which would be waited for: put a file in its place")
        with path.open("rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        table = {}
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    try:
        return config_of(table)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def config_of(table: Mapping[str, Any]) -> Config:
    """Return the settings of a file's table; raises ConfigError naming the key that is wrong or unknown."""
    values = _values(table)
    known = {one.field: checked(one, values.pop(one.name)) for one in SETTINGS if one.name in values}
    if values:
        raise ConfigError(f"unknown key {min(values)}: remove it or mend its spelling")
    arguments = (*known.get("mpv_arguments", ()), *_arguments_from_environment())
    return Config(**{**known, "mpv_arguments": arguments})


def _values(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the file by the full names of their settings."""
    values: dict[str, Any] = {}
    tables = {setting.name.split(".")[0] for setting in SETTINGS if "." in setting.name}
    for key, value in table.items():
        if key not in tables:
            values[key] = value
        elif isinstance(value, Mapping):
            values.update({f"{key}.{inner}": own for inner, own in value.items()})
        else:
            raise ConfigError(f"{key} must be a table, not {value!r}")
    return values


def _arguments_from_environment() -> list[str]:
    try:
        return shlex.split(os.environ.get(MPV_ARGUMENTS_VARIABLE, ""))
    except ValueError as error:
        raise ConfigError(f"{MPV_ARGUMENTS_VARIABLE} cannot be split: {error}") from error
