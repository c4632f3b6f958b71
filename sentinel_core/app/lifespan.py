"""The work of a server between its requests: warming up, freeing memory, and closing everything at the end."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from sentinel_core.support import patterns
from sentinel_core.support.huge_pages import use_huge_pages

if TYPE_CHECKING:
    from sentinel_core.app.parts import Parts

_log = logging.getLogger("sentinel")

FREE_SECONDS = 10.0
"""Between two looks for purges whose bytes are to be freed."""

SETTLED_SECONDS = 5.0
"""From the warming up until memory is kept in huge pages: half a second of work, which a short run need not do."""

YOUNG_OBJECTS = 10_000
"""
New objects between two collections of the youngest ones. With Python's 700 there is one for every 30 requests, and
what they have in hand counts as old: an exact hit takes 8 % more processor time. One takes half a millisecond.
"""

SWEEP_SECONDS = 3_600.0
"""Most of one look: a sweep that is cut begins again, and one of 100,000 entries takes minutes on a busy machine."""


async def _warm(parts: Parts) -> None:
    """Log a warning if the store is unreachable, then warm up."""
    state = await parts.check()
    if state["store"] != "ok":
        _log.warning("store.unavailable", extra={"fields": {"reason": state["store"]}})
    await parts.warm()
    await asyncio.to_thread(patterns.warm)
    gc.collect()
    gc.freeze()  # a full collection of model and tables holds the event loop for about 60 ms
    await asyncio.sleep(SETTLED_SECONDS)
    await asyncio.to_thread(use_huge_pages)


async def _keep_free(parts: Parts) -> None:
    """Free the bytes of purged entries for as long as the server lives, and learn of erasures while it is idle."""
    while True:
        await asyncio.sleep(FREE_SECONDS)
        await parts.free(within=SWEEP_SECONDS)


def lifespan(parts: Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the work of a server before its first request and after its last one."""

    @asynccontextmanager
    async def serve(app: FastAPI) -> AsyncIterator[None]:
        """Load the model while the first requests are already served; close everything at the end."""
        before = gc.get_threshold()
        gc.set_threshold(YOUNG_OBJECTS)
        tasks = [asyncio.create_task(_warm(parts)), asyncio.create_task(_keep_free(parts))]
        yield
        for task in tasks:
            task.cancel()
        await parts.aclose()
        gc.set_threshold(*before)

    return serve
