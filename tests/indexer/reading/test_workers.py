"""Many files in processes: those that fail, hang, crash or ask for too much cost themselves only."""

import multiprocessing.spawn
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.errors import IndexerError, ReadError
from indexer.reading.workers import CHUNKS_PER_WORKER, Workers, prepare_worker, run_each


class Panic(BaseException):
    """What native libraries raise past every `except Exception`."""


def work(item: str) -> int:
    """Do what the item says; the tests' function in the workers."""
    if item == "hang":
        time.sleep(60)
    if item == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "memory":
        raise MemoryError
    if item == "panic":
        raise Panic("native")
    if item == "exit":
        sys.exit(3)
    if item == "bad":
        raise ReadError("some path", "some reason")
    return int(item)


def worker_state(_item: str) -> tuple[int, bool, str]:
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return os.getpriority(os.PRIO_PROCESS, 0), ignored, os.readlink("/proc/self/fd/2")


def outcome(result: int | ReadError) -> int | str:
    return result.reason if isinstance(result, ReadError) else result


def test_no_items_yield_nothing() -> None:
    assert list(run_each(work, [])) == []


@pytest.mark.parametrize("chunk", [1, 4])
def test_each_bad_item_costs_itself_and_the_order_is_kept(chunk: int) -> None:
    items = ["1", "hang", "2", "crash", "3", "memory", "panic", "4", "exit", "bad", "word", "5"]
    results = list(run_each(work, items, seconds_per_item=1.0, chunk=chunk))
    assert [item for item, _ in results] == items
    assert [outcome(result) for _, result in results] == [
        1,
        "took longer than 1 s",
        2,
        "the reader crashed",
        3,
        "it needs more memory than there is",
        "Panic: native",
        4,
        "SystemExit: 3",
        "some reason",
        "ValueError: invalid literal for int() with base 10: 'word'",
        5,
    ]


def test_items_are_taken_only_as_results_are(tmp_path: Path) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield str(taken)

    results = run_each(work, endless(), workers=1, chunk=2)
    assert [next(results)[1] for _ in range(4)] == [1, 2, 3, 4]
    results.close()  # type: ignore[attr-defined]
    assert taken <= 4 + 2 * CHUNKS_PER_WORKER


def test_workers_are_quiet_low_and_deaf_to_ctrl_c() -> None:
    ((_, state),) = run_each(worker_state, ["x"])
    assert state == (max(os.getpriority(os.PRIO_PROCESS, 0), 10), True, "/dev/null")


def test_ctrl_c_stops_everything_at_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background\n"
        "from indexer.reading.workers import run_each\n"
        "from tests.indexer.reading.test_workers import work\n"
        "if __name__ == '__main__':\n"
        "    for item, result in run_each(work, ['1', 'hang', 'hang', 'hang']):\n"
        "        print(item, flush=True)\n"
    )
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "1\n"
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert time.monotonic() - start < 5
    assert "KeyboardInterrupt" in errors
    assert process.returncode != 0


def blocked_signals(_item: str) -> int:
    """Read the mask with which this process was started: nothing in a worker changes it."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("SigBlk:")]
    return int(line.split()[1], 16)


def test_first_worker_of_a_program_cannot_be_interrupted_before_it_is_prepared(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from indexer.reading.workers import run_each\n"
        "from tests.indexer.reading.test_workers import blocked_signals\n"
        "if __name__ == '__main__':\n"
        "    print(*[blocked for _, blocked in run_each(blocked_signals, ['1', '2'], workers=1)])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    answer = subprocess.check_output([sys.executable, str(script)], env=environment, text=True)
    interrupt = 1 << (signal.SIGINT - 1)
    assert [int(blocked) & interrupt for blocked in answer.split()] == [interrupt, interrupt]


def started_by(tmp_path: Path, script: str) -> str:
    """Write a program that multiprocessing is to start instead of Python."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def answers_with(program: str, monkeypatch: pytest.MonkeyPatch) -> list[int | str]:
    """Run three items in workers that are started by a program."""
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", os.fsencode(program))
    monkeypatch.setattr("indexer.reading.workers._START_SECONDS", 2.0)
    return [outcome(result) for _, result in run_each(work, ["1", "2", "3"], workers=1, seconds_per_item=0.5)]


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 100"])
def test_processes_that_never_come_up_end_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    with pytest.raises(IndexerError, match="close other programs and run again"):
        answers_with(started_by(tmp_path, script), monkeypatch)
    with pytest.raises(IndexerError, match="close other programs and run again"):
        answers_with(str(tmp_path / "nothing"), monkeypatch)


@pytest.mark.parametrize("end", ["exit 1", "exec sleep 100"])
def test_processes_that_fail_to_come_up_once_are_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    script = f'if mkdir "{tmp_path}/tried" 2> /dev/null; then {end}; fi; exec "{sys.executable}" "$@"'
    assert answers_with(started_by(tmp_path, script), monkeypatch) == [1, 2, 3]
    assert (tmp_path / "tried").is_dir()


def process_id(_item: str) -> int:
    return os.getpid()


def test_the_same_processes_serve_one_stage_after_another() -> None:
    with Workers(1) as workers:
        first, second = ([result for _, result in workers.run_each(process_id, "abc")] for _ in range(2))
        assert set(first) == set(second)
        broken_off = workers.run_each(work, ["1", "2"])
        next(broken_off)
        broken_off.close()  # type: ignore[attr-defined]
        assert set(result for _, result in workers.run_each(process_id, "a")) != set(first)


def threads_of_linear_algebra(_item: str) -> list[int]:
    import numpy as np
    from threadpoolctl import threadpool_info

    assert np.ones((2, 2)) @ np.ones(2) is not None
    return [library["num_threads"] for library in threadpool_info()]


def prepare_late(niceness: int) -> None:
    import numpy as np

    assert np.ones((2, 2)) @ np.ones(2) is not None
    prepare_worker(niceness)


@pytest.mark.parametrize("prepare", [prepare_worker, prepare_late])
def test_a_worker_computes_in_one_thread(monkeypatch: pytest.MonkeyPatch, prepare: Callable[[int], None]) -> None:
    """Whether numpy is loaded after the worker was made ready or before."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("indexer.reading.workers.prepare_worker", prepare)
    with Workers(1) as workers:
        ((_, threads),) = workers.run_each(threads_of_linear_algebra, ["a"])
    assert not isinstance(threads, ReadError)
    assert set(threads) == {1}
