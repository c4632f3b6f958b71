from __future__ import annotations

import asyncio
import logging

import pytest

from sentinel_core.support.background import Background

pytestmark = pytest.mark.anyio


async def _after(seconds: float, done: list[str], name: str = "done") -> None:
    await asyncio.sleep(seconds)
    done.append(name)


async def test_a_drain_waits_for_every_task() -> None:
    background, done = Background(), list[str]()
    background.begin(_after(0.01, done, "first"))
    background.begin(_after(0.0, done, "second"))

    assert await background.drain(within=30.0) == 0
    assert (sorted(done), len(background)) == (["first", "second"], 0)


async def test_a_drain_waits_for_tasks_begun_meanwhile() -> None:
    background, done = Background(), list[str]()

    async def begin_another() -> None:
        await asyncio.sleep(0.01)
        background.begin(_after(0.01, done))

    background.begin(begin_another())

    assert await background.drain(within=30.0) == 0
    assert done == ["done"]


async def test_a_drain_cancels_the_rest_after_its_time(caplog: pytest.LogCaptureFixture) -> None:
    background, done = Background(), list[str]()
    background.begin(_after(60.0, done))
    with caplog.at_level(logging.WARNING, "sentinel"):
        assert await background.drain(within=0.01) == 1

    assert (done, len(background)) == ([], 0)
    assert [(record.msg, getattr(record, "fields", None)) for record in caplog.records] == [
        ("background.cancelled", {"tasks": 1})
    ]


async def test_a_full_background_takes_no_more() -> None:
    background, done = Background(most=1), list[str]()
    first = background.begin(_after(0.0, done, "first"))
    refused = background.begin(_after(0.0, done, "second"))

    assert (first is not None, refused, background.is_full) == (True, None, True)
    assert await background.drain(within=30.0) == 0
    assert (done, background.is_full) == (["first"], False)


async def test_watched_tasks_are_drained_and_take_no_place() -> None:
    background, done = Background(most=1), list[str]()
    background.watch(asyncio.create_task(_after(0.01, done, "watched")))

    assert not background.is_full
    assert background.begin(_after(0.0, done, "begun")) is not None
    assert await background.drain(within=30.0) == 0
    assert sorted(done) == ["begun", "watched"]


async def test_a_failed_task_is_logged_by_its_error(caplog: pytest.LogCaptureFixture) -> None:
    background = Background()

    async def fail() -> None:
        raise ValueError("a secret")

    background.begin(fail())
    with caplog.at_level(logging.ERROR, "sentinel"):
        assert await background.drain(within=30.0) == 0

    assert [(record.msg, getattr(record, "fields", None)) for record in caplog.records] == [
        ("background.failed", {"error": "ValueError"})
    ]
