"""List the settings with their values, section by section."""

from rich.segment import Segment
from rich.style import Style

from fairouz_tui.config import Config
from fairouz_tui.settings import SETTINGS, Setting, text_of
from fairouz_tui.show import fit, one_line
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import TrackRow

SECTION_CELLS = 9
NAME_CELLS = 17


class SettingList(LineList):
    """One line a setting."""

    def __init__(self, config: Config, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.config = config

    def __len__(self) -> int:
        return len(SETTINGS)

    @property
    def current(self) -> Setting:
        """Return the setting under the cursor."""
        return SETTINGS[self.cursor]

    def show(self, config: Config) -> None:
        """Show the values of other settings."""
        self.config = config
        self.refresh()

    def row_at(self, index: int) -> TrackRow | None:
        """Return None: no line is a track."""
        return None

    def header(self, width: int) -> str:
        """Return the names of the columns."""
        return f"  {fit('', SECTION_CELLS)} {fit('Setting', NAME_CELLS)} Value"

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one setting; the name of a section stands on its first line alone."""
        setting = SETTINGS[index]
        first = index == 0 or SETTINGS[index - 1].section != setting.section
        value = self.config.own(setting)
        changed = value != setting.default
        strong = style + self.component("line-list--strong")
        return [
            Segment("• " if changed else "  ", strong),
            Segment(fit(setting.section if first else "", SECTION_CELLS), style + self.component("line-list--dim")),
            Segment(" " + fit(setting.name, NAME_CELLS), style),
            Segment(" " + fit(one_line(text_of(setting, value)), width), strong if changed else style),
        ]
