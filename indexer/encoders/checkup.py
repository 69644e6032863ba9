"""Check, for the report on the installation, that the fetched encoders are whole and the library's are among them."""

from typing import TYPE_CHECKING

from indexer.encoders.folder import State
from indexer.encoders.listing import list_encoders
from indexer.errors import IndexerError
from indexer.health import Check

if TYPE_CHECKING:
    from pathlib import Path


def check_encoders(models: "Path", library: "Path") -> Check:
    """Check files that changed since the last look against their pins, and what the library needs; never raises."""
    from indexer.catalogue import Catalogue

    try:
        catalogue = Catalogue(library)
    except IndexerError:
        catalogue = None  # the check of the library says so
    try:
        listed = list_encoders(models, catalogue)
    except (IndexerError, OSError) as error:
        return Check("encoders", False, str(error), "`fairouz-tui encoders` shows them")
    for one in listed:
        if one.problem:
            cure = f"fairouz-tui encoders remove {one.name}, then fetch or add it again"
            return Check("encoders", False, f"{one.name} is damaged: {one.problem}", cure)
    for one in listed:
        if one.in_use and one.state not in (State.EMBEDDED, State.FETCHED):
            cure = f"fairouz-tui encoders fetch {one.name} (or add), or: fairouz-tui encoders use embedded"
            return Check("encoders", False, f"the library uses {one.name}, which is not in {models}", cure)
    here = [one.name for one in listed if one.state is State.FETCHED]
    return Check("encoders", True, ", ".join(here) if here else "those that come with the program")
