"""Say which encoder reads which modality of a library: a profile for all, or one encoder each.

A library remembers its choice as facts; none means the encoders that come with the program.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from indexer.encoders.folder import State, checked, encoder_id, find_known, state
from models.encoders.known import KnownEncoder
from models.encoders.names import AUDIO_ENCODER, COVER_ENCODER, TEXT_ENCODER
from models.modality import Modality

if TYPE_CHECKING:
    from indexer.storing.store import Store

EMBEDDED, SEED = "embedded", "seed"
PROFILES: dict[str, dict[str, str]] = {
    EMBEDDED: {},
    SEED: {
        "text": "mxbai-embed-large-v1",
        "cover": "open-clip:CLIP-ViT-B-32-laion2B-s34B-b79K",
        "audio": "vggish",
    },
}
"""Profile -> what reads text, covers and sound, where it does not come with the program. The joint space trained for
each has its name among the checkpoints; graph and playlists are encoded alike in all."""
OWN = {"text": TEXT_ENCODER, "cover": COVER_ENCODER, "audio": AUDIO_ENCODER}
"""What comes with the program, by kind of input."""
READS = {"text": (Modality.TAGS, Modality.LYRICS), "cover": (Modality.COVER,), "audio": (Modality.AUDIO,)}
"""The modalities that an encoder of each kind of input serves."""
MODELS_FACT = "models_folder"


class Facts(Protocol):
    """A store or a catalogue: whatever remembers facts of a library."""

    library: Path

    def fact(self, name: str) -> Any:
        """Return a stored fact, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """The encoder that a library uses for one kind of input, beside the embedded one."""

    encoder: KnownEncoder
    models: Path
    """The folder of models that it lies in."""

    @property
    def id(self) -> str:
        """Return name@revision; raises IndexerError when it never was here."""
        return encoder_id(self.models, self.encoder)

    def folder(self) -> Path:
        """Return its folder, whole and as pinned; raises IndexerError, which says what to do, otherwise."""
        return checked(self.models, self.encoder)


def models_folder(library: Facts) -> Path:
    """Return the folder of models of a library: the one it was told of, else `models` within its own folder."""
    return library.library / str(library.fact(MODELS_FACT) or "models")


def chosen(library: Facts, kind: str) -> Chosen | None:
    """Return what a library reads "text", "cover" or "audio" with; None for what comes with the program.

    Raises IndexerError for an encoder that this version of the program does not know.
    """
    name = library.fact(_fact(kind))
    return Chosen(find_known(str(name)), models_folder(library)) if name else None


def profile_of(library: Facts) -> str | None:
    """Return the name of the profile that a library uses; None for a choice of its own."""
    if library.fact("cover_model"):
        return None
    names = {kind: name for kind in OWN if (name := library.fact(_fact(kind)))}
    return next((profile for profile, encoders in PROFILES.items() if encoders == names), None)


def encoders_of(library: Facts) -> dict[str, str]:
    """Return kind of input -> name of what a library chose for it, embedded ones with their revision."""
    return {kind: str(library.fact(_fact(kind)) or OWN[kind]) for kind in OWN}


def standing(library: Facts) -> str:
    """Name the encoders that a library chose and whether they are to be had: "" for those that come with the program.

    Whatever changes it, a fetch or a removal too, gives the next run of `index` something to do.
    """
    parts = []
    for kind in OWN:
        choice = chosen(library, kind)
        if choice is not None:
            here, _ = state(choice.models, choice.encoder)
            parts.append(f"{choice.id if here is State.FETCHED else choice.encoder.name} {here}")
    return ",".join(parts)


def wanted(names: "list[str]", now: dict[str, str]) -> dict[str, str]:
    """Turn profiles and names of encoders into a choice, kind -> name; what is not named stays as it is `now`.

    A later name wins over an earlier one; the embedded encoders have names too.

    Raises
    ------
    IndexerError
        For a name that is neither.

    """
    choice = dict(now)
    for name in names:
        own = next((kind for kind, encoder in OWN.items() if encoder.partition("@")[0] == name.partition("@")[0]), None)
        if name in PROFILES:
            choice = OWN | PROFILES[name]
        elif own is not None:
            choice[own] = OWN[own]
        else:
            encoder = find_known(name)
            choice[encoder.modality] = encoder.name
    return choice


@dataclass(frozen=True, slots=True)
class Switch:
    """What became of a choice."""

    encoders: dict[str, str]
    """Kind of input -> encoder, as chosen now."""
    changed: dict[str, tuple[str, str, int]]
    """Kind of input -> encoder before, encoder now, tracks whose vectors the next run of `index` makes anew."""
    profile: str | None


def use(store: "Store", models: Path, names: "list[str]") -> Switch:
    """Choose encoders for a library; the next run of `index` reads everything that changed with the new ones.

    Until that run is through, the library goes on with the old vectors.

    Raises
    ------
    IndexerError
        When a name is unknown, or an encoder is not in `models`, whole and as pinned: nothing changes then.

    """
    now = encoders_of(store)
    choice = wanted(names, now)
    for kind, name in choice.items():
        if name != OWN[kind]:
            checked(models, find_known(name))
    with store.writing():
        for kind, name in choice.items():
            _set(store, _fact(kind), None if name == OWN[kind] else name)
        _set(store, MODELS_FACT, _within(models, store.library))
        if choice["cover"] != now["cover"] or any(name in PROFILES for name in names):
            _set(store, "cover_model", None)
    changed = {
        kind: (now[kind], name, _tracks(store, kind, name)) for kind, name in choice.items() if name != now[kind]
    }
    return Switch(choice, changed, profile_of(store))


def _set(store: "Store", name: str, value: str | None) -> None:
    store.connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def _within(models: Path, library: Path) -> str:
    """Name the folder of models so that a library that is moved together with it still finds it."""
    return str(models.relative_to(library)) if models.is_relative_to(library) else str(models)


def _tracks(store: "Store", kind: str, name: str) -> int:
    """Count the tracks that have a vector of another encoder."""
    marks = ",".join("?" * len(READS[kind]))
    query = (
        "SELECT count(DISTINCT v.track_id) FROM vectors v JOIN tracks t ON t.id = v.track_id "
        f"WHERE t.missing_since IS NULL AND v.modality IN ({marks}) AND v.encoder NOT LIKE ? || '%'"
    )
    row = store.connection.execute(query, (*(m.value for m in READS[kind]), name.partition("@")[0] + "@")).fetchone()
    return int(row[0])


def _fact(kind: str) -> str:
    return f"encoder_{kind}"
