"""Make the shipped joint space from a folder of training data: `python scripts/make_checkpoint.py DATA`.

DATA holds `library/` (music) and `text/` (musiccaps-public.csv, mtg-jamendo, hetrec2011-lastfm-2k, jamendolyrics,
ultrastar_lyrics). The library is indexed into a temporary folder with this program's own encoders. Modalities with
fewer than 200 distinct inputs ship as shrunken PCA without a shared block; the two text modalities share one basis.
"""

import argparse
import csv
import gzip
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from indexer.embedding import encode
from indexer.encoders import cover_encoder, text_encoder
from indexer.pipeline import WORKERS, take_files
from indexer.progress import Counts
from indexer.reading.workers import Workers
from indexer.spaces.inputs import Inputs
from indexer.stages.embed import tag_texts
from indexer.storing.store import Store
from models.checkpoint import save_space
from models.encoders.collaborative import COLLABORATIVE_DIMENSION
from models.encoders.graph import GRAPH_DIMENSION
from models.encoders.names import AUDIO_ENCODER, COLLABORATIVE_ENCODER, GRAPH_ENCODER, TEXT_ENCODER
from models.joint.additive import Head, Space
from models.joint.whitening import Whitening, completed, fit_whitening
from models.modality import Modality

WEIGHTS = {
    Modality.AUDIO: 1.0,
    Modality.LYRICS: 0.7,
    Modality.TAGS: 0.7,
    Modality.COVER: 0.7,
    Modality.GRAPH: 0.5,
    Modality.PLAYLISTS: 0.5,
}
"""w_m: the middle of a plateau of same-artist and same-piece retrieval on the training library; see the model card."""
ALPHA = 0.3
"""Only text has a shared block before a refit: it counts for queries and must not outweigh the sound."""
TEXTS_AT_MOST = 6_000
WORST_JAMENDO_RANK = 2_000


def main() -> None:
    """Index, fit and write the checkpoint."""
    parser = argparse.ArgumentParser(description="Make the shipped joint space from a folder of training data.")
    parser.add_argument("data", type=Path, help="folder with library/ and text/")
    parser.add_argument("-o", "--output", type=Path, default=Path("models/checkpoints/embedded.safetensors"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store, Workers(WORKERS) as crew:
        read = take_files(store, [arguments.data / "library"], [], Counts(), {})
        for stage in (read, encode(store, crew)):
            for progress in stage:
                print(f"\r{progress.stage} {progress.done}/{progress.total}   ", end="", file=sys.stderr)
        space = fit(store, arguments.data / "text")
    save_space(space, arguments.output)
    arguments.output.chmod(0o644)  # installed with the package, for everyone
    for m, head in space.heads.items():
        shared = "shared + private" if head.shared is not None else "private"
        print(f"{m.value}: {head.encoder}, {len(head.mean)}-d, {shared}, weight {head.weight}")


def fit(store: Store, text: Path) -> Space:
    """Fit one head per modality to the indexed library and the texts."""
    inputs = Inputs(store)
    words = sorted({*tag_texts(store).values(), *tag_corpus(text)})
    songs = sorted({*stanzas(store), *lyrics_corpus(text)})
    print(f"\n{len(inputs.ids)} tracks, {len(words)} tag texts, {len(songs)} stanzas", file=sys.stderr)
    tags = text_encoder().encode(words)
    lyrics = text_encoder().encode(songs)
    # Four times as many tag texts as stanzas: queries are like tags, and lyrics must still be told apart.
    some = np.linspace(0, len(tags) - 1, min(len(tags), 4 * len(lyrics))).astype(int)
    both = fit_whitening(np.vstack([tags[some], lyrics]))
    covers = np.unique(inputs.x[Modality.COVER][inputs.present[:, 3]], axis=0)
    own = {
        Modality.AUDIO: (AUDIO_ENCODER, fit_whitening(inputs.x[Modality.AUDIO][inputs.present[:, 0]]), None),
        Modality.LYRICS: (TEXT_ENCODER, fit_whitening(lyrics), both),
        Modality.TAGS: (TEXT_ENCODER, fit_whitening(tags), both),
        Modality.COVER: (cover_encoder().encoder, fit_whitening(covers), None),
        Modality.GRAPH: (GRAPH_ENCODER, unknown(GRAPH_DIMENSION), None),
        Modality.PLAYLISTS: (COLLABORATIVE_ENCODER, unknown(COLLABORATIVE_DIMENSION), None),
    }
    heads = {m: head(m, encoder, private, shared) for m, (encoder, private, shared) in own.items()}
    return Space(heads, alpha=ALPHA, name="embedded")


def head(m: Modality, encoder: str, private: Whitening, shared: Whitening | None) -> Head:
    """Make a head; directions that the corpus lacks are filled in."""
    filled = completed(private, key=f"{m.value}/{encoder}")
    return Head(encoder, filled.mean, shared.projection if shared else None, filled.projection, WEIGHTS[m])


def unknown(dimension: int) -> Whitening:
    """Return a whitening that knows nothing: relations have no directions that hold elsewhere."""
    return Whitening(np.zeros(dimension, np.float32), np.zeros((dimension, 64), np.float32))


def tag_corpus(text: Path) -> list[str]:
    """Return descriptions of music as TAGS texts: MusicCaps aspects, MTG-Jamendo tag lists, Last.fm tags."""
    with (text / "musiccaps-public.csv").open(newline="", encoding="utf-8") as file:
        captions = [row["aspect_list"].strip("[]").replace("'", "") for row in csv.DictReader(file)]
    jamendo: dict[str, list[str]] = {}
    for path in sorted((text / "mtg-jamendo").glob("autotagging_*.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in list(lines)[1:]:
                fields = line.rstrip("\n").split("\t")
                jamendo.setdefault(fields[0], []).extend(tag.rpartition("---")[2] for tag in fields[5:])
    listed = sorted({", ".join(dict.fromkeys(tags)) for tags in jamendo.values()})[:WORST_JAMENDO_RANK]
    with (text / "hetrec2011-lastfm-2k" / "tags.dat").open(encoding="latin-1") as lines:
        lastfm = [line.rstrip("\n").split("\t")[1] for line in list(lines)[1 : WORST_JAMENDO_RANK + 1]]
    return [text for text in (*captions, *listed, *lastfm) if text][:TEXTS_AT_MOST]


def lyrics_corpus(text: Path) -> list[str]:
    """Return the stanzas of the lyrics that come without sound."""
    songs = [path.read_text(encoding="utf-8") for path in sorted((text / "jamendolyrics").glob("*.txt"))]
    for path in sorted((text / "ultrastar_lyrics").rglob("*.txt")):
        notes = (line.split(" ", 4) for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
        songs.append("\n".join("".join(n[4] if len(n) == 5 else "\n" for n in notes).split("\n")))
    return [stanza for song in songs for stanza in cut(song)]


def stanzas(store: Store) -> list[str]:
    """Return the stanzas of the library's own lyrics."""
    return [stanza for (song,) in store.connection.execute("SELECT text FROM lyrics") for stanza in cut(song)]


def cut(song: str) -> Iterator[str]:
    """Cut lyrics into stanzas of four lines."""
    lines = [line.strip() for line in song.splitlines() if line.strip()]
    for start in range(0, len(lines), 4):
        yield "\n".join(lines[start : start + 4])


if __name__ == "__main__":
    main()
