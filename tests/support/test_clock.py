from __future__ import annotations

import pytest

from sentinel_core.support.clock import Timer
from tests.support.fakes import FakeClock


def test_a_stage_is_measured_in_milliseconds_and_adds_up(clock: FakeClock) -> None:
    timer = Timer(clock)
    for seconds in (0.5, 0.25):
        with timer.stage("store"):
            clock.advance(seconds)
    with timer.stage("embed"):
        pass

    assert timer.stages == {"store": 750.0, "embed": 0.0}
    assert (timer.seconds("store", "embed"), timer.seconds("search")) == (0.75, 0.0)


def test_a_stage_that_fails_is_measured_too(clock: FakeClock) -> None:
    timer = Timer(clock)

    def fail() -> None:
        with timer.stage("store"):
            clock.advance(1)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert timer.stages == {"store": 1000.0}
