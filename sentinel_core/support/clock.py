"""The two clocks, passed as one object, and the stopwatch of one request's stages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sentinel_core.support.trace import TRACE


class Clock(Protocol):
    """Both clocks in seconds."""

    def now(self) -> float:
        """Return Unix time, for ages."""

    def monotonic(self) -> float:
        """Return a reading that never goes back, for deadlines and durations."""


class SystemClock:
    """The clocks of this machine, without a function of ours around them: a request reads them 20 times."""

    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)


SYSTEM_CLOCK = SystemClock()


class Timer:
    """Milliseconds by stage, for `Server-Timing`, the log line and the trace; a stage entered twice adds up."""

    def __init__(self, clock: Clock) -> None:
        self._monotonic = clock.monotonic
        self._trace = TRACE.get()
        self.stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = self._monotonic()
        try:
            yield
        finally:
            end = self._monotonic()
            self.stages[name] = self.stages.get(name, 0.0) + (end - start) * 1000
            if self._trace is not None:
                self._trace.note(name, start, end)

    def seconds(self, *names: str) -> float:
        """Return how long these stages have taken together."""
        return sum(self.stages.get(name, 0.0) for name in names) / 1000
