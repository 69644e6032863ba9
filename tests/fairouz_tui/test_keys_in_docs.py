"""Every key and every command stands in the documentation."""

from pathlib import Path

import pytest
import typer.main

from fairouz_tui.cli import app
from fairouz_tui.config import Config
from fairouz_tui.keymap import Key, keys_page, sign
from fairouz_tui.places import all_keys

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCS = "\n".join(path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md"))
KEYS = all_keys(Config())


def test_the_page_of_keys_is_up_to_date() -> None:
    page = (ROOT / "docs" / "keys.md").read_text("utf-8")
    assert page == keys_page(KEYS), "run python scripts/write_keys.py"
    assert all(f"`{key.id}`" in page and key.tooltip in page for key in KEYS)


@pytest.mark.parametrize("key", [key for key in KEYS if key.place == "Explore"], ids=lambda key: key.id)
def test_the_readme_names_every_key_of_the_main_screen(key: Key) -> None:
    table = README.split("## The explorer")[1].split("\n## ")[0]
    named = {word.lower() for cell in table.split("`")[1::2] for word in [cell, *cell.split()]}
    ours = {name.lower() for one in key.keys for name in (sign(one), one)}
    panes = {"1", "2", "3"} & ours and {"1-3"} & named
    assert ours & named or panes, f"{key.id} ({', '.join(key.keys)})"


@pytest.mark.parametrize("command", sorted(typer.main.get_command(app).commands))  # type: ignore[attr-defined]
def test_every_command_is_described(command: str) -> None:
    assert f"fairouz-tui {command}" in README + DOCS
