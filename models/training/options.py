"""Declare the options of a recipe: a frozen dataclass whose every field has a default, a meaning and limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from models.errors import ModelError

T = TypeVar("T")


class OptionError(ModelError):
    """An option that a recipe does not have, or a value that it cannot take."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an option means and may be."""

    meaning: str
    least: float | None
    most: float | None
    choices: tuple[str, ...]


def option(
    default: T, meaning: str, *, least: float | None = None, most: float | None = None, choices: tuple[str, ...] = ()
) -> T:
    """Declare a field of a recipe's options; `least` and `most` are themselves allowed."""
    declared: T = field(default=default, metadata={"limits": Limits(meaning, least, most, choices)})
    return declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a recipe that is solved in closed form: none of its own."""

    def __post_init__(self) -> None:
        for name, limits in limits_of(type(self)).items():
            _check(name, getattr(self, name), limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Options):
    """The options of every recipe that is trained by gradient."""

    epochs: int = option(200, "times through the training examples", least=1)
    batch: int = option(256, "examples a step", least=1)
    learning_rate: float = option(1e-3, "step of Adam", least=0)
    weight_decay: float = option(0.0, "decoupled weight decay (AdamW)", least=0)
    validation_share: float = option(0.1, "share of tracks held out by artist, 0 = none", least=0, most=0.9)
    patience: int = option(20, "stop after so many epochs without a better validation loss, 0 = never", least=0)
    checkpoint_every: int = option(10, "epochs between two checkpoints", least=1)


def limits_of(options: type[Options]) -> dict[str, Limits]:
    """Return the declared options of a recipe, in order."""
    return {one.name: one.metadata["limits"] for one in fields(options)}


def defaults_of(options: type[Options]) -> dict[str, Any]:
    """Return the default of every option, in order."""
    return {one.name: one.default for one in fields(options)}


def read_options(options: type[Options], texts: Mapping[str, str]) -> dict[str, Any]:
    """Read what was typed, `{"learning-rate": "1e-4"}`, dashes or underscores, as values by field name.

    Raises OptionError, one line, for an unknown name or a value of the wrong kind or outside its limits.
    """
    hints = get_type_hints(options)
    values: dict[str, Any] = {}
    for typed, text in texts.items():
        name = typed.replace("-", "_")
        if name not in hints:
            known = ", ".join(one.replace("_", "-") for one in hints) or "none"
            raise OptionError(f'"{typed}" is no option of this recipe (it has {known})')
        values[name] = _value(name, text, hints[name])
    options(**values)  # checks the limits
    return values


def _value(name: str, text: str, hint: Any) -> Any:
    optional = get_origin(hint) in (Union, UnionType)
    if optional and text.lower() == "none":
        return None
    kind = next(arg for arg in get_args(hint) if arg is not type(None)) if optional else hint
    try:
        if kind is bool:
            return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[text.lower()]
        return kind(text)
    except (ValueError, KeyError):
        wanted = {bool: "yes or no", int: "a whole number", float: "a number"}.get(kind, str(kind))
        raise OptionError(f'--{name.replace("_", "-")} is "{text}", not {wanted}') from None


def _check(name: str, value: Any, limits: Limits) -> None:
    shown = f"--{name.replace('_', '-')} is {value}"
    if limits.choices and value is not None and value not in limits.choices:
        raise OptionError(f"{shown}: choose {', '.join(limits.choices)}")
    if isinstance(value, float) and value - value != 0:
        raise OptionError(f"{shown}: give a finite number")
    if limits.least is not None and value is not None and value < limits.least:
        raise OptionError(f"{shown}: give {limits.least} or more")
    if limits.most is not None and value is not None and value > limits.most:
        raise OptionError(f"{shown}: give {limits.most} or less")
