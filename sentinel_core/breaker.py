"""Decides when something that keeps failing is worth another try."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class BreakerState(Enum):
    CLOSED = "closed"
    OPEN = "open"
    TRYING = "trying"


@dataclass(frozen=True, slots=True)
class Breaker:
    """
    Opens after `limit` failures in a row; then lets one attempt through every `pause` seconds.

    A value: each method returns the next one. `now` is seconds of any clock that does not go back.
    An attempt that never reports, for its caller went away, holds up the next for one pause only.
    """

    limit: int = 3
    pause: float = 2.0
    failures: int = 0
    retry_at: float = 0.0

    def state(self, now: float) -> BreakerState:
        if self.failures < self.limit:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.retry_at else BreakerState.TRYING

    def attempt(self, now: float) -> Breaker | None:
        """Return the breaker to go on with if an attempt may be made now, None if not."""
        match self.state(now):
            case BreakerState.CLOSED:
                return self
            case BreakerState.TRYING:
                return replace(self, retry_at=now + self.pause)
            case BreakerState.OPEN:
                return None

    def succeeded(self) -> Breaker:
        return self if not self.failures else replace(self, failures=0, retry_at=0.0)

    def failed(self, now: float) -> Breaker:
        return replace(self, failures=self.failures + 1, retry_at=now + self.pause)
