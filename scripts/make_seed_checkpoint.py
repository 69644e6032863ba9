"""Make models/checkpoints/seed.safetensors from the published Fairouz data: `make_seed_checkpoint.py DATA`.

The space of the profile `seed`: VGGish for sound, mxbai-embed-large-v1 for words, OpenCLIP ViT-B-32 laion2B for covers.
The recipe is `hybrid` on all 822 tracks without the graph (whose directions mean nothing in another library), seed 0;
the same data gives the same file. Its model card is models/checkpoints/seed.md.
"""

import argparse
from pathlib import Path

import numpy as np

from models.checkpoint import save_space
from models.dataset import load_dataset
from models.encoders.collaborative import COLLABORATIVE_DIMENSION
from models.encoders.graph import GRAPH_DIMENSION
from models.encoders.names import COLLABORATIVE_ENCODER, GRAPH_ENCODER
from models.joint.additive import Head, Space
from models.joint.hybrid import WEIGHTS, fit_hybrid
from models.joint.whitening import BLOCK, Whitening, completed
from models.modality import MODALITIES, Modality

TEXT, COVER, AUDIO = "mxbai-embed-large-v1", "open-clip:CLIP-ViT-B-32-laion2B-s34B-b79K", "vggish"
"""Names without a revision: the weights were published once and are not at hand here."""
RELATIONS = {
    Modality.GRAPH: (GRAPH_ENCODER, GRAPH_DIMENSION),
    Modality.PLAYLISTS: (COLLABORATIVE_ENCODER, COLLABORATIVE_DIMENSION),
}


def main() -> None:
    """Fit and write the checkpoint."""
    parser = argparse.ArgumentParser(description="Make the joint space of the profile seed from the Fairouz data.")
    parser.add_argument("data", type=Path, help="the published data folder")
    parser.add_argument("-o", "--output", type=Path, default=Path("models/checkpoints/seed.safetensors"))
    arguments = parser.parse_args()
    data = load_dataset(arguments.data).without([Modality.GRAPH])
    fitted = fit_hybrid(data, seed=0)
    heads = {
        Modality.AUDIO: named(fitted.heads[Modality.AUDIO], AUDIO, Modality.AUDIO),
        Modality.LYRICS: named(fitted.heads[Modality.LYRICS], TEXT, Modality.LYRICS),
        # Tags are read by the same encoder, and the lyrics of this data are summaries and keywords, much like tags.
        Modality.TAGS: named(fitted.heads[Modality.LYRICS], TEXT, Modality.TAGS),
        Modality.COVER: named(fitted.heads[Modality.COVER], COVER, Modality.COVER),
    }
    heads |= {m: unknown(m, encoder, width) for m, (encoder, width) in RELATIONS.items()}
    space = Space({m: heads[m] for m in MODALITIES}, alpha=fitted.alpha, name="seed")
    save_space(space, arguments.output)
    for m, head in space.heads.items():
        shared = "shared + private" if head.shared is not None else "private"
        print(f"{m.value}: {head.encoder}, {len(head.mean)}-d, {shared}, weight {head.weight:g}")


def named(head: Head, encoder: str, m: Modality) -> Head:
    """Return a head under the name of the published encoder and the weight of a modality."""
    return Head(encoder, head.mean, head.shared, head.private, WEIGHTS[m])


def unknown(m: Modality, encoder: str, width: int) -> Head:
    """Return a head that knows nothing: relations have no directions that hold elsewhere, so hashed ones are taken."""
    nothing = Whitening(np.zeros(width, np.float32), np.zeros((width, BLOCK), np.float32))
    filled = completed(nothing, key=f"{m.value}/{encoder}")
    return Head(encoder, filled.mean, None, filled.projection, WEIGHTS[m])


if __name__ == "__main__":
    main()
