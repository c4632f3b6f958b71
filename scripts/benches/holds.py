"""Cost of each way of attack for the server: its longest hold of the event loop, and processor time an operation."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import multiprocessing
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from scripts.benches import attacking, bounds, report, search, servers
from scripts.benches.neighbours import ATTACKER, SETTINGS
from scripts.benches.report import Row
from scripts.benches.servers import Running
from sentinel_core.app.build import build
from sentinel_core.app.server import SWITCH_SECONDS, config
from sentinel_core.app.settings import Settings

SETTLE_SECONDS = 1.0


def main(argv: Sequence[str]) -> int:
    """Return 1 where an attack held the event loop for more than 20 ms of processor time."""
    parser = argparse.ArgumentParser(prog="scripts/bench holds", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="of each way")
    parser.add_argument("--rate", type=float, default=5, help="operations in a second")
    parser.add_argument("--ways", nargs="*", choices=[*attacking.WAYS], default=[*attacking.WAYS])
    arguments = parser.parse_args(argv)
    logging.disable(logging.CRITICAL)
    sys.setswitchinterval(SWITCH_SECONDS)
    ways = (attacking.ORDINARY, *arguments.ways)
    with servers.module("stub") as stub:
        rows = asyncio.run(_costs(stub, ways, arguments.rate, arguments.seconds))
    report.publish("holds", {"What each operation of an attack costs the server": rows})
    return int(any(row["met"] == "no" for row in rows))


async def _costs(stub: Running, ways: Sequence[str], rate: float, seconds: float) -> list[Row]:
    """Serve in this process while another one attacks, one way after the other."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    upstream = {"GROQ_API_KEY": "none", "GROQ_BASE_URL": f"{stub.url}/v1", "SENTINEL_PROVIDER": "groq"}
    settings = Settings.from_environ({**SETTINGS, **upstream})
    server = uvicorn.Server(config(build(settings, has_background=True).app, settings))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.sleep(SETTLE_SECONDS)
    rows = [await _cost(way, listener.getsockname()[1], rate, seconds) for way in ways]
    server.should_exit = server.force_exit = True
    await serving
    return rows


async def _cost(way: str, port: int, rate: float, seconds: float) -> Row:
    """Measure one way; its first operations warm up."""
    await _attacked(way, port, rate, 1)
    gc.collect()
    gc.freeze()
    with _spent() as spent, bounds.watched() as pieces:
        await _attacked(way, port, rate, seconds)
    row: Row = {
        "attack": way,
        "longest hold ms": pieces.longest,
        "ms an operation": spent[0] * 1_000 / (rate * seconds),
        "target": f"<= {search.MOST_MS:.0f}",
        "met": "yes" if pieces.longest <= search.MOST_MS else "no",
    }
    print(row, flush=True)
    return row


async def _attacked(way: str, port: int, rate: float, seconds: float) -> None:
    spawn = multiprocessing.get_context("spawn")
    attacker = spawn.Process(target=attacking.attack, args=(way, port, ATTACKER, rate, seconds))
    attacker.start()
    await asyncio.to_thread(attacker.join, seconds + 60)
    attacker.kill()
    await asyncio.sleep(SETTLE_SECONDS)


@contextmanager
def _spent() -> Iterator[list[float]]:
    """Yield a list that has the processor seconds of this process at the end."""
    found, begun = [0.0], time.process_time()
    yield found
    found[0] = time.process_time() - begun
