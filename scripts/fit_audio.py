"""Fit the standardisation of the audio encoder on a folder of music: `fit_audio.py FOLDER [-o FILE]`."""

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from indexer.errors import ReadError
from indexer.reading.audio import decode_excerpts
from models.encoders.audio import CHECKPOINT, describe_audio, fit_standardisation, save_standardisation
from models.encoders.spectrogram import Array

WORKERS = 2


def raw_descriptor(path: Path) -> Array | str:
    """Describe one file without standardisation, or say why it could not be read."""
    try:
        return describe_audio(decode_excerpts(str(path)))
    except ReadError as error:
        return str(error)


def main() -> None:
    """Describe every file of the folder that decodes and write mean and scale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=CHECKPOINT)
    arguments = parser.parse_args()
    files = sorted(path for path in arguments.folder.rglob("*") if path.is_file())
    with ProcessPoolExecutor(WORKERS) as pool:
        results = list(pool.map(raw_descriptor, files, chunksize=8))
    vectors = [result for result in results if not isinstance(result, str)]
    save_standardisation(fit_standardisation(np.stack(vectors)), path=arguments.output)
    print(f"{arguments.output}: fitted on {len(vectors)} of {len(files)} files; the others hold no sound")


if __name__ == "__main__":
    main()
