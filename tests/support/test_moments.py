from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sentinel_core.support.moments import moment

NEW_YEAR = 1_798_761_600.0


@pytest.mark.parametrize(
    "value",
    [
        NEW_YEAR,
        int(NEW_YEAR),
        str(NEW_YEAR),
        "2027-01-01",
        "20270101",
        " 2027-01-01 ",
        "2027-01-01T00:00Z",
        "2027-01-01 01:00:00+01:00",
        "2027-01-01T00:00",
        date(2027, 1, 1),
        datetime(2027, 1, 1),  # noqa: DTZ001  as YAML reads it
        datetime(2027, 1, 1, tzinfo=UTC),
    ],
)
def test_a_time_is_read_in_each_spelling(value: object) -> None:
    assert moment(value) == NEW_YEAR


@pytest.mark.parametrize("value", ["2026-12-31", date(2026, 12, 31), "2027-01-01T00:00Z", NEW_YEAR])
def test_the_end_of_a_day_is_where_a_date_ends(value: object) -> None:
    assert moment(value, is_end=True) == NEW_YEAR


@pytest.mark.parametrize("value", ["", "soon", "2027-13-01", "2027-02-30T00:00", None, True, [], {}])
def test_anything_else_is_no_time(value: object) -> None:
    with pytest.raises(ValueError, match="must be a Unix time"):
        moment(value)
