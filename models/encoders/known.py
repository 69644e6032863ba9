"""List the encoders that can be had from the model hub: what each is, where it comes from, how it is to be used.

Loads nothing. The files are fetched by an explicit command alone (`fairouz-tui encoders fetch NAME`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "jina", "open-clip", "dinov2", "clap", "vggish", "openl3"]
"""Which loader reads its folder."""


@dataclass(frozen=True, slots=True)
class KnownEncoder:
    """One published model, in the hub's on-disk format, and what its card asks of those who use it."""

    name: str
    """As typed and as stored with every vector, before "@revision"."""
    kind: Kind
    modality: Literal["text", "cover", "audio"]
    """ "text" serves lyrics and tags."""
    repository: str
    """owner/name on the hub; "" where the published weights must go through a converter first."""
    files: tuple[str, ...]
    """What is fetched, relative to the repository; the weights are safetensors."""
    dimension: int
    megabytes: int
    licence: str
    query_prompt: str = ""
    """Put before a text that is searched for."""
    passage_prompt: str = ""
    """Put before a text that is stored."""
    pooling: Literal["cls", "mean"] = "mean"
    tokens: int = 512
    """The longest text the model reads, its two ends included."""
    scripts: Literal["latin", "any"] = "latin"
    """Which scripts it knows: texts in others are masked."""
    optional: tuple[str, ...] = ()
    """What is fetched too where the repository has it; the loader does without."""
    revision: str = "main"
    """Branch or commit that is fetched first: another than main where only that one has safetensors."""

    @property
    def folder(self) -> str:
        """Return the name of its folder among the models."""
        return self.name.rpartition(":")[2]


_TEXT_FILES = ("config.json", "tokenizer.json", "model.safetensors")
_POOLING = ("1_Pooling/config.json",)
"""Says how sentence-transformers pools, which must be what is said here."""
_RETRIEVAL = "Represent this sentence for searching relevant passages: "
"""What mxbai's and bge's cards ask to stand before a query; stored texts have none."""

KNOWN: tuple[KnownEncoder, ...] = (
    KnownEncoder(
        name="mxbai-embed-large-v1", kind="text", modality="text", repository="mixedbread-ai/mxbai-embed-large-v1",
        files=_TEXT_FILES, optional=_POOLING, dimension=1024, megabytes=671, licence="Apache-2.0",
        query_prompt=_RETRIEVAL, pooling="cls",
    ),
    KnownEncoder(
        name="bge-large-en-v1.5", kind="text", modality="text", repository="BAAI/bge-large-en-v1.5",
        files=_TEXT_FILES, optional=_POOLING, dimension=1024, megabytes=1341, licence="MIT",
        query_prompt=_RETRIEVAL, pooling="cls",
    ),
    KnownEncoder(
        name="e5-large-v2", kind="text", modality="text", repository="intfloat/e5-large-v2",
        files=_TEXT_FILES, optional=_POOLING, dimension=1024, megabytes=1341, licence="MIT",
        query_prompt="query: ", passage_prompt="passage: ",
    ),
    KnownEncoder(
        name="jina-embeddings-v2-base-en", kind="jina", modality="text", repository="jinaai/jina-embeddings-v2-base-en",
        files=_TEXT_FILES, optional=_POOLING, dimension=768, megabytes=276, licence="Apache-2.0", tokens=8192,
    ),
    KnownEncoder(
        name="multilingual-e5-large", kind="text", modality="text", repository="intfloat/multilingual-e5-large",
        files=_TEXT_FILES, optional=_POOLING, dimension=1024, megabytes=2257, licence="MIT",
        query_prompt="query: ", passage_prompt="passage: ", scripts="any",
    ),
    KnownEncoder(
        name="open-clip:CLIP-ViT-B-32-laion2B-s34B-b79K", kind="open-clip", modality="cover",
        repository="laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        files=("open_clip_config.json", "open_clip_model.safetensors"), dimension=512, megabytes=606, licence="MIT",
    ),
    KnownEncoder(
        name="dinov2-base", kind="dinov2", modality="cover", repository="facebook/dinov2-base",
        files=("config.json", "preprocessor_config.json", "model.safetensors"),
        dimension=768, megabytes=347, licence="Apache-2.0",
    ),
    KnownEncoder(
        # larger_clap_music gives nearly one vector for all texts; this one's safetensors lie in a commit beside main.
        name="clap-music", kind="clap", modality="audio", repository="laion/larger_clap_music_and_speech",
        revision="8a2acdbf328883b3cc38b575179e5950cf2deeb4",
        files=("config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"),
        dimension=512, megabytes=780, licence="Apache-2.0",
    ),
    KnownEncoder(
        name="vggish", kind="vggish", modality="audio", repository="",
        files=("model.safetensors",), dimension=128, megabytes=289, licence="Apache-2.0",
    ),
    KnownEncoder(
        name="openl3", kind="openl3", modality="audio", repository="",
        files=("model.safetensors",), dimension=512, megabytes=19, licence="CC-BY-4.0",
    ),
)  # fmt: skip
"""Every encoder beside the embedded ones; sizes in units of 10**6 bytes, rounded up."""


def known(name: str) -> KnownEncoder | None:
    """Return the encoder of that name (a revision behind "@" is not looked at); None when there is none."""
    bare = name.partition("@")[0]
    return next((encoder for encoder in KNOWN if encoder.name == bare), None)


def scripts_of(encoder: str) -> Literal["latin", "any"]:
    """Return which scripts a text encoder, by its id, knows: "latin" or "any"."""
    found = known(encoder)
    return found.scripts if found else "latin"
