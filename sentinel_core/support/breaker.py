"""Decides when something that keeps failing is left alone; values and `now`, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Breaker:
    """
    Closed: all may ask. Open: none, for `pause` seconds. Then half open: one may try, and decides.

    It opens after `threshold` failures without a success between. `opened` is when it opened, or when the
    last trial began, in seconds of any clock that only goes forward; None while closed.
    """

    threshold: int = 3
    pause: float = 15.0
    failures: int = 0
    opened: float | None = None

    def wait(self, now: float) -> float:
        """Return the seconds until a request may ask; 0.0 if one may ask now."""
        return 0.0 if self.opened is None else max(0.0, self.opened + self.pause - now)

    def asked(self, now: float) -> Breaker:
        """One goes to ask. A trial that never says how it ended holds others back for one more pause, no longer."""
        return self if self.opened is None else replace(self, opened=now)

    def succeeded(self) -> Breaker:
        return self if not self.failures else replace(self, failures=0, opened=None)

    def failed(self, now: float) -> Breaker:
        failures = self.failures + 1
        return replace(self, failures=failures, opened=now if failures >= self.threshold else None)

    def opens(self, after: Breaker) -> bool:
        """Whether it was closed and `after` is not; a trial that fails opens nothing."""
        return self.opened is None and after.opened is not None
