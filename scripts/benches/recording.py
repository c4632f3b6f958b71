"""Processor time that the console's memory of the latest requests takes from an exact hit."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import statistics
from collections.abc import Sequence
from time import process_time

import uvloop
from starlette.types import ASGIApp, Message

from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.settings import Settings
from sentinel_core.telemetry.observed import MOST_REQUESTS

POLLS = ("/v1/admin/requests?limit=100", "/v1/admin/hits?unjudged=true", "/v1/admin/series?step=minute")
"""What an open console asks, some every 2 s and some every 5 s."""

POLL_EACH = 2_000
"""Requests between two polls: at 1,000 requests a second, the console's own rate."""

PROMPTS = 50


class Caller:
    """Calls the application without sockets, so that nothing but its own work is measured."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def call(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Return the body of the answer."""
        path, _, query = path.partition("?")
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": headers,
            "http_version": "1.1",
            "scheme": "http",
            "client": ("127.0.0.1", 5),
            "server": ("localhost", 80),
            "asgi": {"version": "3.0"},
        }
        parts: list[bytes] = []

        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if not whole:
                await asyncio.Event().wait()  # the caller stays until the answer has ended
            return whole.pop()

        async def send(message: Message) -> None:
            parts.append(message.get("body", b""))

        await self._app(scope, receive, send)
        return b"".join(parts)


def _bodies() -> list[bytes]:
    return [json.dumps({"prompt": f"Prompt number {number} of the bench"}).encode() for number in range(PROMPTS)]


async def _block(caller: Caller, bodies: Sequence[bytes], requests: int) -> float:
    """Return processor microseconds per request."""
    begun = process_time()
    for number in range(requests):
        await caller.call("POST", "/v1/query", bodies[number % len(bodies)])
    return (process_time() - begun) / requests * 1e6


async def _polls(caller: Caller, rounds: int) -> float:
    """Return processor microseconds of one round of polls, over the requests that arrive between two rounds."""
    begun = process_time()
    for _ in range(rounds):
        for path in POLLS:
            await caller.call("GET", path)
    return (process_time() - begun) / rounds * 1e6 / POLL_EACH


def _switch(sentinel: Sentinel, observed: object) -> None:
    """Give one server its memory, or take it away: two servers would differ by more than this."""
    object.__setattr__(sentinel.recording, "observed", observed)


async def _measure(rounds: int, requests: int) -> tuple[list[tuple[float, float]], float]:
    """Return microseconds without and with the memory, by round, and those of the polls; the order is random."""
    settings = Settings(log_level="error", simulated_delay_ms=0)
    sentinel, draw = build(settings, has_background=True), random.Random(5)
    caller, bodies = Caller(sentinel.app), _bodies()
    for number in range(2 * MOST_REQUESTS):  # so that the rings are full
        await caller.call("POST", "/v1/query", bodies[number % len(bodies)])
    gc.collect()
    gc.freeze()  # as the server does
    observed, pairs = sentinel.recording.observed, []
    for _ in range(rounds):
        spent = {}
        for is_on in draw.sample((False, True), 2):
            _switch(sentinel, observed if is_on else None)
            spent[is_on] = await _block(caller, bodies, requests)
        pairs.append((spent[False], spent[True]))
    _switch(sentinel, observed)
    polls = await _polls(caller, 20)
    await sentinel.parts.aclose()
    return pairs, polls


def interval(shares: Sequence[float], draws: int = 2_000) -> tuple[float, float, float]:
    """Return the median share that is added, and its 95 % interval (bootstrap over rounds)."""
    draw = random.Random(7)
    medians = sorted(statistics.median(draw.choices(shares, k=len(shares))) for _ in range(draws))
    return statistics.median(shares), medians[int(draws * 0.025)], medians[int(draws * 0.975)]


def main(argv: Sequence[str]) -> int:
    """Measure, and print one row."""
    parser = argparse.ArgumentParser(prog="scripts/bench recording", description=__doc__)
    parser.add_argument("--rounds", type=int, default=400, help="interleaved (default 400)")
    parser.add_argument("--requests", type=int, default=128, help="exact hits of a block (default 128)")
    arguments = parser.parse_args(argv)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        pairs, polls = runner.run(_measure(arguments.rounds, arguments.requests))
    off, on = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(
        f"exact hit without it  {off:.1f} us\nwith it               {on:.1f} us\nits share of polls    {polls:.1f} us"
    )
    share, low, high = interval([(spent + polls) / before - 1 for before, spent in pairs])
    print(f"added                 {share:+.1%} (95 %: {low:+.1%} to {high:+.1%})")
    return 0
