"""Write docs/keys.md from the bindings themselves. Run after a change of keys; a test says when it is due."""

from pathlib import Path

from fairouz_tui.config import Config
from fairouz_tui.keymap import keys_page
from fairouz_tui.places import all_keys

PAGE = Path(__file__).resolve().parent.parent / "docs" / "keys.md"


def main() -> None:
    """Write the page."""
    PAGE.write_text(keys_page(all_keys(Config())), "utf-8")


if __name__ == "__main__":
    main()
