"""Answer what the library knows of its own indexing: the runs there were, and the files that could not be read."""

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indexer.storing.problems import FAILED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Job:
    """One run of the indexer over the library."""

    kind: str
    """"index", or "retry" for one that read failed files alone."""
    started: float
    """Seconds since 1970."""
    finished: float | None
    state: str
    """"running", "done", "interrupted" or "failed"; "running" too when it was killed and nobody ran since."""
    counts: "Mapping[str, Any]" = field(default_factory=dict)
    """The fields of `Counts`; empty while it runs."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A file, or a part of one, that could not be read."""

    path: str
    stage: str
    reason: str
    failed: bool
    """False for a remark on a file that was read all the same."""
    at: float
    """When it was noted, in seconds since 1970."""


def last_job(connection: "sqlite3.Connection") -> Job | None:
    """Return the newest run, or None when there was none yet."""
    query = "SELECT kind, started, finished, state, counts FROM jobs ORDER BY id DESC LIMIT 1"
    row = connection.execute(query).fetchone()
    return None if row is None else Job(row[0], row[1], row[2], row[3], json.loads(row[4]))


def was_stopped(connection: "sqlite3.Connection") -> bool:
    """Return whether the newest run was stopped before it was done."""
    row = connection.execute("SELECT state FROM jobs ORDER BY id DESC LIMIT 1").fetchone()
    return row is not None and row[0] == "interrupted"


def problem_files(connection: "sqlite3.Connection") -> list[Problem]:
    """Return every problem: failures first, each kind by path."""
    query = (
        f"SELECT r.path, p.path, p.stage, p.reason, {FAILED} AS failed, p.at "
        "FROM problems p JOIN roots r ON r.id = p.root_id ORDER BY failed DESC, r.path, p.path, p.stage"
    )
    return [
        Problem(os.fsdecode(os.path.join(bytes(root), bytes(path))), stage, reason, bool(failed), at)
        for root, path, stage, reason, failed, at in connection.execute(query)
    ]
