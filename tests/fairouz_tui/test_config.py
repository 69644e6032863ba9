"""Settings and places."""

from pathlib import Path

import pytest

from fairouz_tui import paths
from fairouz_tui.config import MPV_ARGUMENTS_VARIABLE, Config, load_config
from fairouz_tui.errors import ConfigError
from fairouz_tui.settings import BY_NAME


def test_missing_and_empty_files_give_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").touch()
    assert load_config(tmp_path / "none.toml") == load_config(tmp_path / "empty.toml") == Config()


def test_every_setting_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(MPV_ARGUMENTS_VARIABLE, "--ao=null '--title=a b'")
    path = tmp_path / "config.toml"
    path.write_text(
        'music_folders = ["~/Music", "/music"]\nimages = false\n'
        'theme = "fairouz-distinct"\ncolours = "16"\nframes = false\nreduced_motion = true\nper_artist = 0\n'
        'per_album = 7\nfold_versions = false\npath_count = 9\ntyping_pause_ms = 300\nkeys_profile = "plain"\n'
        '[mpv]\nprogram = "~/mpv"\narguments = ["--volume=80"]\n[keys]\nplay = "enter,p"\n'
    )
    config = load_config(path)
    assert config.music_folders == (tmp_path / "Music", Path("/music"))
    assert (config.theme, config.colours, config.images) == ("fairouz-distinct", "16", "off")
    assert (config.frames, config.reduced_motion, config.fold_versions) == (False, True, False)
    assert (config.per_artist, config.per_album, config.path_count, config.typing_pause_ms) == (0, 7, 9, 300)
    assert config.keys_profile == "plain"
    assert config.mpv_program == str(tmp_path / "mpv")
    assert config.mpv_arguments == ("--volume=80", "--ao=null", "--title=a b")
    assert dict(config.keys) == {"play": "enter,p"}
    assert config.own(BY_NAME["mpv.arguments"]) == ("--volume=80",)


@pytest.mark.parametrize(("text", "images"), [("true", "auto"), ("false", "off"), ('"sixel"', "sixel")])
def test_images_of_older_files_are_read(tmp_path: Path, text: str, images: str) -> None:
    (tmp_path / "config.toml").write_text(f"images = {text}\n")
    assert load_config(tmp_path / "config.toml").images == images


def test_no_color_means_no_colours_whatever_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert Config(colours="full").colours_shown == "none"
    assert Config(images="half").images_shown == "off"
    monkeypatch.setenv("NO_COLOR", "")
    assert Config(colours="16").colours_shown == "16"
    assert Config(colours="16", images="half").images_shown == "half"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("imagse = true", "imagse"),
        ("images = 1", "images"),
        ('images = "big"', "images must be auto, kitty, sixel, half or off, not 'big'"),
        ('theme = "pink"', "theme"),
        ('colours = "256"', "colours"),
        ("colours = 16", "colours"),
        ("frames = 1", "frames"),
        ("per_artist = -1", "per_artist must be a whole number from 0 to 50"),
        ("per_album = true", "per_album"),
        ("path_count = 2", "path_count"),
        ("typing_pause_ms = 1.5", "typing_pause_ms"),
        ('keys_profile = "emacs"', "keys_profile"),
        ("[mpv]\nprogram = ''", "mpv.program"),
        ('music_folders = "one"', "music_folders"),
        ("music_folders = [1]", "music_folders"),
        ("mpv = 1", "mpv"),
        ("[mpv]\nvolume = 1", "mpv.volume"),
        ('[mpv]\narguments = "--x"', "mpv.arguments"),
        ("[keys]\nplay = 1", "keys.play"),
        ("[keys]\nplay = ' '", "keys.play"),
        ("images = ", "TOML"),
        ("\ufeff\x00", "TOML"),
    ],
)
def test_wrong_key_is_named_with_its_file(tmp_path: Path, text: str, key: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert key in str(caught.value)


def test_bytes_that_are_no_text_and_a_folder_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"images = \xff")
    for path in (tmp_path / "config.toml", tmp_path):
        with pytest.raises(ConfigError, match=r"^[^\n]+$"):
            load_config(path)


def test_a_folder_that_may_not_be_entered_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_fifo", refuse)  # as for anyone but root in a folder of somebody else's
    with pytest.raises(ConfigError, match=r"config\.toml: cannot be read: Permission denied"):
        load_config(tmp_path / "config.toml")


def test_split_mistake_in_the_environment_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MPV_ARGUMENTS_VARIABLE, "'--ao=null")
    with pytest.raises(ConfigError, match=MPV_ARGUMENTS_VARIABLE):
        load_config(tmp_path / "none.toml")


def test_library_folder_chosen_then_home_then_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv(paths.HOME_VARIABLE, raising=False)
    assert paths.library_folder().is_relative_to(tmp_path / "user")
    assert paths.library_folder().name == "fairouz-tui"
    assert paths.config_path().is_relative_to(tmp_path / "user")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    assert paths.library_folder() == tmp_path / "home"
    assert paths.config_path() == tmp_path / "home" / "config.toml"
    assert paths.library_folder(Path("~/lib")) == tmp_path / "user" / "lib"
    assert paths.demo_folder() == tmp_path / "home" / "demo"


def test_everything_of_a_library_lies_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    library = paths.library_folder(Path("relative"))
    assert library.is_absolute()
    for place in (paths.database_path, paths.state_path, paths.playlists_folder):
        assert place(library).parent == library
