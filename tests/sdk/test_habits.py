"""The conformance kit: each habit through the SDK direct and through Sentinel, plain and streamed, miss and hit."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, NamedTuple

import openai
import pytest
from openai import AsyncOpenAI

from scripts.devtools.http.serving import serving
from tests.sdk.differences import DIFFERENCES
from tests.sdk.habits import HABITS, Habit
from tests.sdk.odd_answers import ODD
from tests.sdk.rarer_habits import RARER

GUIDE = Path(__file__).parents[2] / "sentinel_core/web/guide/upstreams.md"


MOVED = b"POST /v1/moved "
EVERY = {**HABITS, **RARER, **ODD}


class Received(NamedTuple):
    """What an application gets; `error` names the exception, its status and its code."""

    text: str = ""
    calls: Any = ()
    reason: str | None = None
    usage: Any = None
    error: Any = None


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request with the habit that its model names."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    asked = json.loads(await reader.readexactly(length))
    habit: Habit = EVERY["ordinary" if MOVED in head else asked["model"]]
    for step in habit.stream if asked.get("stream") else habit.plain:
        if isinstance(step, float):
            await asyncio.sleep(step)
        else:
            writer.write(step)
            await writer.drain()
    if habit.is_cut:
        await asyncio.sleep(0.05)
        writer.transport.abort()
    writer.close()


def usage_of(value: Any) -> Any:
    return (
        None if value is None else (getattr(value, "prompt_tokens", value), getattr(value, "completion_tokens", value))
    )


def calls_of(calls: Any) -> Any:
    return [(call.id, call.function.name, call.function.arguments) for call in calls or ()]


def error_of(error: openai.APIError) -> Any:
    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    return type(error).__name__, status, error.code


def asked(name: str) -> dict[str, Any]:
    return {"model": name, "messages": [{"role": "user", "content": "What is the capital of France?"}]}


async def plain(client: AsyncOpenAI, name: str) -> Received:
    try:
        given = await client.chat.completions.create(**asked(name))
    except openai.APIError as error:
        return Received(error=error_of(error))
    except ValueError as error:
        return Received(error=type(error).__name__)
    if not getattr(given, "choices", None):
        return Received(error="no choices")
    choice = given.choices[0]
    function = choice.message.function_call
    calls = calls_of(choice.message.tool_calls) or ([(function.name, function.arguments)] if function else [])
    return Received(choice.message.content or "", calls, choice.finish_reason, usage_of(given.usage))


class Collected:
    """One streamed answer, put together as applications do."""

    def __init__(self) -> None:
        self.text = ""
        self.reason: str | None = None
        self.usage: Any = None
        self.error: Any = None
        self.calls: dict[int, list[str]] = {}
        self.function: list[str] = []

    def add(self, chunk: Any) -> None:
        self.usage = usage_of(chunk.usage) or self.usage
        for choice in chunk.choices or ():
            self.reason = choice.finish_reason or self.reason
            if choice.delta is not None:
                self.text += choice.delta.content or ""
                self.add_calls(choice.delta)

    def add_calls(self, delta: Any) -> None:
        for call in delta.tool_calls or ():
            parts = self.calls.setdefault(call.index, ["", "", ""])
            parts[0] += call.id or ""
            parts[1] += call.function.name or ""
            parts[2] += call.function.arguments or ""
        if delta.function_call is not None:
            self.function = self.function or ["", ""]
            self.function[0] += delta.function_call.name or ""
            self.function[1] += delta.function_call.arguments or ""

    def received(self) -> Received:
        calls = [tuple(self.calls[index]) for index in sorted(self.calls, key=str)] or (
            [tuple(self.function)] if self.function else []
        )
        return Received(self.text, calls, self.reason, self.usage, self.error)


async def stream(client: AsyncOpenAI, name: str) -> Received:
    collected = Collected()
    try:
        chunks = await client.chat.completions.create(
            **asked(name), stream=True, stream_options={"include_usage": True}
        )
        async for chunk in chunks:
            collected.add(chunk)
    except openai.APIError as error:
        collected.error = error_of(error)
    except (ValueError, openai.OpenAIError) as error:
        collected.error = type(error).__name__
    except Exception as error:  # noqa: BLE001  httpx's own, which the SDK lets through in mid-stream
        collected.error = type(error).__name__
    return collected.received()


async def every_way(direct: AsyncOpenAI, ours: AsyncOpenAI, name: str) -> dict[str, Received]:
    """Ask each way; a habit that fails has no hit."""
    fresh = ours.with_options(default_headers={"cache-control": "no-store"})
    found = {
        "direct plain": await plain(direct, name),
        "direct stream": await stream(direct, name),
        "plain miss": await plain(fresh, name),
        "stream miss": await stream(fresh, name),
    }
    if all(received.error is None for received in found.values()):
        kept = await plain(ours, name)
        assert kept == found["plain miss"]
        found |= {"plain hit": await plain(ours, name), "stream hit": await stream(ours, name)}
    return found


def differing(ways: dict[str, Received]) -> set[str]:
    """Name the ways in which an application receives something else than direct; a hit's usage is nothing."""
    return {way for way, received in ways.items() if _expected(ways, way) != _compared(way, received)}


def _expected(ways: dict[str, Received], way: str) -> Received:
    return _compared(way, ways[f"direct {'plain' if 'plain' in way else 'stream'}"])


def _compared(way: str, received: Received) -> Received:
    return received._replace(usage=None) if "hit" in way else received


async def every_habit(address: str, ours: str) -> dict[str, dict[str, Received]]:
    options: dict[str, Any] = {"api_key": "k", "max_retries": 0, "timeout": 20.0}
    clients = [AsyncOpenAI(base_url=url, **options) for url in (address, ours)]
    gate = asyncio.Semaphore(32)

    async def one(name: str) -> dict[str, Received]:
        async with gate:
            return await every_way(clients[0], clients[1], name)

    try:
        results = await asyncio.gather(*map(one, EVERY))
        return dict(zip(EVERY, results, strict=True))
    finally:
        for client in clients:
            await client.close()


async def every_result() -> dict[str, dict[str, Received]]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    environ = {
        "CUSTOM_BASE_URL": address,
        "SENTINEL_PROVIDER": "custom",
        "SENTINEL_MODEL": "ordinary",
        "SENTINEL_LOG_LEVEL": "warning",
        "SENTINEL_STORE_TOOL_CALLS": "true",
    }
    with serving(**environ) as ours:
        ours.wait_for_embedder()
        results = await every_habit(address, f"{ours.said['address']}/v1")
    server.close()
    return results


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, Received]]:
    """What every habit gives, asked once: the server runs for a few seconds."""
    return asyncio.run(every_result())


def test_only_the_declared_habits_differ_from_the_sdk_direct(results: dict[str, dict[str, Received]]) -> None:
    found = {name: ways for name, answers in results.items() if (ways := differing(answers))}

    assert found.keys() == set().union(*DIFFERENCES.values()), found


def test_the_kit_has_sixty_habits_and_as_many_hits(results: dict[str, dict[str, Received]]) -> None:
    hits = [name for name, ways in results.items() if "stream hit" in ways]

    assert len(results) >= 200
    assert len(hits) >= 120


def test_the_guide_lists_every_difference() -> None:
    page = GUIDE.read_text("utf-8")

    assert [sentence for sentence in DIFFERENCES if f"- {sentence}" not in page] == []
