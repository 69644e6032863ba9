"""Fit the likeness of sounds to ten genres, models/checkpoints/likeness.safetensors.

    python scripts/fit_likeness.py gtzan_features_30_sec.csv

The file has a row a clip, with mean and variance of 20 MFCC (librosa's) and the genre in `label`. Multinomial logistic
regression on the standardised means and log deviations; the accuracy printed is of clips left out.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from models.encoders.audio import CEPSTRA
from models.encoders.likeness import Likeness, save_likeness

STRENGTH = 0.03
"""Inverse of the penalty: stronger than what is best on GTZAN itself, since the model is to be used elsewhere."""
FOLDS = 7


def main() -> None:
    """Read the features, measure, fit and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features", type=Path)
    options = parser.parse_args()
    with options.features.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    features, genres = cepstral(rows), np.array([row["label"] for row in rows])
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    print(f"accuracy of clips left out: {cross_val_score(model, features, genres, cv=FOLDS).mean():.2f}")
    model.fit(features, genres)
    save_likeness(Likeness(tuple(str(genre) for genre in model.classes_), model.coef_.T.astype(np.float32)))


def cepstral(rows: list[dict[str, str]]) -> NDArray[np.float64]:
    """Return the standardised means of the MFCC but the first, and the logarithms of all their deviations."""
    means = [[float(row[f"mfcc{k}_mean"]) for k in range(2, CEPSTRA + 1)] for row in rows]
    spreads = [[0.5 * np.log(float(row[f"mfcc{k}_var"])) for k in range(1, CEPSTRA + 1)] for row in rows]
    features = np.hstack([means, spreads])
    standard: NDArray[np.float64] = (features - features.mean(axis=0)) / features.std(axis=0)
    return standard


if __name__ == "__main__":
    main()
