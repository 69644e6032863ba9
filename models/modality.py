"""Name the six ways in which two tracks can be alike."""

from enum import StrEnum


class Modality(StrEnum):
    """A source of evidence about a track; the value is its name on the command line and in JSON."""

    AUDIO = "audio"
    LYRICS = "lyrics"
    TAGS = "tags"
    COVER = "cover"
    GRAPH = "graph"
    PLAYLISTS = "playlists"


MODALITIES: tuple[Modality, ...] = tuple(Modality)
"""The fixed order in which modalities stand in a block vector."""
