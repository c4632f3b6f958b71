"""Time of the event loop by request body: the longest piece over generated bodies of every shape."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import random
import time
from asyncio import events
from collections import Counter
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from scripts.benches import search
from scripts.benches.bodies import Body, bodies
from scripts.benches.search import MOST_MS, Seen
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings

_ADMIN = "admin-key-of-this-measurement-000000"
_PART = 65_536
"""Bytes of a body in one message, as a socket delivers them."""


@dataclass(slots=True)
class Pieces:
    """The longest piece in milliseconds of processor time since the last reset."""

    longest: float = 0.0


@dataclass(frozen=True, slots=True)
class Bodies:
    """Makes the looker at bodies of up to `largest` bytes, for routes whose path ends with `only`."""

    largest: int
    only: str

    def make(self) -> BodyLooker:
        logging.disable(logging.CRITICAL)
        return BodyLooker(self)


class BodyLooker:
    """Sends generated bodies to an application of its own."""

    def __init__(self, wanted: Bodies) -> None:
        self._wanted = wanted
        self._runner = asyncio.Runner()
        environ = {"SENTINEL_OPEN": "true", "SENTINEL_SIMULATED_DELAY_MS": "0", "SENTINEL_ADMIN_KEY": _ADMIN}
        self._sentinel = build(Settings.from_environ(environ), has_background=True)
        self._runner.run(self._sentinel.parts.warm())
        self._worst: dict[str, float] = {}
        self.counts: Counter[str] = Counter()
        gc.collect()
        gc.freeze()  # as a server does
        self._runner.run(_sent(self._sentinel.app, Body("/v1/cache/purge", "first", b'{"tag":"a"}')))

    def look(self, case: int, chance: random.Random) -> list[Seen]:
        """Send one body, and count its status: a route that only refuses has not been tried."""
        wanted = self._wanted
        body = next(bodies(chance, count=1, largest=wanted.largest, only=wanted.only))
        status, longest = self._runner.run(_measured(self._sentinel.app, body, self._worst.get(body.path, 0.0)))
        self.counts[f"{body.path}: {status}"] += 1
        what = f"{len(body.raw) / 1_048_576:.2f} MiB {body.shape[:60]}: {body.raw[:60]!r}"
        self._worst[body.path] = max(longest, self._worst.get(body.path, 0.0))
        return [Seen(case, body.path, longest, what, error=str(status) if status in (0, 500) else "")]

    def close(self) -> None:
        """Close the application."""
        self._runner.run(self._sentinel.parts.aclose())
        self._runner.close()


def main(argv: Sequence[str]) -> int:
    """Return 1 where a piece took more than 20 ms of the loop's thread, or a request ended in an exception."""
    parser = argparse.ArgumentParser(prog="scripts/bench bounds", description=__doc__)
    search.options(parser, cases=1_000)
    parser.add_argument("--largest", type=int, default=5 * 1_048_576, metavar="BYTES")
    parser.add_argument("--only", default="", metavar="PATH", help="only routes whose path ends so")
    chosen = parser.parse_args(argv)
    found = search.search(Bodies(chosen.largest, chosen.only), chosen)
    search.report(found, "bodies", chosen.seed)
    return int(not found.is_good)


async def _measured(app: Any, body: Body, worst: float) -> tuple[int, float]:
    """Send the body; a new worst is sent twice more, for the process may have been interrupted."""
    with watched() as pieces:
        status = await _sent(app, body)
        await asyncio.sleep(0)
    longest = pieces.longest
    for _ in range(2 if longest > max(MOST_MS / 2, worst) else 0):
        with watched() as pieces:
            await _sent(app, body)
            await asyncio.sleep(0)
        longest = min(longest, pieces.longest)
    return status, longest


@contextmanager
def watched() -> Iterator[Pieces]:
    """Time each callback of the event loop by the clock of this thread; it stands still while others work."""
    pieces, run = Pieces(), events.Handle._run

    def timed(handle: events.Handle) -> None:
        begun = time.thread_time()
        run(handle)
        pieces.longest = max(pieces.longest, (time.thread_time() - begun) * 1_000)

    events.Handle._run = timed  # type: ignore[method-assign,assignment]
    try:
        yield pieces
    finally:
        events.Handle._run = run  # type: ignore[method-assign]


async def _sent(app: Any, body: Body) -> int:
    """Send one request from a task of its own, and return the status."""
    parts = [body.raw[at : at + _PART] for at in range(0, len(body.raw), _PART)] or [b""]
    statuses: list[int] = []

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.sleep(0)
        if not parts:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: MutableMapping[str, Any]) -> None:
        await asyncio.sleep(0)
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await asyncio.gather(asyncio.create_task(app(_scope(body), receive, send)), return_exceptions=True)
    return statuses[0] if statuses else 0


def _scope(body: Body) -> dict[str, Any]:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body.raw)),
        (b"authorization", b"Bearer " + _ADMIN.encode()),
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": body.method,
        "scheme": "http",
        "path": body.path,
        "raw_path": body.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
