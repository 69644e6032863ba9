"""List the encoders: what each is, where it stands on this machine, and what the library does with it. Reads only."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.encoders.folder import State, state
from indexer.encoders.profiles import OWN, PROFILES, encoders_of
from models.encoders.known import KNOWN
from models.encoders.names import COLLABORATIVE_ENCODER, ENCODERS, GRAPH_ENCODER

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.encoders.profiles import Facts

_LICENCE = "GPL-3.0-or-later"
"""Of our own encoders: the program's."""
_TEXT_LICENCE, _TEXT_MEGABYTES = "Apache-2.0", 91
"""Of all-MiniLM-L6-v2, which comes in a package of its own."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An encoder as it is listed."""

    name: str
    kind: str
    """What it reads: "text" (lyrics and tags), "cover", "audio", "graph" or "playlists"."""
    megabytes: int
    licence: str
    dimension: int
    state: State
    problem: str
    """What is wrong with a damaged one; "" otherwise."""
    in_use: bool
    """The library was told to use it, or uses it by default."""
    profiles: tuple[str, ...]
    repository: str
    """owner/name on the hub; "" for what does not come from there."""
    files: tuple[str, ...]
    """What it consists of; none for what comes with the program."""


def list_encoders(models: "Path", library: "Facts | None", *, thorough: bool = False) -> list[Listed]:
    """Return the embedded encoders and those that can be had; `library` None where there is none yet.

    `thorough` hashes every file anew.
    """
    uses = set((encoders_of(library) if library is not None else OWN).values()) | {GRAPH_ENCODER, COLLABORATIVE_ENCODER}
    if library is not None and library.fact("cover_model"):
        uses.discard(encoders_of(library)["cover"])
    listed = [_own(name, in_use=name in uses) for name in ENCODERS]
    for encoder in KNOWN:
        where, problem = state(models, encoder, thorough=thorough)
        profiles = tuple(name for name, parts in PROFILES.items() if encoder.name in parts.values())
        listed.append(
            Listed(
                encoder.name, encoder.modality, encoder.megabytes, encoder.licence, encoder.dimension, where, problem,
                encoder.name in uses, profiles, encoder.repository, encoder.files,
            )
        )  # fmt: skip
    return listed


def _own(name: str, *, in_use: bool) -> Listed:
    """Describe an encoder that comes with the program."""
    from models.encoders import audio, cover
    from models.encoders.collaborative import COLLABORATIVE_DIMENSION
    from models.encoders.graph import GRAPH_DIMENSION
    from models.encoders.text import TEXT_DIMENSION

    kind, dimension = {
        OWN["text"]: ("text", TEXT_DIMENSION),
        OWN["cover"]: ("cover", cover.DIMENSIONS),
        OWN["audio"]: ("audio", audio.DIMENSIONS),
        GRAPH_ENCODER: ("graph", GRAPH_DIMENSION),
        COLLABORATIVE_ENCODER: ("playlists", COLLABORATIVE_DIMENSION),
    }[name]
    megabytes, licence = (_TEXT_MEGABYTES, _TEXT_LICENCE) if kind == "text" else (0, _LICENCE)
    profiles = tuple(profile for profile, parts in PROFILES.items() if kind not in parts)
    return Listed(name, kind, megabytes, licence, dimension, State.EMBEDDED, "", in_use, profiles, "", ())
