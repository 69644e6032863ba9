"""Give keys other meanings: a page of all keys, and a box that waits for the new one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from fairouz_tui.config import Config
from fairouz_tui.configured import ConfiguredApp
from fairouz_tui.hints import hint
from fairouz_tui.key_families import family
from fairouz_tui.keymap import Key, matches, sign
from fairouz_tui.rekeying import Rekeying, rekeyed, reset, told
from fairouz_tui.screens.visiting import VisitScreen
from fairouz_tui.settings import BY_NAME
from fairouz_tui.widgets.key_list import KeyList
from fairouz_tui.widgets.line_list import LineList

KEYS = BY_NAME["keys"]


class KeysScreen(VisitScreen):
    """Every key with what it does; a key is changed by pressing another."""

    NAME = "keys"
    TITLE_TEXT = "Settings ▸ Keys"
    AUTO_FOCUS = "#key-list"

    DEFAULT_CSS = """
    KeysScreen {
        & #keys-wanted { height: 1; border: none; padding: 0 2; background: $background; }
        & #key-list { height: 1fr; padding: 0 1; border: round $border-blurred; border-title-color: $text-muted; }
        & #key-list:focus { border: round $border; border-title-color: $primary; border-title-style: bold; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "rebind", "New key", id="keys_rebind", tooltip="Press another key for this"),
        Binding("plus", "rebind(True)", "One more", id="keys_more", tooltip="Press one more key for this"),
        Binding("d", "reset", "Default", id="keys_default", tooltip="Put the default key back"),
        Binding("slash", "seek", "Search", id="keys_search", tooltip="Search the keys"),
    ]

    @property
    def list(self) -> KeyList:
        """Return the list."""
        return self.query_one("#key-list", KeyList)

    @property
    def configured(self) -> ConfiguredApp:
        """Return the app, which keeps the settings."""
        assert isinstance(self.app, ConfiguredApp)
        return self.app

    def parts(self) -> Iterator[Widget]:
        """Hold a line to search with and the keys under it."""
        with Vertical():
            yield Input(placeholder="/ searches the keys", id="keys-wanted", compact=True)
            yield KeyList(id="key-list")

    def on_mount(self) -> None:
        """Show the keys, and follow what is changed."""
        self.list.empty_text = hint(self, "No key says that: change the words with {keys_search}.")
        self.configured.config_changed.subscribe(self, self._show)
        self._show(self.configured.config)

    def on_unmount(self) -> None:
        """Follow no longer: what is told of changes is kept for as long as it is."""
        self.configured.config_changed.unsubscribe(self)

    def _show(self, config: Config) -> None:
        from fairouz_tui.places import all_keys

        wanted = self.query_one("#keys-wanted", Input).value
        keys = [key for key in all_keys(config) if matches(key, wanted)]
        self.list.show(keys, changed=config.keys)
        self.list.border_title = f"{len(keys)} keys · {len(config.keys)} changed by you"

    @on(Input.Changed, "#keys-wanted")
    def _wanted(self) -> None:
        self._show(self.configured.config)
        self.list.cursor = 0

    @on(Input.Submitted, "#keys-wanted")
    def _found(self) -> None:
        self.list.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the letters to the line that is typed into."""
        if isinstance(self.focused, Input) and action in ("rebind", "reset", "seek"):
            return False
        return super().check_action(action, parameters)

    def action_seek(self) -> None:
        """Type what is looked for."""
        self.query_one("#keys-wanted", Input).focus()

    def action_close(self) -> None:
        """Leave the line that is typed into, or the page."""
        if isinstance(self.focused, Input):
            self.list.focus()
        else:
            super().action_close()

    @on(LineList.Chosen)
    def _chosen(self) -> None:
        self.action_rebind()

    def action_rebind(self, more: bool = False) -> None:
        """Wait for the new key of the command under the cursor, instead of its keys or beside them."""
        key = self.list.current
        if key is not None:
            old = key.keys if more else ()
            self.app.push_screen(PressKeyScreen(key, self.configured.config, beside=old), self._take)

    def _take(self, changes: Mapping[str, str] | None) -> None:
        if changes:
            self.configured.put(KEYS, dict(changes))
            for line in _told_elsewhere(changes, self.configured.config):
                self.say(line)

    def action_reset(self) -> None:
        """Put the default key back."""
        key = self.list.current
        config = self.configured.config
        if key is None or key.id not in config.keys:
            return self.say(_as_it_is(key, config))
        others = reset_with(key, config)
        self.configured.put(KEYS, dict.fromkeys([key.id, *(other.id for other in others)]))
        if others:
            more = f" and {len(others) - 1} more" * (len(others) > 1)
            self.say(f"“{others[0].description}”{more} had its key, and has its own one back too.")
        return None


def _as_it_is(key: Key | None, config: Config) -> str:
    """Say why there is nothing to put back."""
    from fairouz_tui.places import all_keys

    leader = family(key.id) if key is not None else ""
    other = next((one for one in all_keys(config) if one.id == leader and one.id in config.keys), None)
    if other is None:
        return "This key is as it comes."
    return f"It follows “{other.description}” of {other.place}: put that one back."


def _told_elsewhere(changes: Mapping[str, str], config: Config) -> list[str]:
    """Return what is to be said of the screens on which these changes do not hold and the former ones did."""
    from fairouz_tui.places import kept

    told_before = kept(config)
    return [line for line in kept(replace(config, keys={**config.keys, **changes})) if line not in told_before]


def reset_with(key: Key, config: Config) -> tuple[Key, ...]:
    """Return the commands that must have their own keys back when `key` has."""
    from fairouz_tui.places import all_keys, together

    return reset(
        key.id,
        config.keys,
        known=lambda changed: all_keys(replace(config, keys=dict(changed))),
        together=together(),
        usual=all_keys(Config()),
    )


def rekeying(key: Key, keys: Sequence[str], config: Config) -> Rekeying:
    """Return what giving `key` other keys comes to."""
    from fairouz_tui.places import all_keys, together

    return rekeyed(key, keys, all_keys(config), together=together(), usual=all_keys(Config()))


class PressKeyScreen(ModalScreen[Mapping[str, str] | None]):
    """A box that takes the next key; it is closed with the keys of each command that changes, or None for none."""

    DEFAULT_CSS = """
    PressKeyScreen { align: center middle; background: $background 60%; }
    PressKeyScreen > #box {
        width: 76; max-width: 92%; height: auto; padding: 1 2; background: $surface;
        border: round $border; border-title-color: $primary; border-title-style: bold;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", id="press_close", tooltip="Leave the key as it is"),
    ]

    TAKES_ANY_KEY = True
    """Keys with alt too."""

    def __init__(self, key: Key, config: Config, *, beside: tuple[str, ...] = ()) -> None:
        """Ask for another key of the command `key`; `beside` are the keys that stay."""
        super().__init__()
        self._key = key
        self._config = config
        self._beside = beside
        self._waiting: Mapping[str, str] | None = None
        """The changes that wait for a yes, since they take a key from another command; empty ones get none."""

    def compose(self) -> ComposeResult:
        """Hold the question."""
        with Vertical(id="box") as box:
            box.border_title = f"{'One more' if self._beside else 'A'} key for “{self._key.description}”"
            now = " ".join(map(sign, self._key.keys))
            said = f"{self._key.tooltip} ({self._key.place}).\n\nPress the new key. esc leaves it at {now}."
            yield Static(Content(said), id="said", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Take any key but escape; enter says yes to taking a key from another command."""
        if event.key == "escape":
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter" and self._waiting is not None:
            if self._waiting:
                self.dismiss(self._waiting)
            return
        keys = (*(one for one in self._beside if one != event.key), event.key)
        found = rekeying(self._key, keys, self._config)
        if found.others:
            self._waiting = found.changes
            self.query_one("#said", Static).update(Content("\n".join(told(found, event.key))))
        else:
            self.dismiss({self._key.id: ",".join(keys)})

    def action_close(self) -> None:
        """Leave the key as it is."""
        self.dismiss(None)
