"""Name the keys of Explore: what each does, by a name that config.toml knows it by."""

from textual.binding import Binding, BindingType

from fairouz_tui.screens.shared_keys import SHARED

EXPLORE_KEYS: list[BindingType] = [
    # In this order the last line shows them, as many as there is room for.
    # Before the widgets' own keys: what is typed right after it, in one burst, belongs to the query already.
    Binding("slash", "ask", "Search", id="search", priority=True, tooltip="Type words and fields: oud year:1960..1970"),
    Binding("enter", "play", "Play", id="play", tooltip="Play the track under the cursor, and on from there"),
    SHARED["more"],
    Binding("e", "explain", "Why", id="explain", tooltip="Say why the track under the cursor is close"),
    SHARED["add"],
    Binding("l", "love", "Love", show=False, id="love", tooltip="Love the track, or no longer"),
    Binding("b", "ban", "Ban", show=False, id="ban", tooltip="Keep the track out of m, + and p, or no longer"),
    Binding("F", "facets", "Facets", id="facets", tooltip="Narrow by artist, album, genre, decade, format and more"),
    SHARED["help"],
    SHARED["palette"],
    Binding("ctrl+s", "save", "Save", id="save", tooltip="Save the playlist as an M3U8 file"),
    Binding("backspace", "back", "Step back", id="back", tooltip="One step back along the trail"),
    *(SHARED[name] for name in ("quit", "graph", "map", "index", "modalities", "card", "settings")),
    Binding("f", "faders", "Faders", id="faders", tooltip="Weigh sound, words, covers and the rest"),
    SHARED["pause"],
    Binding("i", "about", "About", show=False, id="about", tooltip="Say what is known about the track"),
    Binding(
        "x", "mark", "Mark", show=False, id="mark", tooltip="Mark the track: e explains against it, p starts there"
    ),
    Binding("X", "unmark", "Unmark", show=False, id="unmark", tooltip="Take all marks away"),
    Binding(
        "p",
        "path",
        "Path",
        show=False,
        id="path",
        tooltip="Lead a path from the marks, which it takes away, to the track",
    ),
    Binding("plus", "plus", "And like", show=False, id="plus", tooltip="Ask for what is also like the track"),
    Binding("minus", "minus", "Less like", show=False, id="minus", tooltip="Ask for what is less like the track"),
    Binding("o", "caps", "All of an artist", show=False, id="caps", tooltip="Lift the caps on artists and albums"),
    Binding(
        "left_square_bracket",
        "why_tab(-1)",
        "Side before",
        show=False,
        id="tab_before",
        tooltip="Explanation: the side before",
    ),
    Binding(
        "right_square_bracket",
        "why_tab(1)",
        "Next side",
        show=False,
        id="tab_next",
        tooltip="Explanation: the next side",
    ),
    Binding("A", "add_all", "Add all", show=False, id="add_all", tooltip="Add all results to the playlist"),
    Binding("d", "remove", "Remove", show=False, id="remove", tooltip="Take the track out of the playlist"),
    Binding("J", "shift(1)", "Move down", show=False, id="move_down", tooltip="Move the track down the playlist"),
    Binding("K", "shift(-1)", "Move up", show=False, id="move_up", tooltip="Move the track up the playlist"),
    Binding("comma", "sort", "Sort", show=False, id="sort", tooltip="Order the library or the answer another way"),
    Binding("y", "copy", "Copy path", show=False, id="copy", tooltip="Copy the file's path to the clipboard"),
    Binding("u", "rescan", "Rescan", show=False, id="rescan", tooltip="Look for changed files; again: stop"),
    Binding("r", "ask_again", "Ask again", show=False, id="ask_again", tooltip="Ask again: the library changed since"),
    Binding("1", "pane('results')", "Results", show=False, id="pane_results", tooltip="To the list of results"),
    Binding("2", "pane('playlist')", "Playlist", show=False, id="pane_playlist", tooltip="To the playlist"),
    Binding("3", "pane('why')", "Right pane", show=False, id="pane_why", tooltip="To the right pane"),
    Binding("tab", "turn(1)", "Next pane", show=False, id="next_pane", tooltip="To the next pane"),
    Binding("shift+tab", "turn(-1)", "Pane before", show=False, id="last_pane", tooltip="To the pane before"),
    Binding("escape", "leave", "Close", show=False, id="leave", tooltip="Close the pane or take the marks away"),
]
