"""Measures the stages of one request, for `Server-Timing` and the log line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class Timer:
    """Milliseconds by stage; a stage entered twice adds up."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = self._monotonic()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + (self._monotonic() - start) * 1000

    def seconds(self, *names: str) -> float:
        """Return how long these stages have taken together."""
        return sum(self.stages.get(name, 0.0) for name in names) / 1000


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` is Unix time, for ages; `monotonic` is for deadlines and durations. Both in seconds."""

    now: Callable[[], float]
    monotonic: Callable[[], float]
