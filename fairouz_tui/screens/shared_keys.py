"""Name the keys that Explore shares with every screen over it.

Each is written once. Over Explore it has a name of its own, "visit_" before it, so that it can be another one there.
"""

from dataclasses import replace

from textual.binding import Binding

_KEYS = (
    Binding("m", "more", "More like", id="more", tooltip="Find tracks like this one"),
    Binding("a", "add", "Add", id="add", tooltip="Add the track to the playlist"),
    Binding("v,4", "visit('graph')", "Graph", id="graph", tooltip="Walk the graph around the track"),
    Binding("M,5", "visit('map')", "Map", id="map", tooltip="Walk the map of the library, from the track on"),
    Binding("I,6", "visit('index')", "Index", show=False, id="index", tooltip="Indexing: stages, errors, folders"),
    Binding(
        "t,7",
        "visit('modalities')",
        "By modality",
        show=False,
        id="modalities",
        tooltip="Neighbours by each modality, side by side",
    ),
    Binding("c,8", "visit('card')", "Card", show=False, id="card", tooltip="All about the track: cover, lyrics, file"),
    Binding("S,9", "visit('settings')", "Settings", show=False, id="settings", tooltip="Change the settings"),
    Binding("space", "pause_playing", "Pause", show=False, id="pause", tooltip="Pause what plays, or go on"),
    Binding("question_mark,f1", "app.help", "Help", id="help", tooltip="All keys, searchable"),
    Binding("colon", "app.command_palette", "Commands", id="palette", tooltip="All commands by name (also ^p)"),
    Binding("q", "app.quit", "Quit", id="quit", tooltip="Quit; the trail and the playlist are kept"),
)
SHARED = {str(key.id): key for key in _KEYS}
"""As Explore has them, by their names there."""
OVER_EXPLORE = tuple(replace(key, id=f"visit_{name}", show=name in ("help", "quit")) for name, key in SHARED.items())
"""As a screen over Explore has them; its last line names keys of its own, the help and how to quit."""
PAUSE = next(key for key in OVER_EXPLORE if key.action == "pause_playing")
