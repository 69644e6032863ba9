"""Write single settings into config.toml: comments, order and what else stands there stay as they are."""

import os
import tempfile
from pathlib import Path
from typing import Any

from fairouz_tui.config import Config, config_of
from fairouz_tui.errors import AppError, ConfigError
from fairouz_tui.settings import Kind, Setting


def write_setting(path: Path, setting: Setting, value: Any) -> Config:
    """Put a setting into the file at `path`, which is read anew before; None takes it out, so that the default holds.

    A table of keys replaces the keys it names alone, and takes out those whose value is None. Returns the settings as
    they are now. Raises ConfigError when the file is not right as it stands, and then leaves it alone; AppError when
    it cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        old = path.read_bytes().decode("utf-8") if path.exists() else ""
        config_of(tomlkit.parse(old).unwrap())
        new = _with(old, setting, value)
        config = config_of(tomlkit.parse(new).unwrap())
    except OSError as error:
        raise AppError(f"{path} cannot be read: {error.strerror}") from error
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    if new != old:
        _replace(path, new)
    return config


def _with(text: str, setting: Setting, value: Any) -> str:
    """Return the file's text with one setting changed."""
    import tomlkit

    *tables, key = setting.name.split(".")
    document = tomlkit.parse(text)
    if setting.kind is Kind.KEYS:
        for binding, keys in (dict.fromkeys(document.get(key, {})) if value is None else value).items():
            _put(document, [key], binding, keys)
        return tomlkit.dumps(document)
    if tables or value is None or key in document:
        _put(document, tables, key, list(value) if isinstance(value, tuple) else value)
        return tomlkit.dumps(document)
    new = _with_line(text, tomlkit.dumps({key: value}))
    if tomlkit.parse(new).unwrap().get(key) != value:  # a line within a text looked like the head of a table
        document[key] = value
        return tomlkit.dumps(document)
    return new


def _put(document: Any, tables: list[str], key: str, value: Any) -> None:
    """Put one value into its table, which is made where it is missing; None takes the value out."""
    import tomlkit

    owner = document
    for name in tables:
        if name not in owner:
            if value is None:
                return
            owner[name] = tomlkit.table()
        owner = owner[name]
    if value is None:
        if key in owner:
            del owner[key]
    elif not (isinstance(value, list) and key in owner and _put_items(owner[key], value)):
        owner[key] = value


def _put_items(array: Any, wanted: list[str]) -> bool:
    """Change a list where its items keep their order, so that the comments between them stay; return whether it did."""
    kept = [one for one in array.unwrap() if one in wanted]
    if wanted[: len(kept)] != kept or len(set(wanted)) != len(wanted):
        return False
    for one in [one for one in array.unwrap() if one not in wanted]:
        array.remove(one)
    for one in wanted[len(kept) :]:
        array.append(one)
    return True


def _with_line(text: str, line: str) -> str:
    """Return the text with a line added to those of the top.

    Before the first table, and before the comment that stands right over it: a line after them would belong to it.
    """
    lines = text.splitlines(keepends=True)
    at = next((number for number, one in enumerate(lines) if one.lstrip().startswith("[")), len(lines))
    if at < len(lines):
        while at and lines[at - 1].startswith("#"):
            at -= 1
    while at and not lines[at - 1].strip():
        at -= 1
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    end = "\r\n" if "\r\n" in text else "\n"
    gap = end if at < len(lines) and lines[at].strip() else ""
    return "".join([*lines[:at], line.rstrip("\n") + end + gap, *lines[at:]])


def _replace(path: Path, text: str) -> None:
    """Replace the file whole or not at all; a link stays a link, and the permissions stay."""
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            if target.exists():
                os.chmod(name, target.stat().st_mode & 0o777)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}; free space or check the permissions") from error
