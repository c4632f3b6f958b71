"""Long answers streamed to a thousand readers at once: no word may be lost, and memory must come back."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scripts.benches import client, report, servers
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.benches.stub import spoken

CHAT = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Heard:
    """What one reader got; seconds from its request on."""

    body: bytes
    first_seconds: float

    def is_whole(self, text: str) -> bool:
        """Whether it is this text in proper events up to the last one."""
        events = [line[6:] for line in self.body.split(b"\n") if line.startswith(b"data: ")]
        if not events or events[-1].strip() != b"[DONE]":
            return False
        choices = [choice for event in events[:-1] for choice in json.loads(event)["choices"]]
        return text == "".join(choice["delta"].get("content") or "" for choice in choices)


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    limits = {
        "SENTINEL_PROVIDER_CONCURRENCY": str(arguments.streams),
        "SENTINEL_REQUEST_TIMEOUT_SECONDS": "600",
        "SENTINEL_LOG_LEVEL": "warning",
    }
    with servers.module("stub") as stub, servers.sentinel(upstream=stub, **limits) as sentinel:
        client.once(sentinel.port, client.post("/v1/query", {"prompt": "Is the model there?"}))
        rows = [asyncio.run(_listen(arguments, server)) for server in (stub, sentinel)]
    report.publish("streams", {"Streams at once": rows})
    return 1 if any(row["lost"] for row in rows) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--words", type=int, default=120, help="of each answer, one an event")
    parser.add_argument("--pace-ms", type=int, default=1000, help="between the events of one answer")
    parser.add_argument("--ramp-seconds", type=float, default=30, help="until all have asked")
    return parser


async def _listen(arguments: argparse.Namespace, server: Running) -> Row:
    """Open all streams one after the other, read them to their ends, and look at the server's memory meanwhile."""
    model = f"talk-{arguments.words}-{arguments.pace_ms}ms"
    memory, cpu, begun = [server.rss_mb()], server.cpu_seconds(), time.monotonic()
    watching = asyncio.create_task(_watch(server, memory))
    readers = []
    for number in range(arguments.streams):
        readers.append(asyncio.create_task(_read(server.port, model, _prompt(number))))
        await asyncio.sleep(arguments.ramp_seconds / arguments.streams)
    together = sum(not reader.done() for reader in readers)
    heard = await asyncio.gather(*readers)
    watching.cancel()
    spent = server.cpu_seconds() - cpu
    texts = ("".join(spoken(_prompt(number), arguments.words)) for number in range(arguments.streams))
    return {
        "server": server.name,
        "at once": together,
        "lost": sum(not one.is_whole(text) for one, text in zip(heard, texts, strict=True)),
        "first event p50 ms": report.percentile([one.first_seconds for one in heard], 0.5) * 1000,
        "p99 ms": report.percentile([one.first_seconds for one in heard], 0.99) * 1000,
        "events/s": arguments.streams * arguments.words / (time.monotonic() - begun),
        "CPU µs an event": spent * 1e6 / (arguments.streams * arguments.words),
        "MB before": memory[0],
        "MB at most": max(memory),
        "MB after": server.rss_mb(),
    }


def _prompt(number: int) -> str:
    return f"Tell the story of year {number}"


async def _watch(server: Running, memory: list[float]) -> None:
    while True:
        memory.append(server.rss_mb())
        await asyncio.sleep(0.5)


async def _read(port: int, model: str, prompt: str) -> Heard:
    body: Mapping[str, object] = {"model": model, "stream": True, "messages": [{"role": "user", "content": prompt}]}
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun = time.perf_counter()
    writer.write(client.post(CHAT, body))
    await reader.readuntil(b"\r\n\r\n")
    received = [await reader.readuntil(b"\n\n")]
    first = time.perf_counter() - begun
    while not received[-1].endswith(b"0\r\n\r\n"):
        received.append(await reader.read(65_536))
        if not received[-1]:
            break
    writer.close()
    return Heard(b"".join(received), first)
