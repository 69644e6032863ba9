"""Run functions over many files in persistent processes, so that a bad file costs itself and nothing else.

A file may make a decoder hang, crash the process or ask for all memory. Each task has a time limit; a worker that dies
or overruns is replaced and its file reported. Items travel in chunks, because handing over a file costs more than
reading its tags; when a chunk is lost, its items are run again one by one to find the one at fault.
"""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as TaskTimeoutError
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context, resource_tracker
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from indexer.courtesy import NICENESS, step_back
from indexer.errors import IndexerError, ReadError
from indexer.reading.memory import keep_freed_memory

Item = TypeVar("Item")
Result = TypeVar("Result")

SECONDS_PER_ITEM = 60.0
"""A healthy file takes milliseconds to read and well under a second to analyse; a sleeping disk takes ten to wake."""

CHUNKS_PER_WORKER = 3
"""One running, one ready, one being answered: enough to keep a worker busy, and memory flat for any library."""

_TICK_SECONDS = 0.5
_START_SECONDS = 60.0
"""A loaded machine may take this long to start a process."""
_STARTS_AT_MOST = 3
"""Without one answer in between; then the machine has no room for processes."""


@dataclass(frozen=True, slots=True)
class _Task(Generic[Item, Result]):
    """What is done to each item, and how long that may take."""

    function: Callable[[Item], Result]
    name: Callable[[Item], str]
    seconds: float


class _Stuck(Exception):
    """No answer can come from these processes any more."""


class Workers:
    """Processes that serve all stages of a run: started when first needed, and again when they die or answer no more.

    A context manager; leaving it stops them.
    """

    def __init__(self, count: int = 2, *, niceness: int = NICENESS) -> None:
        self.count, self._niceness = max(1, count), niceness
        self._pool: Any = None

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the processes, busy or not; the next call of `run_each` starts new ones."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            pool.stop()
            pool.join()

    def run_each(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        *,
        seconds_per_item: float = SECONDS_PER_ITEM,
        chunk: int = 1,
        name: Callable[[Item], str] = str,
    ) -> Iterator[tuple[Item, Result | ReadError]]:
        """Yield each item with the function's result, or with a ReadError, in the order of `items`.

        function : importable from a module, since the workers are fresh processes; what it raises costs its item only.
        items : read as results are taken, never far ahead; none yield nothing and start nothing.
        seconds_per_item : limit for one item, and for one chunk before its items are run singly.
        chunk : items handed over together; 64 for tags, 1 for sound.
        name : of an item, for its ReadError.
        Leaving the iteration early, by KeyboardInterrupt or close(), stops the workers at once.
        Raises IndexerError when the machine cannot start processes.
        """
        task, source = _Task(function, name, seconds_per_item), iter(items)
        pending: deque[tuple[list[Item], Any]] = deque()
        starts, done = 1, False
        try:
            while True:
                while len(pending) < self.count * CHUNKS_PER_WORKER and (batch := list(islice(source, chunk))):
                    pending.append((batch, None))
                if not pending:
                    break
                try:
                    pending = deque((batch, future or self._submit(task, batch)) for batch, future in pending)
                    answers = self._answers(task, *pending[0])
                except _Stuck:
                    starts = self._start_again(starts)
                    pending = deque((batch, None) for batch, _ in pending)
                    continue
                starts = 1
                batch, _ = pending.popleft()
                if answers is None:
                    pending.extendleft(([item], None) for item in reversed(batch))
                else:
                    yield from zip(batch, answers, strict=True)
            done = True
        finally:
            if not done:
                self.stop()

    def _submit(self, task: _Task[Item, Result], batch: list[Item]) -> Any:
        if self._pool is None:
            self._pool = _started(self.count, self._niceness)
        named = [(item, task.name(item)) for item in batch]
        try:
            return self._pool.schedule(_run_batch, args=[task.function, named], timeout=task.seconds)
        except (RuntimeError, BrokenProcessPool) as error:
            raise _Stuck from error

    def _answers(self, task: _Task[Item, Result], batch: list[Item], future: Any) -> list[Result | ReadError] | None:
        """Wait for a chunk; None when it is lost and its items are to be run singly."""
        self._wait(future, task.seconds)
        try:
            answers = future.result()
        except BrokenProcessPool as error:
            raise _Stuck from error
        except Exception as error:  # the per-file boundary: time-out, death of the worker, an answer that cannot travel
            return [ReadError(task.name(batch[0]), _reason(error, task.seconds))] if len(batch) == 1 else None
        return [result if failure is None else failure for result, failure in answers]

    def _wait(self, future: Any, seconds: float) -> None:
        """Wait until a task has ended, well or ill; raise _Stuck when its pool is dead or beyond every time limit.

        The pool keeps the time of tasks that a worker has taken. A task that no worker ever takes has no end.
        """
        latest = time.monotonic() + (CHUNKS_PER_WORKER + 1) * seconds + _START_SECONDS
        while not wait([future], timeout=_TICK_SECONDS).done:
            if (not self._pool.active and not future.done()) or time.monotonic() > latest:
                raise _Stuck

    def _start_again(self, starts: int) -> int:
        self.stop()
        if starts == _STARTS_AT_MOST:
            raise IndexerError("the processes that read files cannot be started: close other programs and run again")
        return starts + 1


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
    """Do as `Workers.run_each` with processes for this one call; `niceness` is 0 where someone waits for the answer."""
    with Workers(workers, niceness=niceness) as crew:
        yield from crew.run_each(function, items, seconds_per_item=seconds_per_item, chunk=chunk, name=name)


def _started(count: int, niceness: int) -> Any:
    """Start a pool whose processes never see Ctrl-C: not even before they can say that they are deaf to it.

    Threads and processes inherit the signals that are blocked where they are started. The process that multiprocessing
    keeps beside its first worker must run by then: starting it unblocks Ctrl-C again.
    """
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        pool = ProcessPool(count, 0, prepare_worker, (niceness,), get_context("spawn"))
        started = pool.active
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if not started:
        raise _Stuck
    return pool


def prepare_worker(niceness: int = NICENESS) -> None:
    """Make this process a quiet servant: low priority, deaf to Ctrl-C (its parent stops it), silent on the terminal."""
    one_thread()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    step_back(niceness)
    keep_freed_memory()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    import av.logging

    av.logging.set_level(av.logging.PANIC)


def one_thread() -> None:
    """Keep linear algebra to this process's own thread: the processors are shared out by process already.

    With threads of its own a product of small tables waits for them: hearing a track took 134 ms of processor time
    instead of 30 while other programs ran. What is loaded already must be told, what is loaded later reads it.
    """
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits  # 20 ms

        threadpool_limits(limits=1)


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


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, TaskTimeoutError):
        return f"took longer than {seconds:g} s"
    if isinstance(error, ProcessExpired):
        return "the reader crashed"
    return f"{type(error).__name__}: {error}"
