"""Make tiny audio files of every format that PyAV can encode, tagged through mutagen where a test asks for it."""

import io
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from PIL import Image

ENCODINGS = {
    "mp3": ("mp3", "mp3", "fltp"),
    "flac": ("flac", "flac", "s16"),
    "ogg": ("ogg", "libvorbis", "fltp"),
    "opus": ("opus", "libopus", "flt"),
    "m4a": ("ipod", "aac", "fltp"),
    "alac.m4a": ("ipod", "alac", "s16p"),
    "wav": ("wav", "pcm_s16le", "s16"),
    "aiff": ("aiff", "pcm_s16be", "s16"),
    "wma": ("asf", "wmav2", "fltp"),
    "wv": ("wv", "wavpack", "s16p"),
    "tta": ("tta", "tta", "s16p"),
    "aac": ("adts", "aac", "fltp"),
    "mka": ("matroska", "libopus", "flt"),
}
"""Ending -> container, codec, sample format."""

_SAMPLE_RATE = 48_000


def make_audio(path: Path, *, seconds: float = 1.0, seed: int = 0) -> Path:
    """Write noise-like sound in the format of the path's ending; another seed gives another sound."""
    ending = "alac.m4a" if path.name.endswith("alac.m4a") else path.suffix[1:].lower()
    path.write_bytes(encoded(ending, seconds, seed))
    return path


@lru_cache
def encoded(ending: str, seconds: float, seed: int) -> bytes:
    """Encode seeded noise; the bytes are made once a run."""
    container_name, codec, sample_format = ENCODINGS[ending]
    samples = np.random.default_rng(seed).integers(-8000, 8000, int(seconds * _SAMPLE_RATE), dtype=np.int16)
    made = io.BytesIO()
    with av.open(made, "w", format=container_name) as container:
        name = "vorbis" if codec == "libvorbis" and codec not in av.codecs_available else codec
        options = {"strict": "experimental"} if name == "vorbis" else {}
        layout = "stereo" if name == "vorbis" else "mono"
        stream = container.add_stream(name, rate=_SAMPLE_RATE, format=sample_format, layout=layout, options=options)
        assert isinstance(stream, av.AudioStream)
        if name == "wmav2":
            stream.bit_rate = 64_000
        _encode(container, stream, samples)
    return made.getvalue()


def _encode(container: av.container.OutputContainer, stream: av.AudioStream, samples: np.ndarray) -> None:
    resampler = av.AudioResampler(format=stream.format, layout=stream.layout, rate=_SAMPLE_RATE)
    whole = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    whole.sample_rate = _SAMPLE_RATE
    whole.pts = 0
    fifo = av.AudioFifo()
    for frame in resampler.resample(whole):
        fifo.write(frame)
    while (piece := fifo.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))


def picture(*, width: int = 40, height: int = 30, colour: str = "red", kind: str = "JPEG") -> bytes:
    """Encode a picture of one colour."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(made, kind)
    return made.getvalue()
