"""Count which tracks have which modalities."""

from dataclasses import dataclass
from itertools import combinations

from indexer.report.material import Material
from models.modality import MODALITIES, Modality


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the tracks of a library have."""

    tracks: int
    nothing: int
    """Tracks without any vector."""
    encoders: dict[Modality, str]
    counts: dict[Modality, int]
    pairs: dict[tuple[Modality, Modality], int]

    def share(self, m: Modality) -> float:
        """Return the share of tracks with a modality, 0 for none."""
        return self.counts.get(m, 0) / self.tracks if self.tracks else 0.0


def measure_coverage(material: Material) -> Coverage:
    """Count the tracks that have each modality, and each pair."""
    return Coverage(
        tracks=material.tracks,
        nothing=material.tracks - int(material.everywhere.any(axis=1).sum()),
        encoders={m: material.encoders[m] for m in material.x},
        counts={m: _count(material, m) for m in material.x},
        pairs={(a, b): _count(material, a, b) for a, b in combinations(material.x, 2)},
    )


def _count(material: Material, *modalities: Modality) -> int:
    """Count the tracks of the whole library that have all of these modalities."""
    return int(material.everywhere[:, [MODALITIES.index(m) for m in modalities]].all(axis=1).sum())
