"""Choose the encoder of each modality, fetch and keep those that do not come with the program.

One place loads the heavy ones, once, when first used.
"""

from indexer.encoders.audio import AudioEncoder, DescribingEncoder, audio_encoder, describing_encoder, outside_sound
from indexer.encoders.cover import (
    CoverEncoder,
    OwnCoverEncoder,
    cover_encoder,
    cover_reader,
    library_cover_encoder,
)
from indexer.encoders.text import asked_encoder, query_encoder, query_reader, scripts_of, text_encoder

__all__ = [
    "AudioEncoder",
    "CoverEncoder",
    "DescribingEncoder",
    "OwnCoverEncoder",
    "asked_encoder",
    "audio_encoder",
    "cover_encoder",
    "cover_reader",
    "describing_encoder",
    "library_cover_encoder",
    "outside_sound",
    "query_encoder",
    "query_reader",
    "scripts_of",
    "text_encoder",
]
