"""Callers against upstreams that stall, drip, cut and lie: no place, task, descriptor or memory may be lost."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scripts.benches import client, report, servers
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.devtools.http.replies import Fault, Reply, answer, failure, raw
from scripts.devtools.http.upstream import Upstream

CHAT = "/v1/chat/completions"
BARE_SHARE = 0.1
"""Callers that ask the upstreams themselves, for as long as Sentinel may: where they are late, the machine is."""

LATE_SECONDS = 1.0
"""After the deadline: an answer that takes longer is late."""
SETTLE_SECONDS = 8.0

DRIP = b": keep-alive\n\n"


@dataclass
class Tally:
    """What the callers saw."""

    ends: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    late: int = 0


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    row = asyncio.run(_measure(arguments))
    report.publish("upstreams", {"Upstreams that stall, drip, cut and lie": [row]})
    lost = row["late"] or row["refused afterwards"] or row["descriptors left"]
    return 1 if lost else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench upstreams", description=__doc__)
    parser.add_argument("--callers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=2.0, help="mean seconds between two requests of a caller")
    parser.add_argument("--timeout", type=float, default=4.0, help="SENTINEL_REQUEST_TIMEOUT_SECONDS")
    parser.add_argument("--places", type=int, default=64, help="SENTINEL_PROVIDER_CONCURRENCY")
    return parser


async def _measure(arguments: argparse.Namespace) -> Row:
    upstream = Upstream()
    await upstream.start()
    upstream.models |= _behaviours()
    drip = await asyncio.start_server(_drip, "127.0.0.1", 0, backlog=1024)
    stub: Any = SimpleNamespace(url=upstream.url.removesuffix("/v1"))
    limits = {
        "SENTINEL_PROVIDER_CONCURRENCY": str(arguments.places),
        "SENTINEL_REQUEST_TIMEOUT_SECONDS": str(arguments.timeout),
        "SENTINEL_STREAM_HEARTBEAT_SECONDS": "1",
        "SENTINEL_LOG_LEVEL": "error",
        "CUSTOM_BASE_URL": f"http://127.0.0.1:{drip.sockets[0].getsockname()[1]}/v1",
    }
    starting = servers.sentinel(upstream=stub, **limits)
    sentinel = await asyncio.to_thread(starting.__enter__)
    try:
        return await _abused(arguments, sentinel, int(upstream.url.rpartition(":")[2].removesuffix("/v1")))
    finally:
        await asyncio.to_thread(starting.__exit__, None, None, None)
        drip.close()
        await upstream.stop()


def _behaviours() -> dict[str, deque[Reply]]:
    """Upstreams by model; `drip` is another server's."""
    lies = raw(b'{"choices": [{"message": {"content": 7}}]}')
    return {
        "good": deque([answer("Yes.")]),
        "stall": deque([answer(fault=Fault.STALL)]),
        "stall-midway": deque([answer(fault=Fault.STALL_MIDWAY)]),
        "cut": deque([answer(fault=Fault.CUT)]),
        "cut-midway": deque([answer(fault=Fault.CUT_MIDWAY)]),
        "lie": deque([lies]),
        "garbage": deque([raw(b"\x00" * 5_000)]),
        "refuse": deque([failure(400)]),
        "fail": deque([failure(500)]),
    }


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        while not writer.is_closing():
            writer.write(DRIP)
            await writer.drain()
            await asyncio.sleep(0.2)


async def _abused(arguments: argparse.Namespace, sentinel: Running, upstream: int) -> Row:
    await _all_good(sentinel, arguments.places)
    before = _descriptors(sentinel), sentinel.rss_mb()
    tally, bare, until = Tally(), Tally(), time.monotonic() + arguments.seconds
    callers = (_caller(number, arguments, sentinel.port, tally, until) for number in range(arguments.callers))
    beside = range(max(4, int(arguments.callers * BARE_SHARE)))
    bare_callers = (_caller(number, arguments, upstream, bare, until, is_bare=True) for number in beside)
    await asyncio.gather(*callers, *bare_callers)
    await asyncio.sleep(SETTLE_SECONDS)
    after = _descriptors(sentinel), sentinel.rss_mb()
    good = await _all_good(sentinel, arguments.places)
    return {
        "callers": arguments.callers,
        "seconds": arguments.seconds,
        "requests": sum(tally.ends.values()),
        **{name: tally.ends[name] for name in sorted(tally.ends)},
        "longest s": tally.longest,
        "late": tally.late,
        "bare requests": sum(bare.ends.values()),
        "bare longest s": bare.longest,
        "bare late": bare.late,
        "descriptors before": before[0],
        "descriptors left": max(0, after[0] - before[0]),
        "MB before": before[1],
        "MB after": after[1],
        "answered afterwards": good,
        "refused afterwards": arguments.places - good,
    }


async def _caller(
    number: int, arguments: argparse.Namespace, port: int, tally: Tally, until: float, *, is_bare: bool = False
) -> None:
    """Ask again and again; a bare caller has no deadline but its own patience, which ends with the timeout."""
    chance = random.Random(number)
    models = [*_behaviours(), *([] if is_bare else ["custom/drip"])]
    count = 0
    while time.monotonic() < until:
        count += 1
        prompt = f"Caller {number} asks for the {count}th time"
        begun, leaves = time.monotonic(), chance.random() < 0.2
        longest = arguments.timeout if is_bare else arguments.timeout + 10
        patience = chance.uniform(0.0, arguments.timeout) if leaves and not is_bare else longest
        end = await _ask(port, chance.choice(models), prompt, stream=chance.random() < 0.5, within=patience)
        took = time.monotonic() - begun
        tally.ends[end] += 1
        if end != "left" or is_bare:
            tally.longest = max(tally.longest, took)
            tally.late += took > arguments.timeout + LATE_SECONDS
        await asyncio.sleep(chance.uniform(0.0, 2 * arguments.pause))


async def _ask(port: int, model: str, prompt: str, *, stream: bool, within: float) -> str:
    """Return how the call ended: its status, `left` by the caller, or `broken`."""
    body = {"model": model, "stream": stream, "messages": [{"role": "user", "content": prompt}]}
    writer = None
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(client.post(CHAT, body, {"connection": "close", "cache-control": "no-store"}))
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.read()
            return head[9:12].decode()
    except TimeoutError:
        return "left"
    except (OSError, asyncio.IncompleteReadError):
        return "broken"
    finally:
        if writer is not None:
            writer.transport.abort()


async def _all_good(sentinel: Running, places: int) -> int:
    """Ask in all places at once, and return how many were answered."""
    calls = (
        _ask(sentinel.port, "good", f"Are you there, {time.monotonic()} {number}?", stream=True, within=20.0)
        for number in range(places)
    )
    return (await asyncio.gather(*calls)).count("200")


def _descriptors(server: Running) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
