"""The record of a run: rounds added up, pauses left out, rates and the time left."""

from fairouz_tui.messages import Progressed
from fairouz_tui.run_record import DONE, RunRecord
from tests.fairouz_tui.index_driving import Clock


def test_a_record_adds_rounds_up_and_leaves_pauses_out() -> None:
    clock = Clock()
    record = RunRecord(clock=clock)
    record.begin()
    for done in (0, 5, 10):
        record.take(Progressed("reading tags", done, 10, failed=int(done == 10)))
        clock.now += 1.0
    record.take(Progressed("reading tags", 1, 4))
    record.take(Progressed("listening", 2, 8, seconds_left=30.0))
    clock.now += 2.0
    record.take(Progressed("listening", 4, 8, note="paused", paused=True))
    assert record.paused
    clock.now += 500.0
    assert record.seconds == 5.0
    record.take(Progressed("listening", 4, 8))
    tags, listening = record
    assert (tags.done, tags.total, tags.failed, tags.over, tags.seconds) == (11, 14, 1, True, 3.0)
    assert (listening.done, listening.seconds, listening.rate_per_second) == (4, 2.0, 2.0)
    assert listening.seconds_left == 2.0
    record.take(Progressed("listening", 1, 2))
    *_, listening = record
    assert (listening.done, listening.total) == (5, 6)
    record.end(DONE)
    clock.now += 50.0
    assert record.seconds == 5.0
    assert record.now == ""
