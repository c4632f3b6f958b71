from __future__ import annotations

import pytest

from sentinel_core.cache import operator_rules
from sentinel_core.cache.directives import Controls
from tests.support.fakes import RULES


@pytest.mark.parametrize(("asked", "threshold"), [(None, 0.75), (0.0, 0.75), (0.75, 0.75), (0.76, 0.76), (1.0, 1.0)])
def test_a_caller_may_raise_the_threshold_and_never_lower_it(asked: float | None, threshold: float) -> None:
    assert operator_rules.threshold(Controls(threshold=asked), RULES) == threshold
