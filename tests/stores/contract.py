"""What every store must do; each store's test file runs it against the real thing."""

from __future__ import annotations

import time

import numpy as np
import pytest

from sentinel_core.cache import scope
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Purge, Store, Vector
from sentinel_core.cache.scope import Query
from sentinel_core.chat.messages import Completion, Usage

GRACE = 600.0


def query(prompt: str = "What is 2+2?", *, namespace: str = "ns", fingerprint: str = "f" * 64) -> Query:
    return Query(namespace, fingerprint, prompt, scope.digest(prompt))


def entry(
    prompt: str = "What is 2+2?",
    text: str = "4",
    *,
    age: float = 0.0,
    ttl: float = 300.0,
    tags: tuple[str, ...] = (),
    model: str = "m",
) -> Entry:
    message = {"role": "assistant", "content": text}
    completion = Completion("groq", model, message, "stop", Usage(prompt_tokens=7, completion_tokens=1))
    return Entry(prompt, completion, created=time.time() - age, ttl=ttl, cost_usd=0.001, tags=tags)


def unit(seed: int) -> Vector:
    vector = np.random.default_rng(seed).standard_normal(384).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def between(first: Vector, second: Vector, share: float) -> Vector:
    """A unit vector on the way from the first to the second."""
    mixed = ((1 - share) * first + share * second).astype(np.float32)
    return mixed / np.float32(np.linalg.norm(mixed))


class StoreContract:
    """Subclasses give the fixture `store`: an empty store whose grace is GRACE."""

    pytestmark = pytest.mark.anyio

    async def test_an_empty_store_has_nothing(self, store: Store) -> None:
        assert await store.load(query()) is None
        assert await store.refresh(query())
        assert await store.nearest(query(), unit(1), floor=-1.0, limit=4) == []
        assert await store.count() == 0

    async def test_what_was_saved_is_loaded_whole(self, store: Store) -> None:
        saved = entry("Ünïcödé 🙂 \ud800?", 'line\n"quoted" \\ \u2028 \x00', tags=("a", "b"))
        await store.save(query(saved.prompt), saved, unit(1))
        assert await store.load(query(saved.prompt)) == saved

    async def test_an_entry_of_a_megabyte_is_an_entry(self, store: Store) -> None:
        saved = entry(text="0123456789abcdef" * 65_536)
        await store.save(query(), saved, unit(1))
        assert await store.load(query()) == saved

    async def test_the_later_of_two_entries_replaces_the_earlier(self, store: Store) -> None:
        await store.save(query(), entry(text="four", age=9), unit(1))
        later = entry(text="4")
        await store.save(query(), later, unit(2))
        assert await store.load(query()) == later
        assert [found.entry for found in await store.nearest(query(), unit(2), floor=0.9, limit=4)] == [later]
        assert await store.nearest(query(), unit(1), floor=0.9, limit=4) == []
        assert await store.count() == 1

    @pytest.mark.parametrize(
        "other", [query("What is 2+3?"), query(namespace="other"), query(fingerprint="e" * 64)], ids=repr
    )
    async def test_scopes_and_prompts_do_not_share(self, store: Store, other: Query) -> None:
        await store.save(query(), entry(), unit(1))
        assert await store.load(other) is None

    @pytest.mark.parametrize("other", [query(namespace="other"), query(fingerprint="e" * 64)], ids=repr)
    async def test_neighbours_are_of_the_same_scope(self, store: Store, other: Query) -> None:
        await store.save(query(), entry(), unit(1))
        await store.refresh(other)
        assert await store.nearest(other, unit(1), floor=-1.0, limit=4) == []

    async def test_the_nearest_come_first_and_none_below_the_floor(self, store: Store) -> None:
        shares = {"near": 0.1, "nearer": 0.05, "far": 0.5, "farther": 0.9}
        for prompt, share in shares.items():
            await store.save(query(prompt), entry(prompt), between(unit(1), unit(2), share))
        await store.refresh(query())
        found = await store.nearest(query(), unit(1), floor=0.5, limit=4)
        assert [candidate.entry.prompt for candidate in found] == ["nearer", "near", "far"]
        expected = [float(between(unit(1), unit(2), shares[candidate.entry.prompt]) @ unit(1)) for candidate in found]
        assert [candidate.similarity for candidate in found] == pytest.approx(expected, abs=0.005)
        assert [candidate.entry.prompt for candidate in await store.nearest(query(), unit(1), floor=0.5, limit=2)] == [
            "nearer",
            "near",
        ]

    async def test_the_nearest_is_glimpsed_with_its_similarity(self, store: Store) -> None:
        for prompt, share in {"near": 0.1, "far": 0.5}.items():
            await store.save(query(prompt), entry(prompt), between(unit(1), unit(2), share))
        [expected] = await store.nearest(query(), unit(1), floor=0.9, limit=1)
        assert await store.glimpse(query(), unit(1), floor=0.9) == (query("near").digest, expected.similarity)
        assert await store.glimpse(query(), unit(3), floor=0.9) is None
        assert await store.glimpse(query(namespace="other"), unit(1), floor=0.0) is None

    async def test_without_a_vector_an_entry_is_exact_only(self, store: Store) -> None:
        saved = entry()
        await store.save(query(), saved, None)
        await store.refresh(query())
        assert await store.load(query()) == saved
        assert await store.nearest(query(), unit(1), floor=-1.0, limit=4) == []
        assert await store.count() == 1

    async def test_past_its_ttl_an_entry_stays_for_the_grace(self, store: Store) -> None:
        stale = entry(age=300.0 + GRACE / 2)
        await store.save(query(), stale, unit(1))
        assert await store.load(query()) == stale
        assert [found.entry for found in await store.nearest(query(), unit(1), floor=0.9, limit=1)] == [stale]

    async def test_past_its_grace_an_entry_is_gone(self, store: Store) -> None:
        await store.save(query(), entry(age=300.0 + GRACE + 1), unit(1))
        assert await store.load(query()) is None
        assert await store.nearest(query(), unit(1), floor=0.9, limit=1) == []

    async def test_alone_one_asks_upstream_oneself(self, store: Store) -> None:
        assert await store.refresh(query(), lease_seconds=5.0)
        await store.release(query())
        assert await store.wait(query(), timeout=0.1) is None

    async def test_releasing_what_is_not_held_is_nothing(self, store: Store) -> None:
        await store.release(query())
        assert await store.refresh(query(), lease_seconds=5.0)

    async def test_a_purge_by_age_spares_what_is_younger_and_what_comes_later(self, store: Store) -> None:
        old, young = entry("old", age=100.0), entry("young", age=10.0)
        await store.save(query("old"), old, None)
        await store.save(query("young"), young, None)
        await store.purge(Purge("ns", before=time.time() - 50.0))
        assert [await store.load(query(prompt)) for prompt in ("old", "young")] == [None, young]
        again = entry("old")
        await store.save(query("old"), again, None)
        assert await store.load(query("old")) == again

    async def test_it_says_that_it_answers(self, store: Store) -> None:
        await store.check()
