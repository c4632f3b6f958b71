"""One instance asks the provider, the others wait for its entry: the gateway's part of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import LEASE_SECONDS
from sentinel_core.cache.scope import Query
from sentinel_core.errors import ProviderUnavailableError, StoreError
from sentinel_core.stores.memory import MemoryStore
from tests.support.fakes import PRICE, FakeClock, World, completion

pytestmark = pytest.mark.anyio

PROMPT = "what is machine learning"
NEAR = "what is deep learning"


class LedElsewhere(MemoryStore):
    """A store whose lease another instance holds unless `leads`; `arriving` is what it is about to store."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(max_entries=100, max_bytes=1_000_000, grace=50.0, clock=clock)
        self.leads = False
        self.arriving: Entry | None = None
        self.error: StoreError | None = None
        self.asked: list[float | None] = []
        self.waited: list[float] = []
        self.released: list[bool] = []

    async def refresh(
        self, query: Query, *, lease_seconds: float | None = None, stale_entry: Entry | None = None
    ) -> bool:
        self.asked.append(lease_seconds)
        return self.leads or lease_seconds is None

    async def wait(self, query: Query, *, timeout: float, stale_entry: Entry | None = None) -> Entry | None:
        self.waited.append(timeout)
        if self.error is not None:
            raise self.error
        return self.arriving

    async def release(self, query: Query, *, soon: bool = False) -> None:
        self.released.append(soon)
        if self.error is not None:
            raise self.error


@pytest.fixture
def store(clock: FakeClock) -> LedElsewhere:
    return LedElsewhere(clock)


@pytest.fixture
def it(world: Callable[..., World], store: LedElsewhere) -> World:
    return world(store=store)


def stored(clock: FakeClock, age: float = 0.0) -> Entry:
    return Entry(PROMPT, completion("from elsewhere"), created=clock.now() - age, ttl=100.0, cost_usd=PRICE)


async def test_who_does_not_lead_waits_half_its_time_and_pays_nothing(it: World, store: LedElsewhere) -> None:
    store.arriving = stored(it.clock)
    answer = await it.gateway.answer(it.ask(PROMPT, deadline=10.0))
    assert (answer.completion, answer.collapsed) == (completion("from elsewhere"), True)
    assert (answer.cost_usd, answer.saved_usd, it.provider.calls) == (0.0, PRICE, 0)
    assert (store.asked, store.waited, store.released) == ([LEASE_SECONDS], [5.0], [])


async def test_when_nothing_arrives_one_asks_oneself_and_stores(it: World, store: LedElsewhere) -> None:
    answer = await it.gateway.answer(it.ask(PROMPT))
    assert (answer.completion, answer.collapsed, answer.stored) == (completion(), False, True)
    assert (it.provider.calls, store.released) == (1, [])


async def test_a_store_that_fails_meanwhile_costs_no_answer(it: World, store: LedElsewhere) -> None:
    store.error = StoreError("down")
    assert (await it.gateway.answer(it.ask(PROMPT))).completion == completion()


async def test_what_arrives_too_old_for_the_caller_is_not_taken(it: World, store: LedElsewhere) -> None:
    store.arriving = stored(it.clock, age=5.0)
    answer = await it.gateway.answer(it.ask(PROMPT, cache_control="max-age=4"))
    assert (answer.completion, it.provider.calls) == (completion(), 1)


async def test_a_leader_that_fails_lets_others_ask(it: World, store: LedElsewhere) -> None:
    store.leads = True
    it.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    with pytest.raises(ProviderUnavailableError):
        await it.gateway.answer(it.ask(PROMPT))
    assert (store.waited, store.released) == ([], [False])


async def test_a_leader_whose_answer_is_not_kept_lets_others_ask(it: World, store: LedElsewhere) -> None:
    store.leads = True
    it.provider.queue.append(completion(""))
    await it.gateway.answer(it.ask(PROMPT))
    assert store.released == [False]


async def test_a_semantic_hit_gives_the_lease_back_when_it_costs_nothing(it: World, store: LedElsewhere) -> None:
    store.leads = True
    await it.gateway.answer(it.ask(PROMPT))
    assert store.released == []
    assert (await it.gateway.answer(it.ask(NEAR))).reused
    assert store.released == [True]


@pytest.mark.parametrize("cache_control", ["no-store", "no-cache"])
async def test_who_stores_nothing_or_does_not_look_takes_no_lease(
    it: World, store: LedElsewhere, cache_control: str
) -> None:
    await it.gateway.answer(it.ask(PROMPT, cache_control=cache_control))
    assert set(store.asked) <= {None}
    assert store.waited == []


async def test_a_stream_takes_no_lease_and_does_not_wait(it: World, store: LedElsewhere) -> None:
    streaming = await it.gateway.stream(it.ask(PROMPT))
    assert store.asked == [None]
    assert store.waited == []
    await streaming.chunks.aclose()  # type: ignore[union-attr]
