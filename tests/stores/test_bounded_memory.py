"""Memory that this process holds for its callers: counted, bounded, and shared among namespaces."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from itertools import count

import numpy as np
import pytest

from sentinel_core.cache import scope
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Vector
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import Completion, Usage
from sentinel_core.stores.memory import MemoryStore
from sentinel_core.stores.redis.known_purges import FIRST
from sentinel_core.stores.redis.mirror import Item
from sentinel_core.stores.redis.mirrors import Mirrors
from sentinel_core.stores.shares import Shares
from sentinel_core.support.clock import SYSTEM_CLOCK

pytestmark = pytest.mark.anyio

BOUND = 1_048_576
ROUNDS = 4_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def vector(number: int) -> Vector:
    made = np.zeros(384, np.float32)
    made[number % 384] = 1.0
    return made


def question(number: int, namespace: str, fingerprint: int, letters: str = "word ", words: int = 8) -> Query:
    prompt = f"{number} {letters * words}"
    return Query(namespace, f"{fingerprint:064x}", prompt, scope.digest(prompt))


def answer(query: Query, letters: str, words: int) -> Entry:
    text = f"{query.prompt}{letters * words}"
    message = {"role": "assistant", "content": text}
    completion = Completion("groq", "m", message, "stop", Usage(7, len(text)))
    return Entry(query.prompt, completion, time.time(), 3_600.0, 0.1 * len(text), (f"tag {query.prompt[:6]}",))


def store() -> MemoryStore:
    return MemoryStore(max_entries=20_000, max_bytes=BOUND, grace=0.0, clock=SYSTEM_CLOCK)


async def put(kept: MemoryStore, query: Query, letters: str = "word ", words: int = 20, number: int | None = 0) -> None:
    await kept.save(query, answer(query, letters, words), None if number is None else vector(number))


def filled_by(rounds: Callable[[int], object]) -> float:
    """Return what a filling takes in shares of the bound."""
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(ROUNDS):
            rounds(number)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / BOUND
    finally:
        tracemalloc.stop()


ENTRIES: dict[str, tuple[Callable[[int], Query], str, int, bool]] = {
    "short answers": (lambda number: question(number, "ns", 1), "word ", 20, False),
    "long answers": (lambda number: question(number, "ns", 1), "word ", 4_000, False),
    "wide characters": (lambda number: question(number, "ns", 1, "文", 300), "文", 2_000, False),
    "a scope for each": (lambda number: question(number, f"ns{number % 5}", number), "word ", 20, True),
}


@pytest.mark.parametrize(("ask", "letters", "words", "has_vector"), ENTRIES.values(), ids=ENTRIES)
@pytest.mark.no_cover  # coverage's own memory would count
async def test_entries_take_what_is_allowed(
    ask: Callable[[int], Query], letters: str, words: int, has_vector: bool
) -> None:
    gc.collect()
    tracemalloc.start()
    kept = store()
    for number in range(BOUND // (5 * words + 1_000) * 2):
        await put(kept, ask(number), letters, words, number if has_vector else None)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] / BOUND
    tracemalloc.stop()

    assert 0.75 < taken < 1.25
    assert 0.9 * BOUND < kept.nbytes <= BOUND


@pytest.mark.no_cover  # coverage's own memory would count
def test_empty_mirrors_take_what_is_allowed() -> None:
    mirrors = Mirrors(BOUND)
    taken = filled_by(lambda number: mirrors.get_or_make((f"ns{number % 50}", f"{number:064x}"), lambda: FIRST))

    assert 0.75 < taken < 1.25
    assert len(mirrors) < ROUNDS


@pytest.mark.no_cover  # coverage's own memory would count
def test_mirrors_of_few_items_take_what_is_allowed() -> None:
    mirrors = Mirrors(BOUND)

    def fill(number: int) -> None:
        place = f"ns{number % 7}", f"{number // 28:064x}"
        mirrors.get_or_make(place, lambda: FIRST).add(Item(f"{number:064x}", "v", number), vector(number))
        mirrors.settle(place)

    assert 0.75 < filled_by(fill) < 1.25


def test_one_large_mirror_keeps_its_newest_items_within_the_bound() -> None:
    mirrors = Mirrors(BOUND)
    place = "ns", "f" * 64
    mirror = mirrors.get_or_make(place, lambda: FIRST)
    for number in range(5_000):
        mirror.add(Item(f"{number:064x}", "v", number), vector(number))
        mirrors.settle(place)

    assert mirrors.get(place) is mirror
    assert 0.75 * BOUND < mirrors.nbytes <= BOUND
    assert f"{4_999:064x}" in mirror.index
    assert mirror.oldest(1)[0] > f"{2_000:064x}"


async def test_a_tenant_that_stores_without_end_evicts_its_own_entries_only() -> None:
    kept = store()
    victim = [question(number, "victim", 1) for number in range(100)]
    for asked in victim:
        await put(kept, asked)
    for number in range(3_000):
        await put(kept, question(number, "attacker", number), "word ", 100, number)

    assert all([await kept.load(asked) is not None for asked in victim])
    assert await kept.load(question(2_999, "attacker", 2_999)) is not None
    assert kept.nbytes <= BOUND


async def test_the_bound_of_entries_is_shared_as_well() -> None:
    kept = MemoryStore(max_entries=200, max_bytes=1 << 30, grace=0.0, clock=SYSTEM_CLOCK)
    victim = [question(number, "victim", 1) for number in range(90)]
    for asked in victim:
        await put(kept, asked)
    for number in range(1_000):
        await put(kept, question(number, "attacker", 1))

    assert all([await kept.load(asked) is not None for asked in victim])
    assert await kept.count() == 200


async def test_an_entry_larger_than_the_bound_costs_other_tenants_nothing() -> None:
    kept = store()
    await put(kept, question(1, "victim", 1))
    await put(kept, question(2, "attacker", 1), "x", BOUND, None)

    assert await kept.load(question(1, "victim", 1)) is not None
    assert await kept.load(question(2, "attacker", 1)) is None
    assert await kept.count() == 1


def test_mirrors_of_one_tenant_do_not_evict_those_of_another() -> None:
    mirrors = Mirrors(BOUND)
    theirs = "victim", "f" * 64
    mirror = mirrors.get_or_make(theirs, lambda: FIRST)
    for number in range(200):
        mirror.add(Item(f"{number:064x}", "v", number), vector(number))
    mirrors.settle(theirs)
    for number in range(3_000):
        mirrors.get_or_make(("attacker", f"{number:064x}"), lambda: FIRST)

    assert mirrors.get(theirs) is mirror
    assert len(mirror) == 200
    assert mirrors.get(("attacker", f"{2_999:064x}")) is not None
    assert mirrors.nbytes <= BOUND


def test_a_purge_empties_mirrors_and_gives_their_bytes_back() -> None:
    mirrors = Mirrors(BOUND)
    for number, namespace in zip(range(300), count(), strict=False):
        place = f"ns{namespace % 2}", "f" * 64
        mirrors.get_or_make(place, lambda: FIRST).add(Item(f"{number:064x}", "v", number), vector(number))
        mirrors.settle(place)
    before = mirrors.nbytes
    mirrors.forget("ns0")
    half = mirrors.nbytes
    mirrors.forget(None)

    assert (before - half, half - mirrors.nbytes) == ((before - mirrors.nbytes) / 2,) * 2
    assert mirrors.items == 0


def test_shares_name_the_largest_owner_whatever_was_added_before() -> None:
    shares, weights = Shares(), dict[str, float]()
    rng = np.random.default_rng(0)
    for _ in range(2_000):
        owner, weight = f"o{rng.integers(20)}", float(rng.integers(-50, 60))
        shares.add(owner, max(weight, -weights.get(owner, 0.0)))
        weights[owner] = max(0.0, weights.get(owner, 0.0) + weight)
        largest = shares.largest()
        assert shares.total == sum(weights.values())
        assert (0.0 if largest is None else weights[largest]) == max(weights.values())
        assert len(shares) == sum(weight > 0 for weight in weights.values())
