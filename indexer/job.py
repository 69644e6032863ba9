"""Open a library for a run that writes down in it what it is, how it ended and what it counted."""

import json
import time
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from indexer.storing.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from indexer.progress import Counts


@contextmanager
def job(
    library: "Path", kind: str, counts: "Counts", *, cancelled: "Callable[[], bool]" = lambda: False
) -> "Iterator[Store]":
    """Give the store of a library, locked against other runs; a run that is left early counts as interrupted.

    `counts` gets the seconds that the run took. Raises what `Store` and `Store.indexing` raise.
    """
    started = time.monotonic()
    with Store(library) as store, store.indexing():
        number, state = store.start_job(kind), "failed"
        try:
            yield store
            state = "interrupted" if cancelled() else "done"
        except (KeyboardInterrupt, GeneratorExit):
            state = "interrupted"
            raise
        finally:
            counts.seconds = time.monotonic() - started
            store.finish_job(number, state=state, counts=json.dumps(asdict(counts)))
