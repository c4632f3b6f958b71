"""The same rewording again on streams of popular prompts, with the memory of rewordings and without, side by side."""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benches import client, report, servers
from scripts.benches.blocks import QUERY, query
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.benches.workload import DATA

TURN = 200
"""Requests sent to one server before the other's turn, so that noise falls on both."""

MOST_RATIO = 1.3
AGAIN, EXACT = "hit_semantic again", "hit_exact"


@dataclass(slots=True)
class Measured:
    """One server's answers to a stream: seconds by kind, the matched prompts, and processor time."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: list[tuple[str, str | None]] = field(default_factory=list)
    matched: set[str] = field(default_factory=set)
    cpu: float = 0.0

    def send(self, server: Running, prompts: Sequence[str]) -> None:
        """Send prompts in order, and note each by its outcome; a rewording that was matched before is noted apart."""
        before = server.cpu_seconds()
        replies = client.sequence(server.port, [client.post(QUERY, query(prompt)) for prompt in prompts])
        self.cpu += server.cpu_seconds() - before
        for prompt, reply in zip(prompts, replies, strict=True):
            answer = reply.json()
            outcome = str(answer["outcome"])
            self.answers.append((outcome, answer.get("matched_prompt")))
            self.seconds[AGAIN if outcome == "hit_semantic" and prompt in self.matched else outcome].append(
                reply.seconds
            )
            if outcome == "hit_semantic":
                self.matched.add(prompt)

    def p50(self, kind: str) -> float | None:
        """In milliseconds; None without any."""
        taken = self.seconds.get(kind)
        return report.percentile(taken, 0.5) * 1000 if taken else None


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench rewordings", description=__doc__)
    parser.add_argument("--streams", nargs="+", default=["banking77", "clinc_fixed", "covidq"])
    parser.add_argument("--folder", type=Path, default=DATA, help="with stream_NAME_zipf.jsonl.gz files")
    parser.add_argument("--requests", type=int, default=2_500, help="of each stream")
    arguments = parser.parse_args(argv)
    rows = []
    for name in arguments.streams:
        with gzip.open(arguments.folder / f"stream_{name}_zipf.jsonl.gz", "rt") as lines:
            prompts = [json.loads(line)["prompt"] for line in lines][: arguments.requests]
        rows.append(_measure(name, prompts))
    report.publish("rewordings", {"Rewordings asked again": rows})
    return 0 if all(row["met"] == "PASS" for row in rows) else 1


def _measure(name: str, prompts: Sequence[str]) -> Row:
    quiet = {"SENTINEL_LOG_LEVEL": "warning"}
    with (
        servers.module("stub") as stub,
        servers.sentinel(upstream=stub, name="remembering", **quiet) as remembering,
        servers.sentinel(upstream=stub, name="forgetting", SENTINEL_REMEMBERED_PROMPTS="0", **quiet) as forgetting,
    ):
        ours, without = Measured(), Measured()
        for server in (remembering, forgetting):
            client.once(server.port, client.post(QUERY, query("Is the model there?")))
        for start in range(0, len(prompts), TURN):
            ours.send(remembering, prompts[start : start + TURN])
            without.send(forgetting, prompts[start : start + TURN])
    return _row(name, ours, without)


def _row(name: str, ours: Measured, without: Measured) -> Row:
    again, exact, cpu = ours.p50(AGAIN), ours.p50(EXACT), ours.cpu / max(1, len(ours.answers)) * 1000
    ratio = None if again is None or exact is None else again / exact
    differing = sum(one != other for one, other in zip(ours.answers, without.answers, strict=True))
    return {
        "stream": name,
        "requests": len(ours.answers),
        "asked again": len(ours.seconds[AGAIN]),
        "exact p50 ms": exact,
        "first rewording p50 ms": ours.p50("hit_semantic"),
        "again p50 ms": again,
        "again without memory p50 ms": without.p50(AGAIN),
        "again / exact": ratio,
        "CPU ms a request": cpu,
        "without memory": without.cpu / max(1, len(without.answers)) * 1000,
        "other answers than without": differing,
        "met": "PASS" if ratio is not None and ratio <= MOST_RATIO and not differing else "behind",
    }
