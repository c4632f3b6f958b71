"""Runs one way of attack, or ordinary requests, at a steady rate."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import uvloop

from scripts.benches import attacks, wire_attacks
from scripts.benches.attacks import Operation

ORDINARY = "ordinary requests"
FLOOD = "misses without end"
"""Ordinary requests themselves, twenty with each operation: beside them a victim is compared with itself alone."""
WAYS: Mapping[str, Operation] = MappingProxyType({**attacks.ATTACKS, **wire_attacks.ATTACKS, FLOOD: attacks.flood})


def attack(way: str, port: int, key: str, rate: float, seconds: float) -> None:
    """Run one way, or ordinary requests, at `rate` operations a second."""
    operation = attacks.asking(attacks.prompt) if way == ORDINARY else WAYS[way]
    uvloop.run(_paced(operation, port, key, 1 / rate, seconds))


async def _paced(operation: Operation, port: int, key: str, pause: float, seconds: float) -> None:
    loop, tasks = asyncio.get_running_loop(), set[asyncio.Task[None]]()
    begun = loop.time()
    for number in _moments(pause, seconds):
        await asyncio.sleep(max(0.0, begun + number * pause - loop.time()))
        task = asyncio.ensure_future(operation(port, key, number))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _moments(pause: float, seconds: float) -> Iterator[int]:
    return itertools.takewhile(lambda number: number * pause < seconds, itertools.count())
