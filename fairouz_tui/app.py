"""Open the explorer: the application, its theme and keys, and which screen comes first."""

from collections.abc import Iterable
from pathlib import Path

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from fairouz_tui.config import Config, load_config
from fairouz_tui.errors import AppError, ConfigError
from fairouz_tui.keymap import Key, keys_of, problems
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.palette import Commands
from fairouz_tui.paths import config_path, database_path, state_path
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.first_run import FirstRunScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.state import load_state
from fairouz_tui.theme import FAIROUZ
from fairouz_tui.widgets.explanation import ExplanationPane
from fairouz_tui.widgets.faders import Faders
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.query_input import QueryInput

PLACES: dict[str, type[DOMNode]] = {
    "Explore": ExploreScreen,
    "Lists": LineList,
    "Query": QueryInput,
    "Faders": Faders,
    "Right pane": ExplanationPane,
    "Saving": SaveScreen,
    "First run": FirstRunScreen,
}
"""Where keys hold, in the order of the help."""
USUAL_MUSIC_FOLDER = Path("~/Music")


def all_keys(config: Config) -> list[Key]:
    """Return every key of the explorer with the user's changes."""
    return [key for place, owner in PLACES.items() for key in keys_of(place, owner, changed=config.keys)]


class FairouzApp(App[None]):
    """The explorer."""

    TITLE = "fairouz"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = App.COMMANDS | {Commands}

    def __init__(self, library: Path, *, config: Config | None = None, note: str = "") -> None:
        """Prepare the explorer of the library in a folder; `note` is said once it is open."""
        super().__init__()
        # Here, not when the screen is there: it would be styled twice.
        self.register_theme(FAIROUZ)
        self.theme = FAIROUZ.name
        self.config = config or Config()
        self.library = OpenLibrary(library, images=self.config.images)
        self._note = note

    def on_mount(self) -> None:
        """Show the library, or ask where the music is when there is none."""
        self.set_keymap(dict(self.config.keys))
        if database_path(self.library.path).exists():
            self._explore()
        else:
            self.push_screen(FirstRunScreen(self._proposed()), self._begin)
        for line in [self._note, *problems(all_keys(self.config), self.config.keys, everywhere="Explore")]:
            if line:
                self.notify(line, severity="warning", markup=False)

    def _proposed(self) -> Path | None:
        folders = (*self.config.music_folders, USUAL_MUSIC_FOLDER.expanduser())
        return next((folder for folder in folders if folder.is_dir()), None)

    def _begin(self, folder: Path | None) -> None:
        if folder is not None:
            self._explore(folder)

    def _explore(self, *new: Path) -> None:
        state = load_state(state_path(self.library.path))
        self.push_screen(ExploreScreen(self.library, config=self.config, state=state, new=new))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Keep the two commands of the frame that help here; ours cover the rest."""
        yield SystemCommand("Theme", "Choose other colours", self.action_change_theme)
        yield SystemCommand("Screenshot", "Save a picture of the screen", self.deliver_screenshot)

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Leave clashes to the check at the start, which names them once and not at every key."""

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(HelpScreen(all_keys(self.config)))

    async def action_quit(self) -> None:
        """Keep the state, end the player and the indexing child, and go."""
        for screen in self.screen_stack:
            if isinstance(screen, ExploreScreen):
                screen.close()
        self.exit()


def run(library: Path) -> None:
    """Open the explorer on the library in a folder and return when it is left.

    Raises IndexerError when there is a library that cannot be read, AppError when the folder cannot be used.
    """
    if database_path(library).exists():
        OpenLibrary(library).open()
    try:
        config, note = load_config(config_path()), ""
    except ConfigError as error:
        config, note = Config(), str(error)
    app = FairouzApp(library, config=config, note=note)
    app.run()
    if app.return_code:
        raise AppError("the explorer ended with an error, told above")
