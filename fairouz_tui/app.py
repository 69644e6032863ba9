"""Open the explorer: the application, its theme and keys, and which screen comes first."""

import gc
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette, Provider
from textual.dom import DOMNode
from textual.events import Event, InputEvent
from textual.screen import Screen
from textual.widget import AwaitMount

from fairouz_tui.arriving import read_whole_sequences
from fairouz_tui.colouring import FEW_COLOURS_CSS
from fairouz_tui.config import Config, load_config
from fairouz_tui.configured import ConfiguredApp
from fairouz_tui.crashing import CrashingApp, run_to_the_end
from fairouz_tui.errors import AppError, ConfigError
from fairouz_tui.escaping import EscapingApp
from fairouz_tui.neighbours import NeighbourlyApp
from fairouz_tui.notices import NOTICE_CSS, NoticingApp
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.paths import config_path, database_path, state_path
from fairouz_tui.quiet import QuietApp
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.visiting import VisitScreen
from fairouz_tui.state import damaged_path, load_state

LOADED_SECONDS = 3.0
"""When what comes after the first frame is there (pictures, the first card)."""


def _commands() -> type[Provider]:
    from fairouz_tui.palette import Commands

    return Commands


class FairouzApp(EscapingApp, CrashingApp, NoticingApp, NeighbourlyApp, QuietApp, ConfiguredApp):
    """The explorer."""

    TITLE = "fairouz"
    CSS_PATH = "screens/explore.tcss"
    """Of the screen that comes first: read with the rest, for a screen's own is parsed apart and styles all again."""
    CSS = FEW_COLOURS_CSS + NOTICE_CSS
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = App.COMMANDS | {_commands}

    def __init__(
        self, library: Path, *, config: Config | None = None, note: str = "", config_file: Path | None = None
    ) -> None:
        """Prepare the explorer of the library in a folder; `note` is said once it is open.

        `config_file` is where changed settings are kept, the user's config.toml unless told otherwise.
        """
        super().__init__(config=config or Config(), config_file=config_file or config_path())
        self.library = OpenLibrary(library, config=self.config)
        self._notes = [note]
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
        if not self._has_library:
            self._ask_for_folder()
        self._notes += self.key_problems()
        self._tell_notes()
        self.call_after_refresh(_collect_garbage_again)
        self.set_timer(LOADED_SECONDS, self._load_the_rest)

    @work(thread=True, exit_on_error=False, group="load")
    def _load_the_rest(self) -> None:
        """Load the other screens, the help and the vectors while nothing is asked of them: no first key waits."""
        import fairouz_tui.palette
        import fairouz_tui.places
        import fairouz_tui.screens.save  # noqa: F401

        self.library.get_ready()
        self.call_later(self.keep_loaded)

    def use(self, config: Config) -> None:
        """Let other settings hold from now on, on every screen."""
        self.library.config = config
        for screen in self.screen_stack:
            if isinstance(screen, ExploreScreen):
                screen.config = config
        super().use(config)

    def _ask_for_folder(self) -> None:
        from fairouz_tui.screens.first_run import FirstRunScreen

        self.push_screen(FirstRunScreen(self._proposed()), self._begin)

    def _proposed(self) -> list[Path]:
        own = [folder for folder in self.config.music_folders if os.path.isdir(folder)]
        from fairouz_tui.folders import usual_music_folder

        usual = usual_music_folder()
        return own or [usual] * os.path.isdir(usual)

    def _begin(self, folders: Sequence[Path] | None) -> None:
        if folders:
            self.push_screen(self._explorer(*folders))
            self._tell_notes()

    @property
    def is_home(self) -> bool:
        """Return whether nothing lies over Explore, which a first run opens over another screen."""
        return any(isinstance(screen, ExploreScreen) for screen in self.screen_stack[-1:])

    def _tell_notes(self) -> None:
        """Say what was found wrong so far, once."""
        for line in filter(None, self._notes):
            self.notify(line, severity="warning", markup=False)
        self._notes.clear()

    def _explorer(self, *new: Path) -> ExploreScreen:
        self.open_beside(self.library.path)
        kept = state_path(self.library.path)
        was_there = kept.exists()
        state = load_state(kept)
        if was_there and not kept.exists():
            self._notes.append(f"What the last run kept cannot be read: it is put aside as {damaged_path(kept).name}.")
        return ExploreScreen(self.library, config=self.config, state=state, new=new)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Keep the two commands of the frame that help here; ours cover the rest."""
        yield SystemCommand("Theme", "Choose other colours, kept in config.toml", self.action_change_theme)
        yield SystemCommand("Screenshot", "Save a picture of the screen", self.deliver_screenshot)

    def search_themes(self) -> None:
        """Let a theme of ours be chosen."""
        from fairouz_tui.palette import Themes

        self.push_screen(CommandPalette(providers=[Themes], placeholder="Search for themes …"))

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Leave clashes to the check at the start, which names them once and not at every key."""

    def action_help(self) -> None:
        """Show all keys, those that hold where the reader is first."""
        from fairouz_tui.places import all_keys, places_of
        from fairouz_tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(all_keys(self.config, on=type(self.screen)), here=places_of(self.screen)))

    async def action_quit(self) -> None:
        """Keep the state, end the player and the indexing child, and go."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, VisitScreen):
                screen.keep()
            if isinstance(screen, ExploreScreen):
                screen.close()
        self.exit()

    def let_go(self) -> None:
        """End the player and the indexing child after a crash; the state was written down a moment ago."""
        for screen in self.screen_stack:
            if isinstance(screen, ExploreScreen):
                screen.let_go()


def run(library: Path) -> int:
    """Open the explorer on the library in a folder and return the exit code when it is left.

    Raises IndexerError when there is a library that cannot be read, AppError in a terminal that cannot place text,
    CrashError after an error that nobody foresaw.
    """
    if os.environ.get("TERM") == "dumb":
        raise AppError("this terminal cannot place text (TERM=dumb): use another, or the commands (fairouz-tui --help)")
    if database_path(library).exists():
        OpenLibrary(library).open()
    try:
        config, note = load_config(config_path()), ""
    except ConfigError as error:
        config, note = Config(), str(error)
    app = FairouzApp(library, config=config, note=note)
    app.look_at_terminal()
    read_whole_sequences()
    return run_to_the_end(app, library=library)


def _collect_garbage_again() -> None:
    """Undo what `opening` did for a quick start; what was loaded by now stays, and need not be gone through again."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
