"""Freezing and starting again, by an operator, for all instances on a real Redis."""

from __future__ import annotations

import pytest

from sentinel_core.cache.odds import JudgeErrors, Steering
from sentinel_core.cache.pairs import JudgedPair, Labeller, Relation, key_of
from sentinel_core.cache.scope import digest
from sentinel_core.learning.odds_book import ASK_SECONDS, UNTOUCHED, LearningState, OddsBook
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.store import RedisStore
from tests.stores.conftest import MakeStore
from tests.stores.contract import query
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

ASKED = query("one")
SPACE = ASKED.namespace


def book(store: RedisStore, clock: FakeClock) -> OddsBook:
    return OddsBook(JudgeErrors(), Steering(), clock, store.pairs, store.learning_states)


def pair(at: float) -> JudgedPair:
    key = key_of(digest("one"), digest(str(at)))
    return JudgedPair(key, Relation.SAME, Labeller.JUDGE, at, 4e9, "score:3")


async def test_other_instances_follow_an_operator(make_store: MakeStore) -> None:
    here, there, clock = make_store(), make_store(), FakeClock()
    mine, others = book(here, clock), book(there, clock)
    others.learn(ASKED.scope, pair(clock.now() - 10))
    assert others.of(SPACE).learned_from("score:3") == 1
    await there.load(ASKED)

    assert await mine.change(SPACE, is_frozen=True, is_reset=True) == (UNTOUCHED, LearningState(True, clock.now()))
    clock.advance(ASK_SECONDS)
    others.of(SPACE)
    await there.load(ASKED)
    assert others.state(SPACE) == mine.state(SPACE)
    assert (others.of(SPACE).steering.is_frozen, others.of(SPACE).learned_from("score:3")) == (True, 0)

    await mine.change(SPACE, is_frozen=False)
    others.learn(ASKED.scope, pair(clock.now() - ASK_SECONDS - 1))
    assert others.of(SPACE).learned_from("score:3") == 0


async def test_a_new_instance_keeps_what_was_learned_since_the_reset(make_store: MakeStore) -> None:
    here, clock = make_store(), FakeClock()
    mine = book(here, clock)
    await here.pairs.note(ASKED, pair(clock.now() - 10))
    await here.pairs.note(ASKED, pair(clock.now() + 10))
    await mine.change(SPACE, is_reset=True)

    fresh = make_store()
    theirs = book(fresh, clock)
    fresh.pairs.follow(theirs)
    await fresh.refresh(ASKED)
    assert theirs.of(SPACE).learned_from("score:3") == 2
    await fresh.load(ASKED)
    assert theirs.of(SPACE).learned_from("score:3") == 1


async def test_a_forged_state_is_not_followed(make_store: MakeStore, wire: RedisConnection) -> None:
    here, clock = make_store(), FakeClock()
    mine = book(here, clock)
    await wire.run([("SET", key_names.learning(SPACE), "seal [true,1.0]")])
    mine.of(SPACE)
    await here.load(ASKED)
    assert (mine.state(SPACE), here.faults.forged) == (UNTOUCHED, 1)
