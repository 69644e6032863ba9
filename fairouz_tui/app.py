"""Open the explorer: the application, its theme and keys, and which screen comes first."""

import gc
from collections.abc import Iterable
from pathlib import Path

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import Provider
from textual.dom import DOMNode
from textual.events import Event, InputEvent
from textual.screen import Screen
from textual.widget import AwaitMount

from fairouz_tui.config import Config, load_config
from fairouz_tui.errors import AppError, ConfigError
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.paths import config_path, database_path, state_path
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.state import load_state
from fairouz_tui.theme import FAIROUZ

USUAL_MUSIC_FOLDER = Path("~/Music")


def _commands() -> type[Provider]:
    from fairouz_tui.palette import Commands

    return Commands


class FairouzApp(App[None]):
    """The explorer."""

    TITLE = "fairouz"
    CSS_PATH = "screens/explore.tcss"
    """Of the screen that comes first: read with the rest, for a screen's own is parsed apart and styles all again."""
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = App.COMMANDS | {_commands}

    def __init__(self, library: Path, *, config: Config | None = None, note: str = "") -> None:
        """Prepare the explorer of the library in a folder; `note` is said once it is open."""
        super().__init__()
        # Here, not when the screen is there: it would be styled twice.
        self.register_theme(FAIROUZ)
        self.theme = FAIROUZ.name
        self.config = config or Config()
        self.library = OpenLibrary(library, images=self.config.images)
        self._note = note
        self._first_screen_is_there = False

    def get_default_screen(self) -> Screen[None]:
        """Show the library at once when there is one."""
        return self._explorer() if self._has_library else Screen(id="_default")

    @property
    def _has_library(self) -> bool:
        return database_path(self.library.path).exists()

    async def on_event(self, event: Event) -> None:
        """Hold what was typed before the first screen was there: it must not reach one that is half there."""
        if isinstance(event, InputEvent) and not self._first_screen_is_there:
            await AwaitMount(self.screen, [self.screen])
            self._first_screen_is_there = True
        await super().on_event(event)

    def on_mount(self) -> None:
        """Ask where the music is when there is no library, and say what is wrong with the settings."""
        if self.config.keys:
            self.set_keymap(dict(self.config.keys))
        if not self._has_library:
            self._ask_for_folder()
        for line in [self._note, *self._problems()]:
            if line:
                self.notify(line, severity="warning", markup=False)
        self.call_after_refresh(_collect_garbage_again)

    def _problems(self) -> list[str]:
        if not self.config.keys:
            return []
        from fairouz_tui.keymap import problems
        from fairouz_tui.places import all_keys

        return problems(all_keys(self.config), self.config.keys, everywhere="Explore")

    def _ask_for_folder(self) -> None:
        from fairouz_tui.screens.first_run import FirstRunScreen

        self.push_screen(FirstRunScreen(self._proposed()), self._begin)

    def _proposed(self) -> Path | None:
        folders = (*self.config.music_folders, USUAL_MUSIC_FOLDER.expanduser())
        return next((folder for folder in folders if folder.is_dir()), None)

    def _begin(self, folder: Path | None) -> None:
        if folder is not None:
            self.push_screen(self._explorer(folder))

    def _explorer(self, *new: Path) -> ExploreScreen:
        state = load_state(state_path(self.library.path))
        return ExploreScreen(self.library, config=self.config, state=state, new=new)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Keep the two commands of the frame that help here; ours cover the rest."""
        yield SystemCommand("Theme", "Choose other colours", self.action_change_theme)
        yield SystemCommand("Screenshot", "Save a picture of the screen", self.deliver_screenshot)

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Leave clashes to the check at the start, which names them once and not at every key."""

    def action_help(self) -> None:
        """Show all keys."""
        from fairouz_tui.places import all_keys
        from fairouz_tui.screens.help import HelpScreen

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


def _collect_garbage_again() -> None:
    """Undo what `opening` did for a quick start; what was loaded by now stays, and need not be gone through again."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
