"""Reads points in time as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_DAY = timedelta(days=1)


def moment(value: object, *, is_end: bool = False) -> float:
    """
    Return a Unix time, given as one, or as a date or time by ISO 8601 in UTC unless it names an offset.

    A date alone is its first moment, and with `is_end` the end of that day. Raises ValueError for anything else.
    """
    if isinstance(value, str):
        value = _read(value.strip())
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).timestamp()
    if isinstance(value, date):
        begins = datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
        return begins + _DAY.total_seconds() if is_end else begins
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a Unix time, or a date or time such as 2027-01-31T09:00Z")  # noqa: TRY004
    return float(value)


def _read(text: str) -> object:
    """Return the date, number or time that a text writes, None for any other text."""
    for reader in (date.fromisoformat, float, datetime.fromisoformat):
        try:
            return reader(text)
        except ValueError:
            continue
    return None
