"""Share the options that several commands take, and read what is written in them."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer


def ending(*endings: str) -> Callable[[Path | None], Path | None]:
    """Return what refuses a file of another ending, before anything is worked out for it."""

    def check(file: Path | None) -> Path | None:
        if file is not None and file.suffix.lower() not in endings:
            raise typer.BadParameter(f'"{file}" must end in {", ".join(endings[:-1])} or {endings[-1]}')
        return file

    return check


def one_of(*known: str) -> Callable[[str], str]:
    """Return what refuses a word that is none of those known."""

    def check(word: str) -> str:
        if word not in known:
            raise typer.BadParameter(f'"{word}" is none of {", ".join(known)}')
        return word

    return check


Library = Annotated[
    Path | None,
    typer.Option(
        "--library", metavar="DIR", help="Where the library is kept (default: your data folder, or FAIROUZ_HOME)."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Weights = Annotated[
    str | None,
    typer.Option("--weights", metavar="NAME=X,...", help="How much each counts, 1 by default: audio=2,cover=0."),
]
Count = Annotated[int, typer.Option("-n", "--count", min=1, max=1_000_000, metavar="N", help="How many tracks.")]
First = Annotated[bool, typer.Option("--first", help="Take the best match when several tracks come close.")]
NoHub = Annotated[bool, typer.Option("--no-hub", help="Do not hold back tracks that are near to everything.")]
PerArtist = Annotated[
    int, typer.Option("--per-artist", min=0, metavar="N", help="Rows of one artist at most; 0: any number.")
]
PerAlbum = Annotated[
    int, typer.Option("--per-album", min=0, metavar="N", help="Rows of one album at most; 0: any number.")
]
AllVersions = Annotated[
    bool, typer.Option("--all-versions", help="A row for each version of a recording (live, remastered, ...).")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write the tracks as .m3u8, .xspf or .pls.",
        callback=ending(".m3u8", ".xspf", ".pls", ".m3u"),
    ),
]

_MODALITIES = ("audio", "lyrics", "tags", "cover", "graph", "playlists")


def verb_follows(context: typer.Context, library: Path | None) -> bool:
    """Tell whether a group's command is followed by one of its verbs, and let that have the library named before it."""
    if context.invoked_subcommand is None:
        return False
    if library is not None:
        context.default_map = {context.invoked_subcommand: {"library": str(library)}}
    return True


def faders(weights: str | None) -> dict[str, float] | None:
    """Read "audio=2,cover=0"; a name that is no modality or a number below 0 is wrong usage."""
    if weights is None:
        return None
    parsed: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in weights.split(","))):
        name, _, number = part.partition("=")
        try:
            parsed[name.strip()] = float(number)
        except ValueError:
            raise typer.BadParameter(f'"{part}" is not NAME=NUMBER', param_hint="--weights") from None
        if name.strip() not in _MODALITIES:
            raise typer.BadParameter(f'"{name}" is no modality ({", ".join(_MODALITIES)})', param_hint="--weights")
        if not 0 <= parsed[name.strip()] < float("inf"):
            raise typer.BadParameter(f"the weight of {name} must be 0 or more", param_hint="--weights")
    return parsed


def modality(name: str | None, *, hint: str = "--modality") -> str | None:
    """Check the name of a modality."""
    if name is not None and name not in _MODALITIES:
        raise typer.BadParameter(f'"{name}" is no modality ({", ".join(_MODALITIES)})', param_hint=hint)
    return name


def seconds(length: str | None) -> float | None:
    """Read a length: 60m, 1h30m, 90s, 45:00 or plain minutes."""
    if length is None:
        return None
    import re

    text = length.strip().lower()
    if match := re.fullmatch(r"(\d+):([0-5]\d)(?::([0-5]\d))?", text):
        parts = [int(part) for part in match.groups() if part is not None]
        total = parts[0] * 60 + parts[1] if len(parts) == 2 else parts[0] * 3600 + parts[1] * 60 + parts[2]
    elif (match := re.fullmatch(r"(?:(\d+)h)?(?:(\d+)(?:m|$))?(?:(\d+)s)?", text)) and any(match.groups()):
        hours, minutes, rest = (int(part or 0) for part in match.groups())
        total = hours * 3600 + minutes * 60 + rest
    else:
        raise typer.BadParameter(f'"{length}" is no length (try 60m, 1h30m or 45:00)', param_hint="--length")
    if total <= 0:
        raise typer.BadParameter("a playlist must be longer than nothing", param_hint="--length")
    return float(total)


def print_json(value: Any) -> None:
    """Print JSON in ASCII: bytes of a file name that are no text travel as lone surrogates."""
    json.dump(value, sys.stdout, ensure_ascii=True, allow_nan=False)
    sys.stdout.write("\n")
