"""Make a music folder of any size: real, playable, tagged files of 3 to 8 KB each, the same for the same seed.

    python -m benchmarks.make_files 10000 /tmp/music [--seed 1]

Artists have as many albums as in real collections (Zipf); an album has one format, year and genre, some have a cover
(in the files or beside them), some tracks have words. 100,000 files take one to two minutes on two cores.
"""

import argparse
import io
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

from PIL import Image

from benchmarks.small_files import FORMATS, TONES, audio_file

_GENRES = (
    "Rock", "Jazz", "Folk", "Electronic", "Classical", "Hip-Hop", "Metal", "Ambient", "Soul", "Reggae", "Blues", "Punk",
    "House", "Techno", "Country", "Latin", "Funk", "Dub", "Drone", "Chanson", "Fado", "Raï", "Tango", "Choral",
)  # fmt: skip
_SYLLABLES = (
    "ba", "be", "bo", "da", "de", "do", "fa", "fe", "ga", "go", "ha", "ja", "ka", "ke", "la", "le", "lo", "ma",
    "me", "mi", "mo", "na", "ne", "no", "pa", "pe", "ra", "re", "ri", "ro", "sa", "se", "so", "ta", "te", "to",
    "va", "ve", "wa", "ya", "za", "ze", "zu", "än", "él", "ör", "ló",
)  # fmt: skip
_WORDS = (
    "river", "night", "stone", "harbour", "light", "rain", "winter", "garden", "fire", "glass", "silver", "road",
    "summer", "shadow", "ocean", "morning", "bird", "heart", "mirror", "dust", "machine", "dream", "city", "wolf",
    "moon", "tower", "blue", "salt", "paper", "honey", "thunder", "window", "orchard", "signal", "velvet", "iron",
)  # fmt: skip
_TRACKS = range(6, 15)
"""To an album: ten on average."""
_MOST_ALBUMS = 60
_SHARE_EMBEDDED, _SHARE_BESIDE = 0.3, 0.3
_SHARE_WORDS = 0.1
_PIXELS = {"embedded": 24, "beside": 160}


@dataclass(frozen=True)
class Album:
    """All that decides the files of one album."""

    seed: str
    artist: str
    number: int
    tracks: int


def make_files(folder: Path, *, tracks: int, seed: int = 1, processes: int = 2) -> None:
    """Write exactly `tracks` audio files below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes) as pool:
        for _ in pool.map(
            write_album, *zip(*((folder, album) for album in albums(tracks, seed)), strict=True), chunksize=16
        ):
            pass


def albums(tracks: int, seed: int) -> Iterator[Album]:
    """Plan the albums: the artist of rank r has some 1/r of the most albums, and one at least."""
    random = Random(f"{seed} albums")
    left, rank, number = tracks, 0, 0
    while left:
        rank += 1
        artist = _name(Random(f"{seed} artist {rank}")) + (f" {rank}" if rank > 2000 else "")
        for _ in range(max(1, round(_MOST_ALBUMS / rank))):
            size = min(random.choice(_TRACKS), left)
            if size:
                number += 1
                left -= size
                yield Album(f"{seed} album {number}", artist, number, size)


def write_album(folder: Path, album: Album) -> None:
    """Write one album's files, cover and words."""
    random = Random(album.seed)
    title = f"{_title(random)} {album.number % 97 or ''}".strip()
    place = folder / album.artist / f"{title} [{album.number}]"
    place.mkdir(parents=True)
    genre = random.choices(_GENRES, cum_weights=list(accumulate(1 / k for k in range(1, len(_GENRES) + 1))))[0]
    ending, year, chance = random.choice(FORMATS), str(random.randint(1955, 2025)), random.random()
    picture = _picture(random, _PIXELS["embedded"]) if chance < _SHARE_EMBEDDED else b""
    if _SHARE_EMBEDDED <= chance < _SHARE_EMBEDDED + _SHARE_BESIDE:
        (place / "cover.jpg").write_bytes(_picture(random, _PIXELS["beside"]))
    for number in range(1, album.tracks + 1):
        song = _title(random)
        guest = f" (feat. {_name(random)})" if random.random() < 0.05 else ""
        fields = {
            "TITLE": f"{song}{guest}",
            "ARTIST": album.artist,
            "ALBUM": title,
            "ALBUMARTIST": album.artist,
            "GENRE": genre,
            "DATE": year,
            "TRACKNUMBER": str(number),
        }
        has_words = random.random() < _SHARE_WORDS
        if has_words and number % 2:
            fields["LYRICS"] = _lyrics(random)
        name = f"{number:02} {song}"
        if has_words and not number % 2:
            (place / f"{name}.lrc").write_text(_timed(_lyrics(random)), encoding="utf-8")
        tone = _GENRES.index(genre) % TONES
        data = audio_file(ending, tone=tone, random=random, fields=fields, picture=picture)
        (place / f"{name}.{ending}").write_bytes(data)


def _name(random: Random) -> str:
    """Make up the name of an artist of one to three words."""
    words = [
        "".join(random.choices(_SYLLABLES, k=random.randint(2, 4))).capitalize() for _ in range(random.randint(1, 3))
    ]
    return " ".join(words)


def _title(random: Random) -> str:
    words = random.sample(_WORDS, random.randint(1, 3)) + random.choices(_SYLLABLES, k=random.randint(0, 2))
    return " ".join(words).capitalize()


def _lyrics(random: Random) -> str:
    return "\n".join(" ".join(random.choices(_WORDS, k=6)) for _ in range(random.randint(4, 12)))


def _timed(words: str) -> str:
    return "".join(f"[00:{number:02}.50]{line}\n" for number, line in enumerate(words.split("\n")))


def _picture(random: Random, pixels: int) -> bytes:
    """Draw a cover of two colours that fade into each other."""
    made = io.BytesIO()
    corners = Image.frombytes("RGB", (2, 2), random.randbytes(12))
    corners.resize((pixels, pixels), Image.Resampling.BICUBIC).save(made, "JPEG", quality=80)
    return made.getvalue()


def main() -> None:
    """Read the command line and make the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    started = time.monotonic()
    make_files(arguments.folder, tracks=arguments.tracks, seed=arguments.seed, processes=arguments.processes)
    files = [path for path in arguments.folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{arguments.tracks} tracks, {len(files)} files, {size / 1e6:.0f} MB, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
