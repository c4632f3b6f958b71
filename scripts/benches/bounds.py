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
from dataclasses import dataclass, field
from typing import Any

from scripts.benches.bodies import Body, bodies
from sentinel_core.app.build import build
from sentinel_core.app.settings import Settings

MOST_MS = 20.0
_ADMIN = "admin-key-of-this-measurement-000000"
_PART = 65_536
"""Bytes of a body in one message, as a socket delivers them."""


@dataclass(slots=True)
class Pieces:
    """The longest piece in milliseconds of processor time since the last reset."""

    longest: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One body by route, shape, bytes and its first bytes: 25,000 whole ones would fill the memory.

    Its longest piece is in milliseconds; the status of its answer is 0 where an exception came out.
    """

    path: str
    shape: str
    size: int
    head: bytes
    milliseconds: float
    status: int


@dataclass(slots=True)
class Findings:
    """All bodies that were sent."""

    all: list[Finding] = field(default_factory=list)

    @property
    def failures(self) -> list[Finding]:
        return [finding for finding in self.all if finding.status in (0, 500)]

    def statuses(self) -> dict[str, Counter[int]]:
        """Count the statuses of each route: one that only refuses has not been tried."""
        counted: dict[str, Counter[int]] = {}
        for finding in self.all:
            counted.setdefault(finding.path, Counter())[finding.status] += 1
        return dict(sorted(counted.items()))

    def worst(self, count: int) -> list[Finding]:
        return sorted(self.all, key=lambda finding: -finding.milliseconds)[:count]


def main(argv: Sequence[str]) -> int:
    """Return 1 where a piece took more than 20 ms of the loop's thread, or a request ended in an exception."""
    options = _parser().parse_args(argv)
    logging.disable(logging.CRITICAL)
    chance = random.Random(options.seed)
    chosen = bodies(chance, count=options.bodies, largest=options.largest, only=options.only)
    found = asyncio.run(_searched(chosen))
    _report(found)
    return int(bool(found.failures) or any(finding.milliseconds > MOST_MS for finding in found.all))


async def _searched(chosen: Iterator[Body]) -> Findings:
    environ = {"SENTINEL_OPEN": "true", "SENTINEL_SIMULATED_DELAY_MS": "0", "SENTINEL_ADMIN_KEY": _ADMIN}
    sentinel = build(Settings.from_environ(environ), has_background=True)
    found = Findings()
    try:
        await sentinel.parts.warm()
        gc.collect()
        gc.freeze()  # as a server does
        await _sent(sentinel.app, Body("/v1/cache/purge", "first", b'{"tag":"a"}'))
        for body in chosen:
            found.all.append(await _measured(sentinel.app, body))
    finally:
        await sentinel.parts.aclose()
    return found


async def _measured(app: Any, body: Body) -> Finding:
    """Send the body; what seems long is sent twice more, for the process may have been interrupted."""
    with watched() as pieces:
        status = await _sent(app, body)
        await asyncio.sleep(0)
    longest = pieces.longest
    for _ in range(2 if longest > MOST_MS / 2 else 0):
        with watched() as pieces:
            await _sent(app, body)
            await asyncio.sleep(0)
        longest = min(longest, pieces.longest)
    return Finding(body.path, body.shape, len(body.raw), body.raw[:60], longest, status)


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


def _report(found: Findings) -> None:
    print(f"{len(found.all)} bodies; longest piece of the event loop in ms of processor time, worst first:")
    for finding in found.worst(15):
        where = f"{finding.size / 1_048_576:.2f} MiB  {finding.path} {finding.shape[:60]}"
        print(f"  {finding.milliseconds:8.2f}  {finding.status}  {where}: {finding.head!r}")
    for path, statuses in found.statuses().items():
        print(f"  {path}: {', '.join(f'{count} × {status}' for status, count in sorted(statuses.items()))}")
    print(f"{len(found.failures)} exceptions")
    for finding in found.failures[:20]:
        print(f"  {finding.status}  {finding.path} {finding.shape}: {finding.head!r}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench bounds", description=__doc__)
    parser.add_argument("--bodies", type=int, default=1_000, metavar="COUNT")
    parser.add_argument("--largest", type=int, default=5 * 1_048_576, metavar="BYTES")
    parser.add_argument("--only", default="", metavar="PATH", help="only routes whose path ends so")
    parser.add_argument("--seed", type=int, default=1)
    return parser
