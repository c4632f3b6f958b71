"""Renews the lease of a prompt while its answer is being fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sentinel_core.cache.ports import RENEW_SECONDS, Leases
from sentinel_core.cache.scope import Query
from sentinel_core.errors import CacheError


@contextmanager
def renewing(store: Leases, query: Query | None, *, spent: float = 0.0) -> Iterator[None]:
    """
    Renew the lease each second until the block ends; a block of less than a second costs no command.

    The lease was taken or renewed `spent` seconds ago at the latest: two blocks in turn are one for the first renewal.
    A lease that is not held is not renewed. A killed process renews nothing: its lease ends `LEASE_SECONDS` later.
    """
    if query is None:
        yield
        return
    renewals: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()
    # A timer, not a task at once: most blocks end before it is due.
    first = max(0.0, RENEW_SECONDS - spent)
    timer = loop.call_later(first, lambda: renewals.append(loop.create_task(_renew(store, query))))
    try:
        yield
    finally:
        timer.cancel()
        for task in renewals:
            task.cancel()


async def _renew(store: Leases, query: Query) -> None:
    while True:
        with suppress(CacheError):
            await store.renew(query)
        await asyncio.sleep(RENEW_SECONDS)
