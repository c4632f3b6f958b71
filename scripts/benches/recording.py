"""
Processor time that the console's memory of the latest requests takes from an exact hit, the console open.

With `--redis`, what sharing them with other instances adds to that.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from scripts.benches import client, servers
from scripts.benches.blocks import QUERY
from scripts.benches.servers import Running
from scripts.devtools.redis.server import RedisServer
from sentinel_core.telemetry.observed import MOST_REQUESTS

POLLS = ("/v1/admin/requests?limit=100", "/v1/admin/hits?unjudged=true", "/v1/admin/series?step=minute")
"""What an open console asks, every 2 to 5 s."""

POLL_EACH = 2_000
"""Requests between two polls: at 1,000 requests a second, the console's own rate."""

PROMPTS = 50


class Bench:
    """One server, whose memory is switched on and off between blocks: two servers would differ by more than it."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self._connection = client.Connection(server.port)
        texts = [f"Prompt number {number} of the bench" for number in range(PROMPTS)]
        self._requests = cycle([client.post(QUERY, {"prompt": text}) for text in texts])

    def block(self, requests: int) -> float:
        """Return the server's processor microseconds per request."""
        return self._spent([next(self._requests) for _ in range(requests)], requests)

    def polls(self, rounds: int) -> float:
        """Return the processor microseconds of a console's polls, for each request between two of them."""
        return self._spent([client.get(path) for path in islice(cycle(POLLS), rounds * len(POLLS))], rounds * POLL_EACH)

    def switch(self, *, is_on: bool) -> None:
        self._connection.exchange(client.get(f"/switch/{int(is_on)}"))

    def _spent(self, requests: Sequence[bytes], share: int) -> float:
        begun = self._server.cpu_seconds()
        for request in requests:
            self._connection.exchange(request)
        return (self._server.cpu_seconds() - begun) / share * 1e6


def _measure(bench: Bench, rounds: int, requests: int) -> list[tuple[float, float]]:
    """Return microseconds without and with the memory, by round; the order in a round is random."""
    bench.block(2 * MOST_REQUESTS)  # so that the rings are full
    pairs, draw = [], random.Random(5)
    for _ in range(rounds):
        spent = {}
        for is_on in draw.sample((False, True), 2):
            bench.switch(is_on=is_on)
            spent[is_on] = bench.block(requests)
        pairs.append((spent[False], spent[True]))
    bench.switch(is_on=True)
    return pairs


@contextlib.contextmanager
def _redis() -> Iterator[str]:
    """Run a Redis of our own until the block ends; enter with its address."""
    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder), durable=False)
        redis.start()
        try:
            yield redis.url
        finally:
            redis.kill()


def interval(shares: Sequence[float], draws: int = 2_000) -> tuple[float, float, float]:
    """Return the median share that is added, and its 95 % interval (bootstrap over rounds)."""
    draw = random.Random(7)
    medians = sorted(statistics.median(draw.choices(shares, k=len(shares))) for _ in range(draws))
    return statistics.median(shares), medians[int(draws * 0.025)], medians[int(draws * 0.975)]


def main(argv: Sequence[str]) -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="scripts/bench recording", description=__doc__)
    parser.add_argument("--rounds", type=int, default=400, help="interleaved (default 400)")
    parser.add_argument("--requests", type=int, default=128, help="exact hits of a block (default 128)")
    parser.add_argument("--redis", action="store_true", help="measure what sharing through Redis adds")
    arguments = parser.parse_args(argv)
    with contextlib.ExitStack() as stack:
        flags = ["--redis", stack.enter_context(_redis())] if arguments.redis else []
        server = stack.enter_context(servers.module("switched", *flags))
        bench = Bench(server)
        pairs = _measure(bench, arguments.rounds, arguments.requests)
        polls = bench.polls(20)
    off, on = (statistics.median(each) for each in zip(*pairs, strict=True))
    share, low, high = interval([(spent + polls) / before - 1 for before, spent in pairs])
    print(f"exact hit without it  {off:.1f} us")
    print(f"with it               {on:.1f} us, and {polls:.1f} us for the console's polls")
    print(f"added                 {share:+.1%} (95 %: {low:+.1%} to {high:+.1%})")
    return 0
