"""Read config.toml: what the user sets once. A missing file means the defaults, an unknown or wrong key is named.

music_folders = ["~/Music"]
images = true                 # covers in the terminal; false draws none

[mpv]
program = "mpv"
arguments = ["--volume=80"]

[keys]                        # binding id = "key[,key...]"
play = "enter"
"""

import os
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from fairouz_tui.errors import ConfigError

T = TypeVar("T")

MPV_ARGUMENTS_VARIABLE = "FAIROUZ_MPV_ARGUMENTS"
"""Arguments for mpv added for one run, as a shell would split them: "--ao=null" on a machine without sound."""


@dataclass(frozen=True, slots=True)
class Config:
    """The user's settings."""

    music_folders: tuple[Path, ...] = ()
    images: bool = True
    mpv_program: str = "mpv"
    mpv_arguments: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Binding id -> keys, comma-separated."""


def load_config(path: Path) -> Config:
    """Read the settings at `path`; a missing or empty file gives the defaults.

    Raises ConfigError naming the file and the key when it is no TOML, a key is unknown or a value has the wrong type.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except FileNotFoundError:
        table = {}
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    try:
        return _from_table(table)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _from_table(table: dict[str, Any]) -> Config:
    mpv = _take(table, "mpv", dict, {})
    config = Config(
        music_folders=tuple(Path(text).expanduser() for text in _take_texts(table, "music_folders")),
        images=_take(table, "images", bool, True),
        mpv_program=os.path.expanduser(_take(mpv, "program", str, "mpv", prefix="mpv.")),
        mpv_arguments=(*_take_texts(mpv, "arguments", prefix="mpv."), *_arguments_from_environment()),
        keys=MappingProxyType(_take_keys(table)),
    )
    for prefix, rest in (("mpv.", mpv), ("", table)):
        if rest:
            raise ConfigError(f"unknown key {prefix}{min(rest)}: remove it or mend its spelling")
    return config


def _take(table: dict[str, Any], key: str, kind: type[T], default: T, *, prefix: str = "") -> T:
    value = table.pop(key, default)
    if not isinstance(value, kind):
        raise ConfigError(f"{prefix}{key} must be {_NAMES[kind]}, not {value!r}")
    return value


def _take_texts(table: dict[str, Any], key: str, *, prefix: str = "") -> list[str]:
    values = _take(table, key, list, [], prefix=prefix)
    if not all(isinstance(value, str) for value in values):
        raise ConfigError(f"{prefix}{key} must be a list of texts, not {values!r}")
    return values


def _take_keys(table: dict[str, Any]) -> dict[str, str]:
    keys = _take(table, "keys", dict, {})
    for binding, value in keys.items():
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f'keys.{binding} must be a key such as "ctrl+s", not {value!r}')
    return keys


def _arguments_from_environment() -> list[str]:
    try:
        return shlex.split(os.environ.get(MPV_ARGUMENTS_VARIABLE, ""))
    except ValueError as error:
        raise ConfigError(f"{MPV_ARGUMENTS_VARIABLE} cannot be split: {error}") from error


_NAMES: dict[type, str] = {dict: "a table", list: "a list", bool: "true or false", str: "a text"}
