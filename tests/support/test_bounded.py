from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.support.bounded import BoundedMap
from tests.support.fakes import FakeClock


def test_the_least_recently_used_key_is_evicted() -> None:
    held: BoundedMap[str, int] = BoundedMap(2)
    held.put("a", 1)
    held.put("b", 2)
    held.get("a")
    held.put("c", 3)

    assert list(held.items()) == [("a", 1), ("c", 3)]


def test_peek_does_not_use_a_key() -> None:
    held: BoundedMap[str, int] = BoundedMap(2)
    held.put("a", 1)
    held.put("b", 2)
    assert held.peek("a") == 1
    held.put("c", 3)

    assert list(held) == ["b", "c"]


@pytest.mark.parametrize(("idle", "kept"), [(10.0, ["a", "b"]), (10.5, ["b"])])
def test_a_key_unused_for_longer_is_dropped(clock: FakeClock, idle: float, kept: list[str]) -> None:
    held: BoundedMap[str, int] = BoundedMap(9, idle_seconds=10.0, clock=clock)
    held.put("a", 1)
    clock.advance(idle)
    held.put("b", 2)

    assert list(held) == kept


def test_a_popped_key_is_absent() -> None:
    held: BoundedMap[str, int] = BoundedMap(2)
    held.put("a", 1)

    assert (held.pop("a"), held.pop("a"), held.get("a"), "a" in held, len(held)) == (1, None, None, False, 0)


@given(st.lists(st.tuples(st.sampled_from("gpx"), st.integers(0, 9)), max_size=60))
def test_no_order_of_calls_exceeds_the_bound(calls: list[tuple[str, int]]) -> None:
    held: BoundedMap[int, int] = BoundedMap(3)
    for call, key in calls:
        if call == "p":
            held.put(key, key)
        elif call == "g":
            assert held.get(key) in (None, key)
        else:
            held.pop(key)
        assert len(held) <= 3
