"""Says on stderr how far a long evaluation is, and how long the rest is likely to take."""

from __future__ import annotations

import sys
from typing import TextIO

from sentinel_core.support.clock import SYSTEM_CLOCK, Clock

EVERY_SECONDS = 2.0


class Progress:
    """Counts the steps of one stage after another; writes a line at most every `EVERY_SECONDS`."""

    def __init__(self, out: TextIO | None = None, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._out = sys.stderr if out is None else out
        self._now = clock.monotonic
        self._stage, self._total, self._done = "", 0, 0
        self._began = self._said = self._now()

    def begin(self, stage: str, total: int) -> None:
        """Start a stage of so many steps."""
        self._stage, self._total, self._done = stage, total, 0
        self._began = self._said = self._now()

    def advance(self, steps: int = 1) -> None:
        """Count steps done; say so if the last line is old enough."""
        self._done += steps
        now = self._now()
        if now - self._said >= EVERY_SECONDS and self._done:
            self._said = now
            left = (now - self._began) / self._done * (self._total - self._done)
            print(f"{self._stage}: {self._done:,} of {self._total:,}, about {left:.0f} s left", file=self._out)
