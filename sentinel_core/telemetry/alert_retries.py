"""When the delivery of an alert, by webhook or to the store that claims it, is tried again, and when it is given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sentinel_core.cache.events import Alert
from sentinel_core.errors import AlertError

PAUSES = (1.0, 4.0, 16.0, 64.0, 256.0, 512.0, 1_024.0)
"""Seconds between attempts, half an hour in all: ten minutes without a receiver lose no alert."""


@dataclass(slots=True)
class Waiting:
    """An alert that is not delivered yet; the next attempt is `due` at a time of the monotonic clock, in seconds."""

    alert: Alert
    due: float
    is_claimed: bool
    attempts: int = 0

    def claim(self) -> None:
        """Note that this instance sends the alert; attempts to send it are counted from here."""
        self.is_claimed, self.attempts = True, 0

    def is_lost(self, error: Exception, pauses: Sequence[float]) -> bool:
        """Whether no attempt follows the one that failed so: a receiver refuses for good, or all pauses are over."""
        is_hopeless = isinstance(error, AlertError) and not error.retryable
        return is_hopeless or (self.is_claimed and self.attempts >= len(pauses))

    def postpone(self, now: float, pauses: Sequence[float]) -> None:
        """Set the time of the next attempt; the last pause repeats while the alert cannot be claimed."""
        self.due = now + pauses[min(self.attempts, len(pauses) - 1)]
        self.attempts += 1
