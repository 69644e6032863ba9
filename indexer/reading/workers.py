"""Run a function over many files in persistent processes, so that a bad file costs itself and nothing else.

A file may make a decoder hang, crash the process or ask for all memory. Each task has a time limit; a worker that dies
or overruns is replaced and its file reported. Items travel in chunks, because handing over a file costs more than
reading its tags; when a chunk is lost, its items are run again one by one to find the one at fault.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TaskTimeoutError
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from indexer.errors import ReadError

Item = TypeVar("Item")
Result = TypeVar("Result")

SECONDS_PER_ITEM = 60.0
"""A healthy file takes milliseconds to read and well under a second to analyse; a sleeping disk takes ten to wake."""

CHUNKS_PER_WORKER = 3
"""One running, one ready, one being answered: enough to keep a worker busy, and memory flat for any library."""

NICENESS = 10
"""Added to the priority of workers, so that playing and typing come first."""


def run_each(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int = 2,
    seconds_per_item: float = SECONDS_PER_ITEM,
    chunk: int = 1,
    name: Callable[[Item], str] = str,
    niceness: int = NICENESS,
) -> Iterator[tuple[Item, Result | ReadError]]:
    """Yield each item with the function's result, or with a ReadError, in the order of `items`; no items yield nothing.

    function : importable from a module, since the workers are fresh processes; what it raises costs its item only.
    items : read as results are taken, never far ahead.
    seconds_per_item : limit for one item, and for one chunk before its items are run singly.
    chunk : items handed over together; 16 for tags, 1 for sound.
    name : of an item, for its ReadError.
    niceness : 0 where someone waits for the answer.
    Leaving the iteration early, by KeyboardInterrupt or close(), stops the workers at once.
    """
    pool: Any = ProcessPool(
        max_workers=workers, context=get_context("spawn"), initializer=prepare_worker, initargs=(niceness,)
    )
    try:
        source = iter(items)
        pending: deque[tuple[list[Item], Any]] = deque()
        while True:
            while len(pending) < workers * CHUNKS_PER_WORKER and (batch := list(islice(source, chunk))):
                pending.append((batch, _submit(pool, function, batch, name, seconds_per_item)))
            if not pending:
                break
            batch, future = pending.popleft()
            yield from _collect(pool, function, batch, future, name, seconds_per_item)
        pool.close()
    finally:
        pool.stop()
        pool.join()


def prepare_worker(niceness: int = NICENESS) -> None:
    """Make this process a quiet servant: low priority, deaf to Ctrl-C (its parent stops it), silent on the terminal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(niceness)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    import av.logging

    av.logging.set_level(av.logging.PANIC)


def _submit(pool: Any, function: Callable[[Item], Result], batch: list[Item], name: Any, seconds: float) -> Any:
    named = [(item, name(item)) for item in batch]
    return pool.schedule(_run_batch, args=[function, named], timeout=seconds)


def _run_batch(
    function: Callable[[Item], Result], named: list[tuple[Item, str]]
) -> list[tuple[Result | None, ReadError | None]]:
    """Run in the worker: each item's result, or why it has none."""
    return [_run_one(function, item, name) for item, name in named]


def _run_one(function: Callable[[Item], Result], item: Item, name: str) -> tuple[Result | None, ReadError | None]:
    try:
        return function(item), None
    except ReadError as error:
        return None, error
    except MemoryError:
        return None, ReadError(name, "it needs more memory than there is")
    except BaseException as error:  # the per-file boundary: native readers raise panics that are no Exception
        return None, ReadError(name, f"{type(error).__name__}: {error}".rstrip(": "))


def _collect(
    pool: Any, function: Callable[[Item], Result], batch: list[Item], future: Any, name: Any, seconds: float
) -> Iterator[tuple[Item, Result | ReadError]]:
    """Wait for a chunk; when it is lost, run its items singly, or name the one item it held."""
    try:
        answers = future.result()
    except Exception as error:  # the per-file boundary: time-out, death of the worker, an answer that cannot travel
        if len(batch) == 1:
            yield batch[0], ReadError(name(batch[0]), _reason(error, seconds))
            return
        for item in batch:
            yield from _collect(pool, function, [item], _submit(pool, function, [item], name, seconds), name, seconds)
        return
    for item, (result, failure) in zip(batch, answers, strict=True):
        yield item, failure if failure is not None else result


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, TaskTimeoutError):
        return f"took longer than {seconds:g} s"
    if isinstance(error, ProcessExpired):
        return "the reader crashed"
    return f"{type(error).__name__}: {error}"
