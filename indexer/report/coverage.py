"""Count which tracks have which modalities."""

from dataclasses import dataclass
from itertools import combinations

from indexer.report.material import Material
from models.modality import Modality


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
        nothing=material.tracks - int(material.present.any(axis=1).sum()),
        encoders={m: material.encoders[m] for m in material.x},
        counts={m: int(material.has(m).sum()) for m in material.x},
        pairs={(a, b): int(material.has(a, b).sum()) for a, b in combinations(material.x, 2)},
    )
