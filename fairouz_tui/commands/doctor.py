"""The command `doctor`."""

import sys
from pathlib import Path

import typer

from fairouz_tui.commands.options import Json, Library, print_json
from fairouz_tui.commands.output import columns
from fairouz_tui.paths import config_path, library_folder


def doctor(as_json: Json = False, library: Library = None) -> None:
    """Check that all that is needed is there; say what to do.

    Example: fairouz-tui doctor
    """
    from dataclasses import asdict

    from fairouz_tui.doctor import examine, format_checks

    checks = examine(library_folder(library), config_path=config_path(), database=_describe)
    if as_json:
        print_json({"ok": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]})
    else:
        typer.echo(format_checks(checks, columns=columns() if sys.stdout.isatty() else None))
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def _describe(library: Path) -> str:
    from indexer.catalogue import Catalogue
    from indexer.storing.version import DATABASE

    if not (library / DATABASE).is_file():
        return f"none in {library} yet"
    summary = Catalogue(library).summary()
    return f"{summary['tracks']} tracks in {library}"
