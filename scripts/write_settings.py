"""Write docs/settings.md from the list of settings itself. Run after a change of it; a test says when it is due."""

from pathlib import Path

from fairouz_tui.settings_page import settings_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"


def main() -> None:
    """Write the page."""
    PAGE.write_text(settings_page(), "utf-8")


if __name__ == "__main__":
    main()
