"""Name the keys of the Index screen."""

from textual.binding import Binding, BindingType

INDEX_KEYS: list[BindingType] = [
    Binding("u", "start", "Update", id="index_start", tooltip="Look for new and changed files; go on after a stop"),
    Binding("p", "pause", "Pause", id="index_pause", tooltip="Pause the run, or let it go on"),
    Binding("s", "stop", "Stop", id="index_stop", tooltip="Stop the run; what is done is kept"),
    Binding("r", "retry", "Try again", id="index_retry", tooltip="Try the file under the cursor again"),
    Binding("R", "retry_all", "Try all", id="index_retry_all", tooltip="Try all files again that failed"),
    Binding("plus", "add_folder", "Add folder", id="index_add", tooltip="Add a music folder and read it"),
    Binding("P", "prune", "Prune", id="index_prune", tooltip="Forget the tracks whose files are gone, once confirmed"),
    Binding("i,enter", "whole", "Whole", id="index_whole", tooltip="Show the whole reason, or all about the folder"),
    Binding("y", "copy", "Copy path", show=False, id="index_copy", tooltip="Copy the file's path to the clipboard"),
    Binding("tab", "turn", "Lists", show=False, id="index_turn", tooltip="To the folders, or back to the files"),
]
