"""Make a library of any size without music: rows, words, graph, clustered vectors, blocks and index of made-up tracks.

    python benchmarks/make_rows.py TRACKS FOLDER [--seed 0] [--no-vectors] [--no-graph]

Everything goes through the real store. The same arguments give the same library (but for times). About a minute of CPU
and 1.2 GB of disk for 100,000 tracks.

Artists have as many albums as Zipf's law gives them; most words of titles are the common few hundred; every seventh
artist sings Arabic; a fifth of the tracks has lyrics. A track's vectors follow its genre, artist, album and chance,
more or less by modality, as measured on real libraries: nearest neighbours by one modality at cosines of .5 to .8,
random ones at a deviation of .13 to .2; covers are one an album.
"""

import argparse
import io
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.explorer import Explorer
from indexer.graph import rebuild_graph
from indexer.spaces.blocks import packed
from indexer.spaces.shelf import SHIPPED, add_space, shipped_spaces
from indexer.storing.sounds import ATTRIBUTES, CONFIDENCES, put_sound
from indexer.storing.staging import clear_staged, stage_blocks, swap_staged
from indexer.storing.store import Store
from indexer.storing.tracks import FileState, put_track
from indexer.storing.vectors import put_vectors
from indexer.track import Attribute, Cover, Credit, Lyrics, Reading, Role, Stream, Tags
from models.checkpoint import load_space
from models.joint.additive import Space
from models.joint.closed_form import fit_shared_space
from models.modality import MODALITIES, Modality

AT_ONCE = 2_000
"""Tracks of one transaction."""
FITTED_TO, HUB_SAMPLE = 4_000, 2_000
COMMON_TEXT = (
    "love night heart rain river home light day time blue girl song dance fire moon sun dream road summer "
    "world baby black little street star water last good wild sweet lonely city sky morning train red silver "
    "gold ghost winter mother stone paper glass ocean wind golden broken happy slow jazz piano waltz prayer "
    "mountain garden bird harbour king queen angel devil midnight sunday eyes hands goodbye again forever "
    "never always the of in my you me and to"
)
COMMON = tuple(COMMON_TEXT.split())
ARABIC_TEXT = (
    "حب ليل قلب مطر نهر بيت نور يوم زمن عيون روح حلم طريق صيف دنيا قمر شمس نسيم ورد حنين شوق بحر سماء صباح "
    "وطن سلام غنية لحن عمر غربة حبيبي يا على في من الهوى القمر الليل الشوق بيروت بغداد النيل"
)
ARABIC = tuple(ARABIC_TEXT.split())
GENRES_TEXT = (
    "Rock;Pop;Jazz;Classical;Electronic;Hip Hop;Folk;Metal;Ambient;Blues;Country;Soul;Reggae;Punk;Soundtrack;"
    "World;Techno;House;Indie;Singer-Songwriter;Arabic;Tarab;Latin;Gospel;Funk;Disco;Choral;Opera;New Age;"
    "Experimental"
)
GENRES = tuple(GENRES_TEXT.split(";"))
SYLLABLES_TEXT = "ka lo mi ren sha tor vi el na bri dos fen gar hul jo pra qui sel tam ur wen yor zi bel"
SYLLABLES = tuple(SYLLABLES_TEXT.split())
RANGES = {
    "tempo_bpm": (60, 180),
    "key": (0, 24),
    "loudness_lufs": (-24, -6),
    "loudness_range_lu": (2, 14),
    "brightness_hz": (500, 3500),
    "onset_rate": (0, 6),
    "pulse_clarity": (0, 1),
    "attack_share": (0, 0.2),
    "flatness_db": (-40, -10),
    "highlight_seconds": (0, 200),
}
MEASURED = frozenset(ATTRIBUTES) - CONFIDENCES.keys()
WORDS = 30_000
ODDS = np.cumsum(1 / np.arange(9, WORDS + 9) ** 1.05)
ODDS /= ODDS[-1]


@dataclass(frozen=True)
class Modal:
    """How far a modality's vectors follow genre, artist, album and chance; the rest of a track's is its own."""

    genre: float
    artist: float
    album: float
    chance: float
    missing: float


FOLLOWS = {
    Modality.AUDIO: Modal(0.8, 0.8, 0.6, 0.9, 0.01),
    Modality.LYRICS: Modal(0.5, 0.6, 0.2, 1.0, 0.8),
    Modality.TAGS: Modal(0.9, 0.2, 0.3, 0.9, 0.03),
    Modality.COVER: Modal(0.4, 0.5, 1.0, 0.0, 0.15),
    Modality.GRAPH: Modal(0.6, 1.2, 0.8, 0.15, 0.02),
    Modality.PLAYLISTS: Modal(0.6, 0.6, 0.4, 0.8, 0.95),
}
SHARED = 0.7
"""Which part of what a modality follows is common to all of them, and which its own."""
DIRECTIONS, DECAY = 96, 0.45
"""A vector has 96 directions whose strength falls as rank^-.45, as measured."""


class Shelf:
    """Who made which album, and how many tracks each album has."""

    def __init__(self, tracks: int, seed: int) -> None:
        generator = np.random.default_rng(seed)
        sizes = generator.integers(4, 17, size=tracks)
        albums = int(np.searchsorted(np.cumsum(sizes), tracks)) + 1
        self.album_of = np.repeat(np.arange(albums), sizes[:albums])[:tracks]
        self.number_of = np.arange(tracks) - np.searchsorted(self.album_of, self.album_of, side="left") + 1
        artists = max(1, albums // 4)
        odds = 1 / np.arange(1, artists + 1) ** 0.8
        self.artist_of_album = generator.choice(artists, size=albums, p=odds / odds.sum())
        self.genre_of_artist = np.minimum(generator.zipf(1.4, size=artists) - 1, len(GENRES) - 1)
        self.year_of_album = generator.integers(1955, 2026, size=albums)
        self.artists, self.albums = artists, albums


class Points:
    """Draws the encoders' vectors of tracks."""

    def __init__(self, shelf: Shelf, seed: int) -> None:
        generator = np.random.default_rng(seed + 1)
        self._shelf = shelf
        shape = {"genre": len(GENRES), "artist": shelf.artists, "album": shelf.albums}
        self._centres = {
            name: generator.normal(size=(count, DIRECTIONS)).astype(np.float32) for name, count in shape.items()
        }
        heads = load_space(shipped_spaces()[SHIPPED]).heads
        self.encoders = {m: heads[m].encoder for m in MODALITIES if m in heads}
        self._axes, self._means, self._turns = {}, {}, {}
        strength = np.arange(1, DIRECTIONS + 1) ** -DECAY
        for m in self.encoders:
            width = len(heads[m].mean)
            axes, _ = np.linalg.qr(generator.normal(size=(width, DIRECTIONS)))
            self._axes[m] = (axes * strength).T.astype(np.float32)
            self._means[m] = heads[m].mean
            self._turns[m] = np.linalg.qr(generator.normal(size=(DIRECTIONS, DIRECTIONS)))[0].astype(np.float32)

    def draw(
        self, rows: NDArray[np.int64], generator: np.random.Generator
    ) -> tuple[dict[Modality, NDArray[np.float32]], NDArray[np.bool_]]:
        """Draw vectors [n, d] by modality for tracks by their number, and which are there, bool [n, 6]."""
        albums = self._shelf.album_of[rows]
        artists = self._shelf.artist_of_album[albums]
        places = {"genre": self._shelf.genre_of_artist[artists], "artist": artists, "album": albums}
        common = generator.normal(size=(len(rows), DIRECTIONS)).astype(np.float32)
        present = np.zeros((len(rows), len(MODALITIES)), np.bool_)
        x = {}
        for m in self.encoders:
            follows = FOLLOWS[m]
            hidden = follows.chance * common
            for name, numbers in places.items():
                hidden += getattr(follows, name) * self._centres[name][numbers]
            own = hidden @ self._turns[m]
            if follows.chance:
                own += follows.chance * generator.normal(size=own.shape).astype(np.float32)
            mixed = SHARED * hidden + (1 - SHARED) * own
            x[m] = self._means[m] + 0.1 * (mixed @ self._axes[m])
            # A cover is there for all tracks of an album or for none.
            luck = albums * 0.6180339887 % 1 if m is Modality.COVER else generator.random(len(rows))
            present[:, MODALITIES.index(m)] = luck >= follows.missing
        present[:, MODALITIES.index(Modality.LYRICS)] = has_lyrics(rows)
        return x, present


def has_lyrics(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which tracks have words: every fifth, unevenly spread."""
    return numbers * 0.7548776662 % 1 < 0.2


@cache
def word(rank: int) -> str:
    """Return the word of a rank of the vocabulary: a real one, then made-up ones of syllables."""
    if rank < len(COMMON):
        return COMMON[rank]
    text, rest = "", rank
    while rest:
        rest, syllable = divmod(rest, len(SYLLABLES))
        text += SYLLABLES[syllable]
    return text


def line(generator: np.random.Generator, length: int, *, arabic: bool) -> list[str]:
    """Draw words as often as Zipf's law, with Mandelbrot's flat beginning, has them: the first is 2 % of all."""
    ranks = np.searchsorted(ODDS, generator.random(length))
    return [ARABIC[rank % len(ARABIC)] if arabic else word(int(rank)) for rank in ranks]


def artist_name(artist: int) -> str:
    """Name an artist: the seventh and every seventh after in Arabic script, the first ones by plain words."""
    if artist % 7 == 6:
        return f"{ARABIC[artist % len(ARABIC)]} {ARABIC[artist // 7 % len(ARABIC)]} {artist // 301 or ''}".strip()
    first, last = word(len(COMMON) + artist * 37 % 4001), word(len(COMMON) + 4001 + artist)
    return f"{first} {last}".title() if artist % 5 else f"The {last}s".title()


@cache
def picture(album: int) -> bytes:
    """Return a small JPEG of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (album * 53 % 256, album * 101 % 256, album * 197 % 256)).save(file, "JPEG")
    return file.getvalue()


def reading(shelf: Shelf, number: int, generator: np.random.Generator) -> tuple[FileState, Reading]:
    """Make what would have been read of the file of one track."""
    album = int(shelf.album_of[number])
    artist = int(shelf.artist_of_album[album])
    own = np.random.default_rng([album, 7])
    arabic = artist % 7 == 6
    name, genre = artist_name(artist), GENRES[shelf.genre_of_artist[artist]]
    title = " ".join(line(generator, int(generator.integers(1, 5)), arabic=arabic)).capitalize()
    album_title = " ".join(line(own, int(own.integers(1, 4)), arabic=arabic)).capitalize()
    credits = [Credit(name, Role.ARTIST)]
    if generator.random() < 0.08:
        credits.append(Credit(artist_name(int(generator.integers(shelf.artists))), Role.FEATURED, "feat."))
    words = (
        line(generator, int(generator.integers(80, 200)), arabic=arabic) if has_lyrics(np.array([number]))[0] else []
    )
    lines = [" ".join(words[start : start + 6]) for start in range(0, len(words), 6)]
    track = int(shelf.number_of[number])
    tags = Tags(
        title=title,
        artist=name,
        credits=tuple(credits),
        album=album_title,
        album_artist=name,
        genres=(genre,) if generator.random() < 0.8 else (genre, GENRES[int(generator.integers(len(GENRES)))]),
        year=int(shelf.year_of_album[album]),
        track_number=track,
    )
    cover = Cover(f"{album:032x}", picture(album), 600, 600, "embedded") if album * 0.6180339887 % 1 >= 0.15 else None
    path = f"{name}/{album_title} {album}/{track:02} {title}.mp3".encode()
    file = FileState(1, path, 5_000_000, 1_700_000_000_000_000_000 + number, "")
    stream = Stream(float(generator.integers(90, 420)), "mp3", 44100, 2, 256_000)
    return file, Reading(tags, stream, f"{number:032x}", Lyrics("\n".join(lines)) if lines else None, cover)


def put_sounds(store: Store, ids: list[int], generator: np.random.Generator) -> None:
    """Write the estimates that the analysis of the sound would have given, each missing now and then."""
    with store.writing() as connection:
        for track_id in ids:
            drawn = generator.random(len(RANGES))
            made = generator.random(len(RANGES)) < 0.9
            estimates = [
                Attribute(name, float(int(value)) if name == "key" else value, "", 1.0 if name in MEASURED else luck)
                for (name, (low, high)), luck, here in zip(RANGES.items(), drawn.tolist(), made, strict=True)
                if here
                for value in [low + (high - low) * luck]
            ]
            put_sound(connection, track_id, estimates, ("slow", "A minor", "warm"))


def put_rows(store: Store, shelf: Shelf, seed: int) -> Iterator[list[int]]:
    """Write the tracks, a transaction a batch, and yield their ids."""
    with store.db.atomic():
        store.connection.execute("INSERT INTO roots (id, path, added) VALUES (1, ?, 0)", (b"/music",))
    for start in range(0, len(shelf.album_of), AT_ONCE):
        generator = np.random.default_rng([seed, start])
        with store.writing() as connection:
            ids = [
                put_track(connection, *reading(shelf, number, generator), track_id=None)
                for number in range(start, min(start + AT_ONCE, len(shelf.album_of)))
            ]
        put_sounds(store, ids, generator)
        yield ids


def put_points(
    store: Store, points: Points, space: Space, space_id: int, hubs: "Hubs", ids: list[int], start: int
) -> None:
    """Write the vectors of a batch, and stage its blocks and hub terms."""
    generator = np.random.default_rng([start, 3])
    x, present = points.draw(np.arange(start, start + len(ids)), generator)
    with store.writing() as connection:
        for m, rows in x.items():
            here = np.flatnonzero(present[:, MODALITIES.index(m)])
            put_vectors(connection, m, points.encoders[m], [(ids[i], f"{ids[i]:032x}", rows[i]) for i in here])
    blocks, masks = space.blocks(x, present)
    terms = hubs.terms(blocks)
    stage_blocks(
        store,
        space_id,
        [(ids[i], f"{ids[i]:016x}", packed(masks[i]), blocks[i].tobytes(), float(terms[i])) for i in range(len(ids))],
    )


class Hubs:
    """The hub terms by a small sample of the library: ten minutes of them for a million tracks by the real stage."""

    def __init__(self, space: Space, blocks: NDArray[np.float16], masks: NDArray[np.bool_]) -> None:
        content = {m: 0.0 for m in (Modality.GRAPH, Modality.PLAYLISTS)}
        self._queries = space.queries(blocks, masks, faders=content).astype(np.float32)
        self._mean = 0.0
        self._mean = -2 * float(self.terms(blocks).mean())

    def terms(self, blocks: NDArray[np.float16]) -> NDArray[np.float64]:
        """Return hub(t) of rows of blocks, [n]."""
        scores = blocks.astype(np.float32) @ self._queries.T
        near = min(10, scores.shape[1])
        means = np.partition(scores, -near, axis=1)[:, -near:].mean(axis=1).astype(np.float64)
        hubs: NDArray[np.float64] = -0.5 * (means - self._mean)
        return hubs


def make_library(library: Path, tracks: int, *, seed: int = 0, vectors: bool = True, graph: bool = True) -> None:
    """Write a library of `tracks` tracks into an empty folder."""
    shelf = Shelf(tracks, seed)
    with Store(library) as store:
        if not vectors:
            for done in put_rows(store, shelf, seed):
                say(f"rows to {done[-1]:,}")
        else:
            put_all(store, shelf, seed)
        if graph:
            rebuild_graph(store)
            say("graph")
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if vectors:
        Explorer(library).prepare()
        say("index")


def put_all(store: Store, shelf: Shelf, seed: int) -> None:
    """Write rows, vectors and blocks, and put a space to use that is fitted to a sample of them."""
    points = Points(shelf, seed)
    generator = np.random.default_rng(seed + 2)
    sample = np.sort(generator.choice(len(shelf.album_of), size=min(FITTED_TO, len(shelf.album_of)), replace=False))
    x, present = points.draw(sample, generator)
    weights = {m: head.weight for m, head in load_space(shipped_spaces()[SHIPPED]).heads.items()}
    space = fit_shared_space(x, present, encoders=points.encoders, weights=weights, name="made-up")
    space_id = add_space(store, space, name="made-up", recipe="refit", report={})
    some = generator.permutation(len(sample))[:HUB_SAMPLE]
    hubs = Hubs(space, *space.blocks({m: rows[some] for m, rows in x.items()}, present[some]))
    start = 0
    for ids in put_rows(store, shelf, seed):
        put_points(store, points, space, space_id, hubs, ids, start)
        start += len(ids)
        say(f"rows and vectors to {start:,}")
    swap_staged(store, space_id, pinned=False)
    clear_staged(store)


def say(what: str) -> None:
    """Print what is done, with the CPU seconds it took up to now, over the last such line."""
    print(f"\r{what} ({time.process_time():.0f} s of CPU) ", end="", flush=True, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-vectors", action="store_true", help="rows and words alone")
    parser.add_argument("--no-graph", action="store_true")
    arguments = parser.parse_args()
    make_library(
        arguments.folder,
        arguments.tracks,
        seed=arguments.seed,
        vectors=not arguments.no_vectors,
        graph=not arguments.no_graph,
    )
    print(file=sys.stderr)


if __name__ == "__main__":
    main()
