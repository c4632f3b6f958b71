from __future__ import annotations

import pytest

from sentinel_core.support.csv_cells import cell


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1", "'=1"),
        (" =1", "' =1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("\ta", "'\ta"),
        ("a=1", "a=1"),
        (-0.5, "-0.5"),
    ],
)
def test_cells_that_would_be_formulas_are_texts(value: object, expected: str) -> None:
    assert cell(value) == expected
