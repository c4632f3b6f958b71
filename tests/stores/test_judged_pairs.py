"""The bound on judged pairs, shared by namespaces, and their end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation, key_of
from sentinel_core.cache.scope import digest
from sentinel_core.stores.judged_pairs import JudgedPairs
from tests.support.fakes import FakeClock

SCOPE = ("ns", "f")


def pair(number: int, expires: float = 2e6) -> JudgedPair:
    key = key_of(digest(str(number)), digest("stored"))
    return JudgedPair(key, Relation.SAME, Labeller.JUDGE, float(number), expires)


def test_the_namespace_with_most_pairs_loses_its_oldest(clock: FakeClock) -> None:
    pairs = JudgedPairs(clock, most=4)
    pairs.learn(("small", "f"), pair(0))
    for number in range(10):
        pairs.learn(SCOPE, pair(number))

    assert [each.at for each in pairs.of(SCOPE).values()] == [7, 8, 9]
    assert (len(pairs), len(pairs.of(("small", "f")))) == (4, 1)


def test_a_pair_noted_twice_counts_once(clock: FakeClock) -> None:
    pairs = JudgedPairs(clock)
    for _ in range(2):
        pairs.learn(SCOPE, pair(1))

    assert len(pairs) == len(pairs.of(SCOPE)) == 1


def test_expired_pairs_go_when_another_is_noted(clock: FakeClock) -> None:
    pairs = JudgedPairs(clock)
    pairs.learn(SCOPE, pair(1, clock.now() + 5))
    clock.advance(5)
    pairs.learn(SCOPE, pair(2))
    assert [each.at for each in pairs.of(SCOPE).values()] == [2]

    pairs.learn(SCOPE, pair(2, clock.now()))
    clock.advance(1e7)
    pairs.learn(SCOPE, pair(2, 1.0))
    assert (len(pairs), pairs.of(SCOPE)) == (0, {})


def test_pairs_go_with_their_namespace(clock: FakeClock) -> None:
    pairs = JudgedPairs(clock)
    for namespace in ("a", "b", "c"):
        pairs.learn((namespace, "f"), pair(1))
    pairs.forget("a")
    assert [len(pairs.of((each, "f"))) for each in "abc"] == [0, 1, 1]

    pairs.forget("a")
    pairs.forget(None)
    assert len(pairs) == 0


@pytest.mark.anyio
async def test_a_restored_pair_never_hides_a_newer_or_better_one(clock: FakeClock) -> None:
    pairs, known = JudgedPairs(clock), replace(pair(1), at=5.0)
    pairs.learn(SCOPE, known)
    older = replace(known, at=1.0, expires=1.5e6)
    ban = replace(known, at=1.0, by=Labeller.FEEDBACK, relation=Relation.DIFFERENT)

    assert await pairs.restore("ns", [("f", older), ("f", known), ("f", replace(ban, expires=1.0))]) == 0
    assert await pairs.restore("ns", [("f", ban), ("f", ban), ("f", replace(known, at=9.0))]) == 1
    assert await pairs.page("ns", "", 9) == ([("f", ban)], None)
