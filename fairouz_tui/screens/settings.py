"""Settings: what there is to set, what each means, changed here and kept in config.toml."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from fairouz_tui.config import Config
from fairouz_tui.configured import ConfiguredApp
from fairouz_tui.errors import ConfigError
from fairouz_tui.screens.rebinding import KeysScreen
from fairouz_tui.screens.visiting import Host, Return, VisitScreen
from fairouz_tui.settings import SETTINGS, Kind, Setting, line_of, text_of, typed
from fairouz_tui.show import one_line
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.setting_list import SettingList
from indexer.exploring.answer import TrackRow

TYPED = (Kind.NUMBER, Kind.TEXT, Kind.TEXTS, Kind.FOLDERS)
TURNED = (Kind.CHOICE, Kind.FLAG, Kind.NUMBER)
HOW = {
    Kind.CHOICE: "← → or space: the next value",
    Kind.FLAG: "← → or space: on or off",
    Kind.NUMBER: "← → less or more · ⏎ types it",
    Kind.TEXT: "⏎ types it",
    Kind.TEXTS: "⏎ types it: blanks between, “quotes” around what holds one",
    Kind.FOLDERS: "⏎ types them: blanks between, “quotes” around what holds one",
    Kind.KEYS: "⏎ opens the page of keys",
}


class SettingsScreen(VisitScreen):
    """The list of settings, and beside or under it what the one under the cursor means."""

    NAME = "settings"
    TITLE_TEXT = "Settings"
    AUTO_FOCUS = "#settings"

    DEFAULT_CSS = """
    SettingsScreen {
        & #settings { height: 1fr; padding: 0 1; border: round $border-blurred; border-title-color: $text-muted; }
        & #settings:focus { border: round $border; border-title-color: $primary; border-title-style: bold; }
        & #settings-about { height: 8; padding: 0 1; border: round $border-blurred; border-title-color: $text-muted; }
        & #setting-line { display: none; dock: bottom; margin: 0 1; height: 3; border: round $border; }
        & #setting-line.-open { display: block; }
        & #setting-line { border-title-color: $primary; border-subtitle-color: $warning; }
        &.-wide #visit-parts { layout: horizontal; }
        &.-wide #settings { width: 3fr; }
        &.-wide #settings-about { width: 2fr; height: 1fr; }
        &.-narrow #settings-about { height: 7; }
        &.-low.-typing #settings-about { display: none; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Edit", id="settings_edit", tooltip="Change the setting: type it, or take the next"),
        Binding("right,space", "turn(1)", "Next", id="settings_next", tooltip="The next value"),
        Binding("left", "turn(-1)", "Before", show=False, id="settings_before", tooltip="The value before"),
        Binding("d", "reset", "Default", id="settings_default", tooltip="Put the default back"),
    ]

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        super().__init__(host, track=track)
        self._names = [setting.name for setting in SETTINGS]
        last = str(self.remembered.get("setting"))
        self._at = last if last in self._names else self._names[0]
        """The setting under the cursor."""
        self._typing_of = SETTINGS[0]
        """The setting whose value is typed."""

    @property
    def settings(self) -> SettingList:
        """Return the list."""
        return self.query_one("#settings", SettingList)

    @property
    def configured(self) -> ConfiguredApp:
        """Return the app, which keeps the settings."""
        assert isinstance(self.app, ConfiguredApp)
        return self.app

    def parts(self) -> Iterator[Widget]:
        """Hold the list, the explanation and the line to type in."""
        yield SettingList(self.configured.config, id="settings")
        yield Static(id="settings-about", markup=False)
        yield Input(id="setting-line", select_on_focus=False)

    def on_mount(self) -> None:
        """Stand where the reader was, and follow what is changed."""
        self.call_next(self.head, str(self.configured.config_file))
        self.settings.border_title = "Settings"
        self.settings.rows_changed(cursor=self._names.index(self._at))
        self.configured.config_changed.subscribe(self, self._show)
        self._explain()

    def on_unmount(self) -> None:
        """Follow no longer: what is told of changes is kept for as long as it is."""
        self.configured.config_changed.unsubscribe(self)

    def memory(self) -> Mapping[str, Any]:
        """Keep which setting the reader was at."""
        return {"setting": self._at}

    def _show(self, config: Config) -> None:
        self.settings.show(config)
        self._explain()

    @on(LineList.Moved)
    def _explain(self) -> None:
        """Say what the setting under the cursor means, and how it is changed."""
        setting, config = self.settings.current, self.configured.config
        self._at = setting.name
        about = self.query_one("#settings-about", Static)
        about.border_title = setting.name
        default = f"{text_of(setting, setting.default)} is the default"
        when = "at once" if setting.at_once else "from the next start on"
        lines = [
            Content(setting.explanation),
            Content.styled(f"{one_line(text_of(setting, config.own(setting)))} · {default} · holds {when}", "$accent"),
            Content.styled(f"{HOW[setting.kind]} · d: the default", "$text-muted"),
        ]
        about.update(Content("\n\n" if self.has_class("-wide") else "\n").join(lines), layout=False)

    @on(LineList.Chosen)
    def action_edit(self) -> None:
        """Type the value, take the next one, or open the page of keys."""
        setting = self.settings.current
        if setting.kind is Kind.KEYS:
            self.app.push_screen(KeysScreen(self.host, track=self.track), self._went_on)
        elif setting.kind in TYPED:
            self._type(setting)
        else:
            self.action_turn(1)

    def _went_on(self, wanted: Return | None) -> None:
        """Follow the page of keys to where it leads."""
        if wanted is not None:
            self.dismiss(wanted)

    def _type(self, setting: Setting) -> None:
        self._typing_of = setting
        line = self.query_one("#setting-line", Input)
        line.value = line_of(setting, self.configured.config.own(setting))
        line.cursor_position = len(line.value)
        line.border_title, line.border_subtitle = f"{setting.name}: {setting.allowed}", "⏎ keeps it · esc goes back"
        line.add_class("-open")
        self.add_class("-typing")
        line.focus()

    @on(Input.Submitted, "#setting-line")
    def _typed(self, event: Input.Submitted) -> None:
        setting = self._typing_of
        try:
            value = typed(setting, event.value)
        except ConfigError as error:
            event.input.border_subtitle = Content(one_line(error))
            return
        self._close_line()
        self._put(setting, value)

    def _close_line(self) -> None:
        self.query_one("#setting-line").remove_class("-open")
        self.remove_class("-typing")
        self.settings.focus()

    def action_turn(self, steps: int) -> None:
        """Take the next value, or the one before."""
        setting = self.settings.current
        if setting.kind in TURNED:
            self.configured.turn(setting, steps)
            self._say_when(setting)
        else:
            self.say(f"{setting.name} is typed: press enter.")

    def action_reset(self) -> None:
        """Put the default back."""
        setting = self.settings.current
        if setting.kind is Kind.KEYS:
            self.say("Keys are put back one by one, on their page: press enter.")
        else:
            self._put(setting, None)

    def _put(self, setting: Setting, value: Any) -> None:
        self.configured.put(setting, value)
        self._say_when(setting)

    def _say_when(self, setting: Setting) -> None:
        if not setting.at_once:
            self.say(f"{setting.name} holds from the next start on.")
        elif setting.name == "colours" and self.configured.config.colours_shown != self.configured.config.colours:
            self.say("NO_COLOR is set, so nothing is coloured in this terminal.")

    def action_close(self) -> None:
        """Leave the line that is typed into, or the screen."""
        if self.query_one("#setting-line").has_class("-open"):
            self._close_line()
        else:
            super().action_close()
