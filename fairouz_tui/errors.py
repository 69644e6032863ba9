"""Errors of the fairouz_tui package: one root, caught once in main(); each message is one line that says what to do."""


class AppError(Exception):
    """Anything the command line or the explorer cannot do."""


class PlayerError(AppError):
    """mpv is missing, has died or cannot play a file."""


class ConfigError(AppError):
    """A configuration file that cannot be used; the message names the file and the key."""
