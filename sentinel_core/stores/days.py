"""UTC days as text, as counters and rankings are named by them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def day_of(now: float) -> str:
    """Return the UTC day of a Unix time, as in 2026-01-31."""
    return _day(int(now // 86_400))


@lru_cache(maxsize=8)
def _day(days: int) -> str:
    # Every answer asks for it, and it is the same for a day.
    return datetime.fromtimestamp(days * 86_400, UTC).date().isoformat()
