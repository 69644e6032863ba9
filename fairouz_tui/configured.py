"""Hold an app to its settings: draw as they say, keep what is changed, notice what is edited outside."""

import asyncio
from pathlib import Path
from typing import Any

from textual import work
from textual.app import App
from textual.screen import Screen
from textual.signal import Signal
from textual.theme import BUILTIN_THEMES
from textual.worker import Worker, WorkerState

from fairouz_tui.colouring import FEW_COLOURS_CSS, colour, redraw
from fairouz_tui.config import Config, load_config
from fairouz_tui.errors import ConfigError
from fairouz_tui.settings import BY_NAME, Setting, turned
from fairouz_tui.show import failure
from fairouz_tui.theme import CHOOSABLE, TERMINAL

LOOK_SECONDS = 2.0
"""How often it is looked whether config.toml was edited outside."""


class ConfiguredApp(App[None]):
    """An app with settings that can change while it runs."""

    CSS = FEW_COLOURS_CSS

    def __init__(self, *, config: Config, config_file: Path) -> None:
        """Start with `config`; what is changed is kept in `config_file`."""
        super().__init__()
        self.config = config
        self.config_file = config_file
        self.config_changed: Signal[Config] = Signal(self, "config-changed")
        """Tells that the settings are others."""
        self.few_colours = False
        """Whether the terminal has no more than sixteen colours."""
        self._held = dict[str, str]()
        """The keys that differ from the defaults on the screen that is shown."""
        self._writing = asyncio.Lock()
        self._seen = _stamp(config_file)
        for theme in (*CHOOSABLE, TERMINAL):
            self.register_theme(theme)
        # Here, not when the screen is there: it would be styled twice.
        colour(self, config)
        for name in BUILTIN_THEMES:
            self.unregister_theme(name)

    def look_at_terminal(self) -> None:
        """Keep to the terminal's own colours where it has but sixteen: shades of a theme would all be black."""
        self.few_colours = self.console.color_system == "standard"
        colour(self, self.config, few=self.few_colours)

    def on_mount(self) -> None:
        """Take the keys over, those of each screen that is shown, and look now and then whether the file was edited."""
        self.take_keys()
        self.screen_change_signal.subscribe(self, self.take_keys, immediate=True)
        self.set_interval(LOOK_SECONDS, self._look)

    def use(self, config: Config) -> None:
        """Let other settings hold from now on."""
        old, self.config = self.config, config
        drawn = ("theme", "colours", "frames", "reduced_motion")
        if any(getattr(old, name) != getattr(config, name) for name in drawn):
            colour(self, config, few=self.few_colours)
            redraw(self)
        if (old.keys, old.keys_profile) != (config.keys, config.keys_profile):
            self.take_keys()
        self.config_changed.publish(config)

    def take_keys(self, shown: Screen[Any] | None = None) -> None:
        """Let the keys of the settings hold on the screen shown; the defaults need no look at all there are."""
        if self.config.keys_profile == "vim" and not self.config.keys:
            keys = dict[str, str]()
        else:
            from fairouz_tui.places import keymap_of

            keys = keymap_of(self.config, on=type(shown or self.screen))
        if keys != self._held:
            self._held = keys
            self.set_keymap(keys)

    def key_problems(self) -> list[str]:
        """Return a line for each thing that is wrong with the keys of the settings."""
        if not self.config.keys:
            return []
        from fairouz_tui.keymap import problems
        from fairouz_tui.places import all_keys, together

        usual = all_keys(Config())
        return problems(all_keys(self.config), self.config.keys, together=together(), usual=usual)

    @work(exit_on_error=False, group="settings")
    async def put(self, setting: Setting, value: Any) -> None:
        """Keep a setting in the file and let it hold; None puts the default back. One after the other, in order."""
        async with self._writing:
            await self._put(setting, value)

    @work(exit_on_error=False, group="settings")
    async def turn(self, setting: Setting, steps: int) -> None:
        """Give a setting the value some steps further on, after whatever is being kept just now."""
        async with self._writing:
            await self._put(setting, turned(setting, self.config.own(setting), steps))

    async def _put(self, setting: Setting, value: Any) -> None:
        from fairouz_tui.settings_file import write_setting

        config = await asyncio.to_thread(write_setting, self.config_file, setting, value)
        self._seen = _stamp(self.config_file)
        self.use(config)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what could not be kept."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.notify(failure(event.worker.error), severity="error", markup=False)

    def _look(self) -> None:
        """Take over what was edited outside; what is wrong there is said once and changes nothing."""
        stamp = _stamp(self.config_file)
        if stamp == self._seen or self._writing.locked():
            return
        self._seen = stamp
        try:
            config = load_config(self.config_file)
        except ConfigError as error:
            self.notify(f"{error}; the settings stay as they were", severity="warning", markup=False)
            return
        if config != self.config:
            self.use(config)
            self.notify("The settings were changed outside and hold now.", markup=False)
            for line in self.key_problems():
                self.notify(line, severity="warning", markup=False)

    def watch_theme(self, name: str) -> None:
        """Keep the theme that was chosen by the command."""
        if not self.is_running or name in (self.config.theme, TERMINAL.name):
            return
        if self.config.colours_shown == "full" and not self.few_colours:
            self.put(BY_NAME["theme"], name)
        else:
            colour(self, self.config, few=self.few_colours)
            self.notify("A theme needs more than 16 colours: see colours in the settings (S).", markup=False)


def _stamp(path: Path) -> tuple[int, int] | None:
    """Return what tells one state of a file from another; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
