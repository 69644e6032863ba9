"""Write a small music library out of nothing: sound, tags, covers, lyrics and playlists, to try the explorer on.

Everything is made here, the same on every machine for the same seed (encoded bytes may differ between builds
of the encoders). See indexer/demo_catalogue.py for what it holds and indexer/demo_sound.py for how it sounds.
"""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from indexer.demo_catalogue import ALBUMS, PLAYLISTS, STYLES, DemoAlbum, DemoTrack
from indexer.demo_cover import draw_cover
from indexer.demo_sound import SAMPLE_RATE, Samples, play_piece
from indexer.demo_tags import write_tags
from indexer.errors import IndexerError

TRACK_SECONDS = 12.0
MARK = ".fairouz-demo.json"
"""The file that says a folder is ours and whether it is finished; without it nothing in a folder is touched."""
EDITION = 1
"""Raised when the demo changes, so that an older one is made anew."""
LINE_SECONDS = 2.5
"""How long a line of synced lyrics lasts."""
CODECS = {".mp3": "libmp3lame", ".flac": "flac", ".ogg": "vorbis", ".opus": "libopus", ".m4a": "aac"}

ENCODER_OPTIONS = {
    ".mp3": {"compression_level": "7"},  # three times as fast as the default, and heard by nobody here
    ".m4a": {"aac_coder": "fast"},
    ".ogg": {"strict": "-2"},  # the encoder of Vorbis at hand is called experimental
}


def make_demo_library(folder: Path, *, seed: int = 0) -> int:
    """Write the demo library into `folder` and return its number of audio files; a finished one is left as it is.

    `seed` decides the melodies and pictures. Raises IndexerError when the folder holds something else or cannot be
    written; an unfinished demo (interrupted, disk full) is made again over itself.
    """
    files = list(_list_files(folder))
    mark = {"edition": EDITION, "seed": seed, "finished": True}
    try:
        if _read_mark(folder) == mark and all(path.is_file() for path, _, _ in files):
            return len(files)
        _claim(folder)
        for album in ALBUMS:
            _write_album(folder, album, seed)
        _write_playlists(folder, files)
        (folder / MARK).write_text(json.dumps(mark), "utf-8")
    except OSError as error:
        raise IndexerError(f"{folder}: the demo library cannot be written: {error.strerror or error}") from error
    return len(files)


def _list_files(folder: Path) -> Iterator[tuple[Path, DemoAlbum, DemoTrack]]:
    for album in ALBUMS:
        for number, track in enumerate(album.tracks, start=1):
            name = f"{number:02} {track.title}{album.suffix}"
            yield folder / album.artist / f"{album.title} ({album.year})" / name, album, track


def _read_mark(folder: Path) -> object:
    try:
        return json.loads((folder / MARK).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def _claim(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / MARK).exists() and any(folder.iterdir()):
        raise IndexerError(f"{folder} is not empty and holds no demo library: name an empty or a new folder")
    (folder / MARK).write_text(json.dumps({"edition": EDITION, "finished": False}), "utf-8")


def _write_album(folder: Path, album: DemoAlbum, seed: int) -> None:
    picture = draw_cover(album.artist, title=album.title, seed=seed) if album.cover else b""
    for path, of, track in _list_files(folder):
        if of is not album:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        _encode(path, _play(album, track, seed))
        if track.tagged:
            number = album.tracks.index(track) + 1
            embedded = picture if album.cover == "embedded" else b""
            write_tags(path, album=album, track=track, number=number, picture=embedded)
        if track.lyrics and album.words == "lrc":
            path.with_suffix(".lrc").write_text(format_lrc(track.lyrics), "utf-8")
        if album.cover == "folder":
            (path.parent / "cover.jpg").write_bytes(picture)


def _play(album: DemoAlbum, track: DemoTrack, seed: int) -> Samples:
    melody = zlib.crc32(f"{seed}/{track.tune_of or track.title}".encode())
    tempo = 0.95 + 0.1 * (zlib.crc32(track.title.encode()) % 101) / 100  # tracks of an artist differ by up to 10 %
    first, *others = track.players or (album.artist,)
    sound = play_piece(STYLES[first], seed=melody, seconds=TRACK_SECONDS, tempo=tempo)
    for other in others:
        match = STYLES[first].tempo_bpm * tempo / STYLES[other].tempo_bpm  # guests keep the leader's time
        sound = (0.6 * sound + 0.4 * play_piece(STYLES[other], seed=melody, seconds=TRACK_SECONDS, tempo=match)).astype(
            np.float32
        )
    return sound


def _encode(path: Path, sound: Samples) -> None:
    import av

    options = {"fflags": "+bitexact"}  # no dates or random serial numbers: the same bytes every time
    with av.open(str(path), "w", options=options) as container:
        stream: Any = container.add_stream(CODECS[path.suffix], rate=SAMPLE_RATE)
        stream.layout = "stereo"
        stream.codec_context.flags |= 1 << 23  # AV_CODEC_FLAG_BITEXACT, for the same reason
        stream.options = ENCODER_OPTIONS.get(path.suffix, {})
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        for part in (frame, None):
            container.mux(stream.encode(part))


def format_lrc(lines: tuple[str, ...]) -> str:
    """Return lyrics as LRC text, one line every LINE_SECONDS from the first second on."""
    starts = (1.0 + LINE_SECONDS * place for place in range(len(lines)))
    return "".join(f"[{int(t // 60):02}:{t % 60:05.2f}]{line}\n" for t, line in zip(starts, lines, strict=True))


def _write_playlists(folder: Path, files: list[tuple[Path, DemoAlbum, DemoTrack]]) -> None:
    for name, titles in PLAYLISTS.items():
        lines = ["#EXTM3U"]
        for title in titles:
            path, album, track = next(file for file in files if file[2].title == title)
            lines.append(f"#EXTINF:{TRACK_SECONDS:.0f},{track.artist or album.artist} - {title}")
            lines.append(path.relative_to(folder).as_posix())
        (folder / f"{name}.m3u8").write_text("\n".join(lines) + "\n", "utf-8")
