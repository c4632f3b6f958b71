from __future__ import annotations

import asyncio
import threading
import time
from functools import partial

import pytest

from sentinel_core.support.off_loop import FairThread, off_loop
from sentinel_core.support.rests import OTHERS
from sentinel_core.support.turns import OWNER

pytestmark = pytest.mark.anyio


async def test_only_large_work_leaves_the_loops_thread() -> None:
    here = threading.get_ident()

    assert await off_loop(threading.get_ident, is_large=False) == here
    assert await off_loop(threading.get_ident, is_large=True) != here


async def test_errors_of_large_work_reach_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        await off_loop(lambda: 1 // 0, is_large=True)


class Line:
    """Work of several keys on one thread, which the first piece holds; `done` are the keys in their order."""

    def __init__(self) -> None:
        self.thread = FairThread("test")
        self.busy, self.let_go = threading.Event(), threading.Event()
        self.done: list[str] = []

    def hold(self) -> None:
        self.busy.set()
        assert self.let_go.wait(10)

    async def queue(self, owner: str) -> None:
        OWNER.set(owner)
        await off_loop(partial(self.done.append, owner), is_large=True, thread=self.thread)


async def test_keys_take_turns_however_much_one_has_queued() -> None:
    line = Line()
    tasks = [asyncio.create_task(off_loop(line.hold, is_large=True, thread=line.thread))]
    await asyncio.to_thread(line.busy.wait, 10)
    tasks += [asyncio.create_task(line.queue(owner)) for owner in ("a", "a", "a", "b")]
    await asyncio.sleep(0)
    line.let_go.set()
    await asyncio.gather(*tasks)

    assert line.done == ["a", "b", "a", "a"]


async def test_work_of_a_caller_that_left_is_not_done() -> None:
    line = Line()
    first = asyncio.create_task(off_loop(line.hold, is_large=True, thread=line.thread))
    await asyncio.to_thread(line.busy.wait, 10)
    leaving, staying = (asyncio.create_task(line.queue(owner)) for owner in ("leaves", "stays"))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    line.let_go.set()
    await asyncio.gather(first, staying)

    assert line.done == ["stays"]


class Asking:
    def __init__(self, *, are: bool) -> None:
        self._are = are

    def are_others(self, key: str) -> bool:
        return self._are


@pytest.mark.parametrize("are_others", [False, True])
async def test_a_key_rests_after_a_piece_while_others_ask(are_others: bool) -> None:
    thread = FairThread("test")
    OWNER.set("a")
    OTHERS.set(Asking(are=are_others))
    await off_loop(partial(time.sleep, 0.01), is_large=True, thread=thread)

    assert bool(thread._rests.until("a")) == are_others
    assert not thread._rests.until("b")
