"""Latency and throughput of hits and misses beside the bare limits, interleaved in one run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import perf_counter, process_time

from scripts.benches import client, load, report, servers, stores, workload
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.benches.workload import Workload
from sentinel_core.embedders import onnx

QUERY, CHAT, EMBEDDED = "/v1/query", "/v1/chat/completions", "/embedded"
PROBES = 500
MODELS = {0: "stub-0ms", 50: "stub-50ms"}
"""Delay of the upstream in ms to the model's name that asks the stub for it."""

Block = Callable[[int], list[float]]
"""The number of a round to the seconds of each request in it."""

Clock = Callable[[], float]
"""Processor time so far of whoever does a block's work: a busy neighbour does not move it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The running processes, and what is sent to them. Nothing but Sentinel's store changes with `store`."""

    store: str
    sentinel: Running
    bare: Running
    stub: Running
    work: Workload
    requests: int


@dataclass(slots=True)
class Series:
    """All rounds of one block."""

    seconds: list[list[float]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def medians(self) -> list[float]:
        """In milliseconds, one a round."""
        return [report.summarise(one).p50 for one in self.seconds]


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    work = workload.load(max(arguments.entries), probes=min(PROBES, *arguments.entries), made=arguments.made)
    tables: dict[str, list[Row]] = {"Sequential": [], "Beside the bare limits": [], "Connections": []}
    for store in arguments.store:
        for rows, title in zip(_measure(arguments, store, work), tables, strict=True):
            tables[title] += rows
    tables["Load generator"] = _ceiling(max(arguments.connections, default=1), arguments.seconds)
    report.publish("serve", tables)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench serve", description=__doc__)
    parser.add_argument("--store", nargs="+", choices=stores.KINDS, default=["memory"])
    parser.add_argument("--made", action="store_true", help="made prompts, also where public ones are at hand")
    parser.add_argument("--entries", nargs="+", type=int, default=[1_000, 10_000])
    parser.add_argument("--connections", nargs="*", type=int, default=[1, 8, 32, 128])
    parser.add_argument("--rounds", type=int, default=7, help="interleaved; ratios are medians of the rounds' ratios")
    parser.add_argument("--requests", type=int, default=60, help="sequential requests of a kind in one round")
    parser.add_argument("--seconds", type=float, default=2, help="of load in one round")
    return parser


def _measure(arguments: argparse.Namespace, store: str, work: Workload) -> tuple[list[Row], list[Row], list[Row]]:
    sequential: list[Row] = []
    beside: list[Row] = []
    connections: list[Row] = []
    with ExitStack() as running:
        stub = running.enter_context(servers.module("stub"))
        environ = running.enter_context(stores.environ(store))
        sentinel = running.enter_context(servers.sentinel(upstream=stub, **environ))
        bare = running.enter_context(servers.module("bare"))
        setup = Setup(store, sentinel, bare, stub, work, arguments.requests)
        filled = 0
        for entries in sorted(arguments.entries):
            fill(sentinel, work.entries[filled:entries])
            filled = entries
            series = _interleave(setup, _blocks(setup), arguments.rounds)
            named = {"store": store, "entries": entries}
            sequential += [{**named, **row} for row in _latencies(series)]
            beside += [{**named, **row} for row in _comparisons(series)]
            loads = _loads(setup, arguments.connections, arguments.seconds, min(3, arguments.rounds))
            connections += [{**named, **row} for row in loads]
    return sequential, beside, connections


def fill(server: Running, prompts: Sequence[str]) -> None:
    """Store an answer to each prompt, also to one that means the same as another."""
    bodies = [{"prompt": prompt, "model": MODELS[0], "cache_control": "no-cache"} for prompt in prompts]
    shares = [[client.post(QUERY, body) for body in bodies[number::4]] for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(client.sequence, [server.port] * 4, shares))


def query(prompt: str, delay_ms: int = 0, **more: object) -> dict[str, object]:
    return {"prompt": prompt, "model": MODELS[delay_ms], **more}


def _blocks(setup: Setup) -> dict[str, tuple[Clock | None, Block]]:
    """What one round consists of."""
    work, requests = setup.work, setup.requests
    stored = [query(prompt) for prompt in work.entries[:requests]]
    reworded = [text for _, text in work.probes]
    chat = [{"model": MODELS[50], "messages": [{"role": "user", "content": text}]} for text in reworded[:requests]]
    ours, bare = setup.sentinel.cpu_seconds, setup.bare.cpu_seconds
    blocks: dict[str, tuple[Clock | None, Block]] = {
        "bare route": (bare, _posts(setup.bare, QUERY, stored)),
        "exact hit": (ours, _posts(setup.sentinel, QUERY, stored, "hit_exact")),
        "bare inference": (process_time, _inferences(reworded, requests)),
        "bare inference, new prompt": (process_time, _inferences(work.fresh, requests)),
        "bare route, embedding, search of 10k": (bare, _rotating(setup.bare, EMBEDDED, reworded, requests)),
        "semantic hit": (ours, _rotating(setup.sentinel, QUERY, reworded, requests, "hit_semantic")),
        "upstream of 50 ms": (None, _posts(setup.stub, CHAT, chat)),
        "streamed upstream of 50 ms": (None, _streams(setup.stub, [{**body, "stream": True} for body in chat])),
    }
    fresh = iter(work.fresh)
    for delay in MODELS:
        blocks[f"miss, upstream of {delay} ms"] = (ours, _misses(setup.sentinel, fresh, requests, delay))
    if client.once(setup.sentinel.port, client.get("/v1/models")).status == 200:
        blocks["streamed miss, first token"] = (ours, _streamed_misses(setup.sentinel, fresh, requests))
    return blocks


def _posts(server: Running, path: str, bodies: Sequence[Mapping[str, object]], outcome: str | None = None) -> Block:
    requests = [client.post(path, body) for body in bodies]

    def block(_: int) -> list[float]:
        replies = client.sequence(server.port, requests)
        return [reply.seconds for reply in replies if outcome is None or reply.json()["outcome"] == outcome]

    return block


def _rotating(server: Running, path: str, texts: Sequence[str], count: int, outcome: str | None = None) -> Block:
    """Other texts each round, so that no answer depends on a handful; those with another outcome do not count."""

    def block(number: int) -> list[float]:
        return _posts(server, path, [query(text) for text in _window(texts, count, number)], outcome)(number)

    return block


def _inferences(texts: Sequence[str], count: int) -> Block:
    """Time the model's run alone, in this process: not the tokenizer, not the pooling."""
    model, tokenizer = onnx.load(), onnx.load_tokenizer()

    def block(number: int) -> list[float]:
        seconds = []
        for text in _window(texts, count, number):
            encodings = tokenizer.encode_batch_fast([text])
            begun = perf_counter()
            model.hidden_states(encodings)
            seconds.append(perf_counter() - begun)
        return seconds

    return block


def _misses(server: Running, fresh: Iterator[str], count: int, delay_ms: int) -> Block:
    def block(number: int) -> list[float]:
        # No rewording reaches a threshold of 1: whatever the prompts, these are misses, stored like any other.
        bodies = [query(next(fresh), delay_ms, similarity_threshold=1.0) for _ in range(count)]
        return _posts(server, QUERY, bodies, "miss")(number)

    return block


def _streams(server: Running, bodies: Sequence[Mapping[str, object]]) -> Block:
    requests = [client.post(CHAT, body, {"x-sentinel-threshold": "1"}) for body in bodies]
    return lambda _: [reply.first_seconds for reply in client.sequence(server.port, requests)]


def _streamed_misses(server: Running, fresh: Iterator[str], count: int) -> Block:
    def block(number: int) -> list[float]:
        messages = [[{"role": "user", "content": next(fresh)}] for _ in range(count)]
        return _streams(server, [{"model": MODELS[50], "messages": one, "stream": True} for one in messages])(number)

    return block


def _window(texts: Sequence[str], count: int, number: int) -> list[str]:
    return [texts[(number * count + at) % len(texts)] for at in range(count)]


def _interleave(setup: Setup, blocks: Mapping[str, tuple[Clock | None, Block]], rounds: int) -> dict[str, Series]:
    """Run the blocks in turn, A B C A B C; the first round warms up and does not count."""
    series = {name: Series() for name in blocks}
    for number in range(rounds + 1):
        for name, (clock, block) in blocks.items():
            before = clock() if clock else 0.0
            seconds = block(number)
            spent = clock() - before if clock else 0.0
            if not seconds:
                raise RuntimeError(f"{name}: not one of {setup.requests} requests had this outcome")
            if number:
                series[name].seconds.append(seconds)
                series[name].cpu.append(spent / setup.requests * 1000)
    return series


def _latencies(series: Mapping[str, Series]) -> list[Row]:
    rows: list[Row] = []
    for name, one in series.items():
        taken = report.summarise([value for values in one.seconds for value in values])
        cpu = report.percentile(one.cpu, 0.5)
        rows.append(
            {"what": name, "p50 ms": taken.p50, "p95 ms": taken.p95, "p99 ms": taken.p99, "CPU ms": cpu or None}
        )
    return rows


def _comparisons(series: Mapping[str, Series]) -> list[Row]:
    """By the clock, and by processor time, which tells more where the machine is not ours alone."""
    return [
        *_compared("ms", {name: one.medians for name, one in series.items()}),
        *_compared("CPU ms", {name: one.cpu for name, one in series.items() if any(one.cpu)}),
    ]


def _compared(unit: str, rounds: Mapping[str, list[float]]) -> list[Row]:
    bare, inference, exact, semantic = (
        rounds[name] for name in ("bare route", "bare inference", "exact hit", "semantic hit")
    )
    embedded = "bare route, embedding, search of 10k"
    both = [a + b for a, b in zip(bare, inference, strict=True)]
    rows = [
        _ratio(f"exact hit, {unit}", "bare route", exact, bare, 1.5),
        _ratio(f"semantic hit, {unit}", "bare inference + bare route", semantic, both, 1.3),
        _ratio(f"semantic hit, {unit}", embedded, semantic, rounds[embedded], 1.3),
    ]
    for name, upstream in (
        ("miss, upstream of 50 ms", "upstream of 50 ms"),
        ("miss, upstream of 0 ms", "nothing"),
        ("streamed miss, first token", "streamed upstream of 50 ms"),
    ):
        if name in rounds:
            theirs = rounds.get(upstream, [0.0] * len(inference))
            model = rounds["bare inference, new prompt"]
            rows.append(_added(f"{name}, {unit}", rounds[name], theirs, model))
    return rows


def _ratio(what: str, beside: str, measured: Sequence[float], limit: Sequence[float], target: float) -> Row:
    found = report.ratio(measured, limit)
    return _row(what, f"times {beside}", found, f"<= {target}", met=found.median <= target)


def _added(what: str, measured: Sequence[float], upstream: Sequence[float], inference: Sequence[float]) -> Row:
    rounds = zip(measured, upstream, inference, strict=True)
    found = report.spread([whole - theirs - model for whole, theirs, model in rounds])
    return _row(what, "above upstream + bare inference", found, "<= 3", met=found.median <= 3)


def _row(what: str, unit: str, found: report.Ratio, target: str, *, met: bool) -> Row:
    return {"what": what, "is": str(found), "of": unit, "target": target, "met": "yes" if met else "no"}


def _loads(setup: Setup, connections: Sequence[int], seconds: float, rounds: int) -> list[Row]:
    stored = [query(prompt) for prompt in setup.work.entries]
    reworded = [query(text) for _, text in setup.work.probes]
    kinds = {
        "exact hit": ((setup.sentinel, QUERY, stored), (setup.bare, QUERY, stored)),
        "semantic hit": ((setup.sentinel, QUERY, reworded), (setup.bare, EMBEDDED, reworded)),
    }
    return [
        _load_row(
            kind, count, [[load.drive(*one, connections=count, seconds=seconds) for one in pair] for _ in range(rounds)]
        )
        for kind, pair in kinds.items()
        for count in connections
    ]


def _load_row(kind: str, connections: int, rounds: Sequence[Sequence[load.Load]]) -> Row:
    ours = [one[0] for one in rounds]
    bare = [one[1] for one in rounds]
    found = report.ratio([one.per_second for one in ours], [one.per_second for one in bare])
    return {
        "what": kind,
        "connections": connections,
        "req/s": report.percentile([one.per_second for one in ours], 0.5),
        "p50 ms": report.percentile([one.p50 for one in ours], 0.5),
        "p95 ms": report.percentile([one.p95 for one in ours], 0.5),
        "p99 ms": report.percentile([one.p99 for one in ours], 0.5),
        "errors": sum(one.errors for one in ours),
        "bare req/s": report.percentile([one.per_second for one in bare], 0.5),
        "of bare": str(found),
    }


def _ceiling(connections: int, seconds: float) -> list[Row]:
    """What the generator reaches where the server does next to nothing."""
    with servers.module("stub") as stub:
        bodies = [{"model": MODELS[0], "messages": [{"role": "user", "content": "What is the ceiling?"}]}]
        most = load.drive(stub, CHAT, bodies, connections=connections, seconds=seconds)
    return [{"generator": load.generator(), "connections": connections, "ceiling req/s": most.per_second}]
