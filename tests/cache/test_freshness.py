from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache import freshness
from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.directives import NO_DIRECTIVES, Controls, Directives
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.operator_rules import Rules
from tests.support.fakes import RULES, completion

ENTRY = Entry("hi", completion(), created=1000.0, ttl=100.0)
SECONDS = st.floats(0, 1e6)


@pytest.mark.parametrize(("asked", "ttl"), [(None, 100.0), (0.0, 0.0), (99.0, 99.0), (100.0, 100.0), (1e9, 100.0)])
def test_a_caller_may_shorten_the_ttl_and_never_prolong_it(asked: float | None, ttl: float) -> None:
    assert freshness.time_to_live(Controls(ttl=asked), RULES) == ttl


@pytest.mark.parametrize(
    ("age", "max_age", "fresh"),
    [
        (0.0, math.inf, True),
        (99.999, math.inf, True),
        (100.0, math.inf, False),
        (-5.0, math.inf, True),
        (0.0, 0.0, False),
        (9.999, 10.0, True),
        (10.0, 10.0, False),
        (100.0, 1000.0, False),
    ],
)
def test_an_entry_is_fresh_while_its_lifetime_exceeds_its_age(age: float, max_age: float, fresh: bool) -> None:
    assert freshness.is_fresh(ENTRY, Directives(max_age=max_age), 1000.0 + age) is fresh


def test_an_operators_longest_age_holds_for_stored_answers_and_not_for_curated_ones() -> None:
    young, old = Directives(longest_age=10.0), 1010.0
    curated = CuratedEntry("hi", completion(), created=1000.0, ttl=100.0, id="a")

    assert [freshness.is_fresh(each, young, 1009.9) for each in (ENTRY, curated)] == [True, True]
    assert [freshness.is_fresh(each, young, old) for each in (ENTRY, curated)] == [False, True]
    assert freshness.may_serve_stale(ENTRY, young, RULES, old + RULES.stale - 0.1)
    assert not freshness.may_serve_stale(ENTRY, young, RULES, old + RULES.stale)


def test_an_entry_with_no_lifetime_is_never_fresh() -> None:
    assert not freshness.is_fresh(replace(ENTRY, ttl=0.0), NO_DIRECTIVES, 1000.0)


@pytest.mark.parametrize(
    ("cache_control", "last_moment"),
    [
        ("", 150.0),
        ("stale-if-error=0", 100.0),
        ("stale-if-error=20", 120.0),
        ("stale-if-error=50", 150.0),
        ("stale-if-error=9999", 150.0),
        ("no-store", 150.0),
        ("no-cache", 0.0),
        ("max-age=60", 0.0),
        ("no-cache, stale-if-error=20", 120.0),
        ("max-age=60, stale-if-error=20", 80.0),
        ("max-age=0, stale-if-error=20", 20.0),
        ("max-age=9999, stale-if-error=20", 120.0),
        ("max-age=60, stale-if-error=9999", 110.0),
    ],
)
def test_an_entry_may_stand_in_until_what_the_caller_and_the_operator_allow(
    cache_control: str, last_moment: float
) -> None:
    def allowed(age: float) -> bool:
        return freshness.may_serve_stale(ENTRY, Directives.parse(cache_control), RULES, 1000.0 + age)

    assert not allowed(last_moment)
    assert last_moment == 0 or allowed(last_moment - 0.001)


@given(SECONDS, SECONDS, SECONDS, SECONDS, st.none() | SECONDS)
def test_no_caller_gets_an_older_answer_than_the_operator_allows(
    age: float, ttl: float, stale: float, max_age: float, asked: float | None
) -> None:
    entry = replace(ENTRY, ttl=ttl)
    rules = Rules(threshold=0.5, ttl=1.0, stale=stale, max_temperature=1.0)
    directives = Directives(max_age=max_age, stale_if_error=asked)
    now = entry.created + age

    if freshness.is_fresh(entry, directives, now):
        assert freshness.is_fresh(entry, NO_DIRECTIVES, now)
    if freshness.may_serve_stale(entry, directives, rules, now):
        assert freshness.may_serve_stale(entry, NO_DIRECTIVES, rules, now)


@pytest.mark.parametrize(
    ("waited", "made", "more", "in_time"),
    [(0.25, 1, 2, True), (0.26, 1, 2, False), (0.5, 2, 1, True), (0.51, 2, 1, False), (0.0, 1, 2, True)],
)
def test_a_store_is_asked_again_if_that_ends_in_time(waited: float, made: int, more: int, in_time: bool) -> None:
    assert freshness.is_in_time(waited, made, more, 0.75) == in_time
    assert freshness.is_in_time(waited, made, more, math.inf)
