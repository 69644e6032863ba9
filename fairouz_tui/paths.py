"""Say where everything lives: the library, the configuration and the state.

`FAIROUZ_HOME`, when set and not empty, holds all of them; otherwise the platform's folders for user data and
configuration do. `--library DIR` moves the library (with its state), never the configuration.
"""

import os
from pathlib import Path

import platformdirs

APP_NAME = "fairouz-tui"
HOME_VARIABLE = "FAIROUZ_HOME"


def library_folder(chosen: Path | None = None) -> Path:
    """Return the folder of the library: `chosen` (from --library), else FAIROUZ_HOME, else the user's data folder.

    The path is absolute, with ~ expanded; the folder need not exist.
    """
    if chosen is not None:
        return chosen.expanduser().absolute()
    return _home() or platformdirs.user_data_path(APP_NAME)


def config_path() -> Path:
    """Return the path of config.toml, in FAIROUZ_HOME or the platform's folder for configuration."""
    return (_home() or platformdirs.user_config_path(APP_NAME)) / "config.toml"


def database_path(library: Path) -> Path:
    """Return the path of the database inside a library folder."""
    return library / "library.db"


def state_path(library: Path) -> Path:
    """Return the path of what the explorer remembers between runs; it names track ids, so it lives with its library."""
    return library / "state.json"


def playlists_folder(library: Path) -> Path:
    """Return the folder where playlists are saved unless told otherwise; music folders are read-only to us."""
    return library / "playlists"


def models_folder() -> Path:
    """Return the folder of fetched encoders, which all libraries share: `models` beside the default library."""
    return library_folder() / "models"


def demo_folder() -> Path:
    """Return the folder of the demo, apart from the user's own library: music in `music`, the library in `library`."""
    return library_folder() / "demo"


def _home() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "")
    return Path(value).expanduser().absolute() if value else None
