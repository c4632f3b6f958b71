"""Processor time that learning, judge in the background, adds to exact hits, semantic hits and misses."""

from __future__ import annotations

import argparse
import random
import statistics
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice

from scripts.benches import client, servers
from scripts.benches.blocks import QUERY
from scripts.benches.recording import interval
from scripts.benches.servers import Running
from scripts.benches.switched_learning import JUDGE
from scripts.devtools.http.replies import answer
from scripts.devtools.http.upstream import Upstream

MOST_ADDED = 0.05
KINDS = {"hit_exact": "same", "hit_semantic": "same", "miss": "different"}
"""Kinds of answers, and the judge's word on their pairs."""

_THINGS = ("bond", "mortgage", "tariff", "pension", "invoice", "voucher", "warrant", "licence", "permit", "deposit")
_PLACES = ("Lisbon", "Oslo", "Quito", "Hanoi", "Accra", "Minsk", "Dakar", "Perth", "Turin", "Osaka")


def misses() -> Iterator[str]:
    """Yield prompts that are near to others, and refused for another number, place or thing."""
    draw = random.Random(11)
    for number in count(1):
        thing, place = draw.choice(_THINGS), draw.choice(_PLACES)
        yield f"How much is {number} units of a {thing} in {place} after {number + 3} years?"


class Bench:
    """One server, whose learning is switched between blocks: two servers would differ by more than it."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self._connection = client.Connection(server.port)
        self.outcomes: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        exact = [f"Prompt number {number} of the bench" for number in range(40)]
        stored = [f"How do I reset the password of my {thing} account?" for thing in _THINGS]
        reworded = [f"How can I reset the password of my {thing} account?" for thing in _THINGS]
        self._prompts = {"hit_exact": cycle(exact), "hit_semantic": cycle(reworded), "miss": misses()}
        for prompt in (*exact, *stored):
            self._ask(prompt)

    def block(self, kind: str, requests: int, *, is_on: bool) -> float:
        """Return the server's processor microseconds per request, with the background's work of this block."""
        self.switch(int(is_on))
        prompts = list(islice(self._prompts[kind], requests))
        begun = self._server.cpu_seconds()
        outcomes = [self._ask(prompt) for prompt in prompts]
        self.switch(2)
        spent = self._server.cpu_seconds() - begun
        self.outcomes[kind].update(outcomes)
        return spent / requests * 1e6

    def switch(self, way: int) -> None:
        """Take learning away, give it back, or wait for the background."""
        self._connection.exchange(client.get(f"/switch/{way}"))

    def _ask(self, prompt: str) -> str:
        return str(self._connection.exchange(client.post(QUERY, {"prompt": prompt})).json()["outcome"])


def _measure(bench: Bench, kind: str, rounds: int, requests: int) -> list[tuple[float, float]]:
    """Return microseconds without and with learning, by round; the order in a round is random."""
    pairs, draw = [], random.Random(5)
    bench.block(kind, 4 * requests, is_on=True)
    for _ in range(rounds):
        spent = {is_on: bench.block(kind, requests, is_on=is_on) for is_on in draw.sample((False, True), 2)}
        pairs.append((spent[False], spent[True]))
    return pairs


def _shown(kind: str, pairs: Sequence[tuple[float, float]]) -> bool:
    off, on = (statistics.median(each) for each in zip(*pairs, strict=True))
    share, low, high = interval([with_it / without - 1 for without, with_it in pairs])
    verdict = "PASS" if high < MOST_ADDED else "behind"
    print(
        f"{kind:13} {off:9.1f} us without, {on:9.1f} us with: {share:+.1%} (95 %: {low:+.1%} to {high:+.1%}) {verdict}"
    )
    return high < MOST_ADDED


def main(argv: Sequence[str]) -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="scripts/bench learning", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="interleaved (default 200)")
    parser.add_argument("--requests", type=int, default=32, help="of a block (default 32)")
    asked = parser.parse_args(argv)
    with (
        Upstream.running(answer("An answer.")) as upstream,
        servers.module("switched_learning", "--upstream", upstream.url) as server,
    ):
        bench, met = Bench(server), []
        for kind, word in KINDS.items():
            upstream.models[JUDGE] = deque([answer(word)])
            met.append(_shown(kind, _measure(bench, kind, asked.rounds, asked.requests)))
    for kind, outcomes in bench.outcomes.items():
        print(f"{kind:13} {dict(outcomes)}")
    return 0 if all(met) else 1
