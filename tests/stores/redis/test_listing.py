"""Entries listed page by page."""

from __future__ import annotations

import pytest

from scripts.devtools.redis.server import RedisServer
from sentinel_core.cache.ports import Page, Purge
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import RedisConnection
from sentinel_core.stores.redis.store import RedisStore
from tests.stores.conftest import MakeStore
from tests.stores.contract import entry, query, unit

pytestmark = pytest.mark.anyio


async def saved(store: RedisStore, prompt: str, fingerprint: str = "a" * 64, **fields: object) -> None:
    await store.save(query(prompt, fingerprint=fingerprint), entry(prompt, **fields), unit(1))  # type: ignore[arg-type]


async def prompts(store: RedisStore, limit: int) -> list[list[str]]:
    """The prompts of each page, to the last."""
    pages: list[list[str]] = []
    page = Page((), "")
    cursor: str | None = None
    while page.cursor is not None:
        page = await store.entries("ns", cursor=cursor, limit=limit)
        pages.append([listed.entry.prompt for listed in page.entries])
        cursor = page.cursor
    return pages


async def test_all_scopes_are_walked_in_pages(make_store: MakeStore) -> None:
    store = make_store()
    for number in range(7):
        await saved(store, f"a{number}")
    for number in range(2):
        await saved(store, f"b{number}", "b" * 64)
    await saved(store, "c0", "c" * 64)
    names = [f"a{number}" for number in range(7)] + ["b0", "b1", "c0"]
    for limit in (1, 2, 3, 7, 10, 50):
        pages = await prompts(store, limit)
        assert [name for page in pages for name in page] == names
        assert all(len(page) <= limit for page in pages)


async def test_what_was_stored_again_is_listed_once(make_store: MakeStore) -> None:
    store = make_store()
    await saved(store, "one", age=10.0)
    await saved(store, "two")
    await saved(store, "one")
    assert [name for page in await prompts(store, 1) for name in page] == ["two", "one"]


async def test_what_is_gone_purged_or_corrupt_is_not_listed(make_store: MakeStore, wire: RedisConnection) -> None:
    store = make_store()
    for prompt in ("gone", "corrupt", "purged", "there"):
        await saved(store, prompt, tags=(prompt,))
    await wire.run([("DEL", key_names.entry_of(query("gone", fingerprint="a" * 64)))])
    await wire.run([("SET", key_names.entry_of(query("corrupt", fingerprint="a" * 64)), "rubbish")])
    await store.purge(Purge("ns", tag="purged"))
    assert [name for page in await prompts(store, 10) for name in page] == ["there"]


async def test_a_scope_whose_stream_is_gone_is_forgotten(make_store: MakeStore, database: RedisServer) -> None:
    store = make_store()
    await saved(store, "hello")
    database.ask("DEL", key_names.index("ns", "e1", "a" * 64))
    assert await prompts(store, 10) == [[]]
    assert database.ask("EXISTS", key_names.scopes("ns")) == ":0"


@pytest.mark.parametrize(
    "cursor", ["", "rubbish", "a:b", "a:1-0", f"{'a' * 64}:1-x", f"{'a' * 64}:{'9' * 20}-0", f"x:{'a' * 64}:1-0"]
)
async def test_what_is_no_cursor_is_refused(make_store: MakeStore, cursor: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        await make_store().entries("ns", cursor=cursor)


@pytest.mark.parametrize("limit", [1, 5, 17, 100])
async def test_many_small_scopes_are_listed_once_each_in_any_pages(make_store: MakeStore, limit: int) -> None:
    store = make_store()
    names = [f"{scope:02d}-{number}" for scope in range(40) for number in range(1 + scope % 3)]
    for name in names:
        await saved(store, name, f"{int(name[:2]):064x}")

    pages = await prompts(store, limit)

    assert [name for page in pages for name in page] == names
    assert all(len(page) <= limit for page in pages)
