"""Name the keys of the map screen that hold wherever the focus is; those of the map itself are the canvas's."""

from textual.binding import Binding, BindingType

MAP_KEYS: list[BindingType] = [
    # Before the canvas's own keys: what is typed right after it, in one burst, belongs to the words already.
    Binding("slash", "find", "Find", id="map_find", priority=True, tooltip="Type words: the tracks that match are lit"),
    Binding(
        "C", "colour", "Colour", id="map_colour", tooltip="Colour by cluster, genre, year, album, artist, playlist"
    ),
    Binding(
        "o",
        "choose",
        "Map of",
        id="map_choose",
        tooltip="Choose the space: joint, modalities, encoders; one map or two",
    ),
    Binding("space", "of(1)", "Next map", show=False, id="map_of", tooltip="The map of the next space, with no list"),
    Binding("O", "of(-1)", "Map before", show=False, id="map_of_before", tooltip="The map of the space before"),
    Binding("w", "how", "How", show=False, id="map_how", tooltip="By neighbours (t-SNE) or in broad lines (PCA)"),
    Binding("b", "beside", "Beside", id="map_beside", tooltip="A second map of another space beside; again: close it"),
    Binding("A", "add_all", "Add selected", id="map_add_all", tooltip="Add the selected tracks to the playlist"),
    Binding("tab", "turn(1)", "Next pane", show=False, id="map_next_pane", tooltip="To the other map or the legend"),
    Binding("shift+tab", "turn(-1)", "Pane before", show=False, id="map_last_pane", tooltip="To the pane before"),
    Binding("d", "marks", "Letters", show=False, id="map_marks", tooltip="Letters in place of dots; again: dots"),
    Binding("R", "again", "Anew", show=False, id="map_again", tooltip="Lay the map out anew"),
]
