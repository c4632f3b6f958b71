"""What every store must do for those who look after its entries."""

from __future__ import annotations

from typing import Protocol

import pytest

from sentinel_core.cache.entry import Saying
from sentinel_core.cache.ports import Inventory, Listed, Page, Purge, Store
from tests.stores.contract import GRACE, entry, query, unit


class Kept(Store, Inventory, Protocol):
    """Both sides of a store."""


async def saved(store: Kept, prompt: str, fingerprint: str = "a" * 64, **fields: object) -> None:
    await store.save(query(prompt, fingerprint=fingerprint), entry(prompt, **fields), unit(1))  # type: ignore[arg-type]


async def pages(store: Kept, limit: int, text: str | None = None) -> list[list[str]]:
    """The prompts of each page, to the last."""
    prompts: list[list[str]] = []
    cursor: str | None = None
    while not prompts or cursor is not None:
        page = await store.entries("ns", cursor=cursor, limit=limit, wanted=None if text is None else Saying(text))
        prompts.append([listed.entry.prompt for listed in page.entries])
        cursor = page.cursor
    return prompts


class InventoryContract:
    """Subclasses give the fixture `store`: an empty store whose grace is GRACE."""

    pytestmark = pytest.mark.anyio

    async def test_an_empty_namespace_is_one_empty_page(self, store: Kept) -> None:
        assert await store.entries("ns") == Page((), None)
        assert list(await store.scopes("ns")) == []

    async def test_an_entry_is_listed_with_where_it_is(self, store: Kept) -> None:
        asked, made = query("hello"), entry("hello")
        await store.save(asked, made, None)
        [listed] = (await store.entries("ns")).entries
        assert listed == Listed(asked.fingerprint, asked.digest, made, listed.expires)
        assert listed.expires == pytest.approx(made.created + made.ttl + GRACE, abs=1)

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
    async def test_all_scopes_of_the_namespace_are_walked_and_no_other(self, store: Kept, limit: int) -> None:
        there = [("a0", "a"), ("a1", "a"), ("a2", "a"), ("b0", "b"), ("b1", "b"), ("c0", "c")]
        for prompt, scope in there:
            await saved(store, prompt, scope * 64)
        await store.save(query("theirs", namespace="other"), entry("theirs"), None)
        listed_pages = await pages(store, limit)
        assert sorted(prompt for page in listed_pages for prompt in page) == [prompt for prompt, _ in there]
        assert all(len(page) <= limit for page in listed_pages)

    @pytest.mark.parametrize("limit", [1, 2, 50])
    async def test_only_those_wanted_are_listed(self, store: Kept, limit: int) -> None:
        for number in range(7):
            await saved(store, f"Prompt {number}", text="EVEN" if number % 2 == 0 else "odd")
        listed_pages = await pages(store, limit, "even")
        assert sorted(prompt for page in listed_pages for prompt in page) == [
            f"Prompt {number}" for number in (0, 2, 4, 6)
        ]
        assert all(len(page) <= limit for page in listed_pages)
        assert [prompt for page in await pages(store, limit, "prompt 3") for prompt in page] == ["Prompt 3"]

    async def test_what_is_gone_is_not_listed(self, store: Kept) -> None:
        for prompt in ("deleted", "purged", "there"):
            await saved(store, prompt, tags=(prompt,))
        await saved(store, "expired", age=300.0 + GRACE + 1)
        deleted = query("deleted", fingerprint="a" * 64)
        assert await store.delete("ns", deleted.fingerprint, deleted.digest)
        await store.purge(Purge("ns", tag="purged"))
        assert [prompt for page in await pages(store, 10) for prompt in page] == ["there"]

    async def test_an_entry_is_deleted_once_and_only_where_it_is(self, store: Kept) -> None:
        await saved(store, "hello")
        where = query("hello", fingerprint="a" * 64)
        assert not await store.delete("other", where.fingerprint, where.digest)
        assert not await store.delete("ns", "b" * 64, where.digest)
        assert await store.load(where) is not None
        assert [await store.delete("ns", where.fingerprint, where.digest) for _ in range(2)] == [True, False]
        assert await store.load(where) is None
        assert await store.nearest(where, unit(1), floor=0.5, limit=4) == []

    async def test_scopes_are_listed_in_order_and_from_anywhere(self, store: Kept) -> None:
        for scope in "cab":
            await saved(store, scope, scope * 64)
        await saved(store, "more", "a" * 64)
        listed_pages = [scope * 64 for scope in "abc"]
        assert list(await store.scopes("ns")) == listed_pages
        assert list(await store.scopes("ns", after=listed_pages[0], limit=1)) == listed_pages[1:2]
        assert list(await store.scopes("ns", after=listed_pages[2])) == []
        assert list(await store.scopes("other")) == []

    @pytest.mark.parametrize("cursor", ["", "rubbish", "a:b:c"])
    async def test_what_is_no_cursor_is_refused(self, store: Kept, cursor: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            await store.entries("ns", cursor=cursor)
