"""Write the right pane: why two tracks are close, by modality, and why a track answers words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from fairouz_tui.picture import Picture
from fairouz_tui.reasons.audio import audio_page
from fairouz_tui.reasons.cover import cover_page
from fairouz_tui.reasons.graph import graph_page
from fairouz_tui.reasons.lyrics import lyrics_page
from fairouz_tui.reasons.overview import contribution_lines, overview_page
from fairouz_tui.reasons.page import MUTED, OVERVIEW, Page, View, joined
from fairouz_tui.reasons.playlists import playlists_page
from fairouz_tui.reasons.tags import tags_page
from fairouz_tui.show import clip, name_of, one_line
from indexer.exploring.answer import Explanation, Hit

if TYPE_CHECKING:
    from fairouz_tui.reasons.audio import Sound

PLACES = {"other": "comment"}
"""How the places of matched words are shown where their name does not say it."""


def explanation_page(
    explanation: Explanation,
    *,
    tab: str = OVERVIEW,
    width: int,
    covers: Sequence[Picture | None] = (),
    sounds: "tuple[Sound, Sound]" = (None, None),
    view: View | None = None,
) -> Page:
    """Return what a tab shows of two tracks in `width` cells."""
    match tab:
        case "audio":
            return audio_page(explanation, width=width, sounds=sounds)
        case "lyrics":
            return lyrics_page(explanation, width=width)
        case "tags":
            return tags_page(explanation, width=width)
        case "cover":
            return cover_page(explanation, width=width, covers=covers)
        case "graph":
            return graph_page(explanation, width=width)
        case "playlists":
            return playlists_page(explanation, width=width)
        case _:
            return overview_page(explanation, width=width, covers=covers, view=view)


def hit_content(hit: Hit, query: str, *, width: int) -> Content:
    """Return the pane for a track that answers words: the bars, and which words it has and where."""
    head = [
        Content.styled(clip(name_of(hit.track.title, hit.track.path), width), "bold"),
        Content.styled(clip(f"answers “{one_line(query)}”", width), MUTED),
        Content(""),
    ]
    return joined(head + contribution_lines(hit.contributions, width=width) + word_lines(hit, width=width))


def word_lines(hit: Hit, *, width: int) -> list[Content]:
    """Return a line for each place in which the track has words of the query: "sound: slow, dark"."""
    places: dict[str, list[str]] = {}
    for word, place in hit.matched.items():
        places.setdefault(PLACES.get(place, place), []).append(word)
    told = (f"{place}: {one_line(', '.join(own))}" for place, own in places.items())
    lines = [Content.styled(clip(line, width), MUTED) for line in told]
    return [Content(""), *lines] if lines else []
