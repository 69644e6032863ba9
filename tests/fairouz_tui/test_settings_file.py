"""Single settings written into a file that someone else wrote."""

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairouz_tui.config import load_config
from fairouz_tui.errors import AppError, ConfigError
from fairouz_tui.settings import BY_NAME
from fairouz_tui.settings_file import write_setting

OWN = """\
# My settings.
images = true # old, and still right

# About the player
[mpv]
arguments = [
    "--volume=80", # not too loud
    "--no-video",
]

[keys] # mine
play = "p"
"""


def put(path: Path, name: str, value: Any) -> str:
    write_setting(path, BY_NAME[name], value)
    return path.read_text()


def test_comments_order_and_the_rest_stay(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OWN)
    assert put(path, "theme", "fairouz-light") == OWN.replace("still right\n", 'still right\ntheme = "fairouz-light"\n')
    path.write_text(OWN)
    assert put(path, "images", "half") == OWN.replace("images = true", 'images = "half"')
    path.write_text(OWN)
    assert put(path, "keys", {"quit": "ctrl+x", "play": None}) == OWN.replace('play = "p"', 'quit = "ctrl+x"')
    path.write_text(OWN)
    shorter = put(path, "mpv.arguments", ("--volume=80", "--mute"))
    assert "# not too loud" in shorter
    assert tomllib.loads(shorter)["mpv"]["arguments"] == ["--volume=80", "--mute"]


def test_the_default_takes_the_line_out(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(OWN)
    assert put(path, "images", None) == OWN.replace("images = true # old, and still right\n", "")
    path.write_text(OWN)
    assert put(path, "theme", None) == put(path, "mpv.program", None) == OWN
    assert "play = " not in put(path, "keys", None)


def test_a_missing_file_is_made_and_a_link_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    assert put(path, "per_artist", 5) == "per_artist = 5\n"
    os.chmod(path, 0o600)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    assert put(link, "mpv.program", "/opt/mpv") == 'per_artist = 5\n\n[mpv]\nprogram = "/opt/mpv"\n'
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("text", ["images = ", "imagse = true\n", "images = 3\n", "\udcff"])
def test_a_file_that_is_wrong_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8", errors="surrogateescape")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"^[^\n]*config\.toml: [^\n]+$"):
        write_setting(path, BY_NAME["theme"], "fairouz-light")
    assert path.read_bytes() == before


def test_a_value_that_is_wrong_and_a_place_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with pytest.raises(ConfigError, match="theme must be"):
        write_setting(path, BY_NAME["theme"], "pink")
    assert not path.exists()
    (tmp_path / "file").touch()
    with pytest.raises(AppError, match="cannot be"):
        write_setting(tmp_path / "file" / "config.toml", BY_NAME["theme"], "fairouz")


COMMENTS = st.lists(
    st.sampled_from(["# a comment", "", 'images = "half"', "per_album = 4 # few"]), max_size=5, unique=True
)
TABLES = st.lists(st.sampled_from(["[mpv]", "[keys]"]), max_size=2, unique=True)


@given(COMMENTS, TABLES, st.booleans())
def test_any_file_reads_as_before_with_one_setting_more(
    tmp_path_factory: pytest.TempPathFactory, head: list[str], tables: list[str], windows: bool
) -> None:
    path = tmp_path_factory.mktemp("config") / "config.toml"
    end = "\r\n" if windows else "\n"
    path.write_bytes(end.join([*head, *tables, ""]).encode())
    before = load_config(path)
    write_setting(path, BY_NAME["theme"], "fairouz-contrast")
    after = load_config(path)
    assert after.theme == "fairouz-contrast"
    assert (after.images, after.per_album) == (before.images, before.per_album)
    assert all(line in path.read_bytes().decode().split(end) for line in head)
