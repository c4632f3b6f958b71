from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any, cast

import pytest
from fastapi import FastAPI

from sentinel_core.app import lifespan

pytestmark = pytest.mark.anyio


class Noting:
    """Parts that note how long they may free bytes."""

    def __init__(self) -> None:
        self.within: list[float] = []
        self.has_freed = asyncio.Event()

    async def check(self) -> dict[str, str]:
        return {"store": "ok"}

    async def warm(self) -> None: ...

    async def free(self, *, within: float) -> None:
        self.within.append(within)
        self.has_freed.set()
        await asyncio.Event().wait()

    async def aclose(self) -> None: ...


class Pages:
    """Notes the thread that asks for huge pages, which would be those of all tests."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.thread = ""

    def use(self) -> None:
        self.thread = threading.current_thread().name
        self.asked.set()


@pytest.fixture(autouse=True)
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    pages = Pages()
    monkeypatch.setattr(lifespan, "use_huge_pages", pages.use)
    return pages


async def test_a_warm_server_has_huge_pages_while_it_answers(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifespan, "SETTLED_SECONDS", 0.0)
    async with lifespan.lifespan(cast("Any", Noting()))(FastAPI()):
        assert await asyncio.to_thread(pages.asked.wait, 30)

    assert pages.thread != threading.current_thread().name


async def test_a_sweep_has_time_to_end_and_ends_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifespan, "FREE_SECONDS", 0.0)
    parts, before = Noting(), gc.get_threshold()
    async with lifespan.lifespan(cast("Any", parts))(FastAPI()):
        await asyncio.wait_for(parts.has_freed.wait(), 30)
        assert gc.get_threshold()[0] == lifespan.YOUNG_OBJECTS

    assert gc.get_threshold() == before
    assert parts.within == [lifespan.SWEEP_SECONDS]
