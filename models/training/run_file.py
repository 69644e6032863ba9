"""Say what a run is, keep it in `run.json`, and see that a run is resumed as it was begun."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from models.errors import ModelError
from models.training.options import Options, limits_of
from models.training.recipe import Recipe
from models.training.recipes import recipe_named

RUN = "run.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is: two runs of equal plans give equal weights on the same machine."""

    recipe: Recipe
    options: Options
    seed: int
    data: str
    """Digest of the dataset."""
    threads: int
    """Threads of torch: another number adds up in another order."""

    def description(self) -> dict[str, Any]:
        """Return the plan ready for JSON."""
        return {
            "recipe": self.recipe.name,
            "options": asdict(self.options),
            "seed": self.seed,
            "data": self.data,
            "threads": self.threads,
        }


def begun(folder: Path) -> dict[str, Any] | None:
    """Return what `run.json` says of the run in a folder, None where there is none; raises ModelError if damaged."""
    file = folder / RUN
    if not file.is_file():
        return None
    try:
        described = json.loads(file.read_text("utf-8"))
        if not isinstance(described["options"], dict):
            raise ValueError("options")
        for key, least in (("seed", 0), ("threads", 1)):
            if not isinstance(described[key], int) or described[key] < least:
                raise ValueError(key)
        for key in ("recipe", "data", "source"):
            if not isinstance(described[key], str):
                raise ValueError(key)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file} is damaged: start a new run in another folder") from error
    return dict(described)


def resumed_options(described: Mapping[str, Any], chosen: Mapping[str, Any]) -> Options:
    """Return the options of a run to resume; `chosen`, by field name, may repeat them, and raise the epochs.

    Raises ModelError, one line, where another value is asked for.
    """
    kind = recipe_named(described["recipe"]).options
    try:
        options = kind(**described["options"])
    except TypeError as error:
        raise ModelError("the run was begun by another version: start a new run in another folder") from error
    for name, value in chosen.items():
        if name == "epochs":
            options = replace(options, **{name: value})
        elif getattr(options, name) != value:
            typed = name.replace("_", "-")
            raise ModelError(
                f"the run was begun with --{typed} {getattr(options, name)}, not {value}: "
                f"resume it without, or start a new run in another folder"
            )
    return options


def check_same(described: Mapping[str, Any], plan: Plan) -> None:
    """Raise ModelError, one line, where a run was begun with another plan; more epochs are welcome."""
    wanted = plan.description()
    if described["data"] != wanted["data"]:
        raise ModelError("the data is not that which the run was begun with: start a new run in another folder")
    for key in ("recipe", "seed"):
        if described[key] != wanted[key]:
            raise ModelError(
                f"the run was begun with --{key} {described[key]}, not {wanted[key]}: "
                f"resume it without, or start a new run in another folder"
            )
    differing = [
        name for name in limits_of(type(plan.options)) if described["options"].get(name) != wanted["options"][name]
    ]
    if set(differing) - {"epochs"}:
        raise ModelError(
            f"the run was begun with other options ({', '.join(differing)}): start a new run in another folder"
        )
