"""Read files with one reader and say how much CPU it took: `audio_reader.py NAME`, started by `audio.py` alone.

Stands alone, so that it runs in an environment that holds nothing but a peer. Takes one file a line on stdin, as JSON.
The first it hears only so that all is imported, and answers "ready"; each of the others it hears and answers "done"; an
empty line ends it with one JSON object of all vectors.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable

Reader = Callable[[str], list[float]]


def fairouz() -> Reader:
    from indexer.reading.audio import analyse
    from indexer.reading.memory import keep_freed_memory

    keep_freed_memory()  # as the workers of the product do
    return lambda path: list(analyse(path).vector)


def fairouz_decoding() -> Reader:
    from indexer.reading.audio import read_excerpts
    from indexer.reading.memory import keep_freed_memory

    keep_freed_memory()

    def read(path: str) -> list[float]:
        read_excerpts(path)
        return []

    return read


def mfcc() -> Reader:
    from benchmarks.similarity_baseline import mfcc_baseline
    from indexer.reading.audio import decode_excerpts

    return lambda path: mfcc_baseline(decode_excerpts(path)).tolist()


def bliss() -> Reader:
    song = importlib.import_module("bliss_audio").Song
    return lambda path: list(song(path).analysis)


def essentia() -> Reader:
    library = importlib.import_module("essentia")
    library.log.infoActive = library.log.warningActive = False
    extract = importlib.import_module("essentia.standard").MusicExtractor(
        lowlevelStats=["mean", "stdev"], rhythmStats=["mean", "stdev"], tonalStats=["mean", "stdev"]
    )

    def read(path: str) -> list[float]:
        extract(path)
        return []

    return read


READERS: dict[str, Callable[[], Reader]] = {
    "fairouz": fairouz,
    "fairouz-decoding": fairouz_decoding,
    "mfcc": mfcc,
    "bliss": bliss,
    "essentia": essentia,
}


def heard(read: Reader, path: str) -> list[float] | None:
    try:
        return read(path)
    except BaseException as error:  # bliss-audio raises a BaseException on some files
        if isinstance(error, KeyboardInterrupt):
            raise
        return None


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # peers write to the terminal
    first: str = json.loads(sys.stdin.readline())
    try:
        read = READERS[sys.argv[1]]()
    except ImportError as error:
        print(json.dumps({"absent": str(error)}), file=answers, flush=True)
        return
    heard(read, first)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    start, vectors = time.process_time(), []
    while line := sys.stdin.readline().strip():
        vectors.append(heard(read, json.loads(line)))
        print(json.dumps({"done": True}), file=answers, flush=True)
    print(json.dumps({"cpu_seconds": time.process_time() - start, "vectors": vectors}), file=answers, flush=True)


if __name__ == "__main__":
    main()
