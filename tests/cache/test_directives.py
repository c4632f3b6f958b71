from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache.directives import Controls, Directives
from sentinel_core.errors import InvalidRequestError


@pytest.mark.parametrize(
    ("value", "directives"),
    [
        ("", Directives()),
        (" ", Directives()),
        (",,", Directives()),
        ("no-cache", Directives(no_cache=True)),
        ("No-Cache", Directives(no_cache=True)),
        ("no-cache=whatever", Directives(no_cache=True)),
        ("no-store", Directives(no_store=True)),
        ("only-if-cached", Directives(only_if_cached=True)),
        ("max-age=0", Directives(max_age=0)),
        ("max-age=60", Directives(max_age=60)),
        ('max-age="60"', Directives(max_age=60)),
        ("MAX-AGE = 60", Directives(max_age=60)),
        ("max-age=007", Directives(max_age=7)),
        ("max-age=" + "9" * 5000, Directives(max_age=math.inf)),
        ("stale-if-error=0", Directives(stale_if_error=0)),
        ("stale-if-error=30", Directives(stale_if_error=30)),
        ("max-age=60, max-age=10", Directives(max_age=10)),
        ("max-age=10, max-age=60", Directives(max_age=10)),
        ("stale-if-error=9,stale-if-error=5,stale-if-error=7", Directives(stale_if_error=5)),
        ("  no-cache ,\tno-store,,max-age=5  ", Directives(no_cache=True, no_store=True, max_age=5)),
        ("no-transform, private, s-maxage=soon, nocache, no_store, x-no-cache", Directives()),
        ("min-fresh=5, max-stale", Directives()),
    ],
)
def test_directives_are_read_as_rfc_9111_writes_them(value: str, directives: Directives) -> None:
    assert Directives.parse(value) == directives


@pytest.mark.parametrize("name", ["max-age", "stale-if-error"])
@pytest.mark.parametrize(
    "number", ["", "=", "=soon", "=-1", "=1.5", "=1e3", "=0x10", "=1 0", "=\u0661", "=\u00b2", "=NaN"]
)
def test_a_directive_with_a_bad_number_is_named(name: str, number: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Directives.parse(f"no-store, {name}{number}")

    error = caught.value
    assert (str(error), error.status, error.code, error.param) == (
        f"Cache-Control: {name} must be a whole number of seconds", 400, "invalid_header", "Cache-Control",
    )  # fmt: skip


@pytest.mark.parametrize("value", ["max-age=5, max-age=soon", "max-age=soon, max-age=5"])
def test_one_bad_number_of_two_is_still_bad(value: str) -> None:
    with pytest.raises(InvalidRequestError):
        Directives.parse(value)


@given(st.text())
def test_any_header_is_read_or_refused(value: str) -> None:
    with contextlib.suppress(InvalidRequestError):
        Directives.parse(value)


@pytest.mark.parametrize(
    ("controls", "within"),
    [
        (Controls(), Controls(Directives(max_age=60.0), ttl=60.0)),
        (Controls(Directives(max_age=10.0), ttl=5.0), Controls(Directives(max_age=10.0), ttl=5.0)),
        (Controls(Directives(max_age=90.0), ttl=90.0), Controls(Directives(max_age=60.0), ttl=60.0)),
    ],
)
def test_an_answer_that_does_not_last_has_a_shorter_life_and_never_a_longer_one(
    controls: Controls, within: Controls
) -> None:
    assert controls.within(60.0) == within
