"""What `serve` sends: blocks of one kind of request each, run in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter, process_time, sleep

from scripts.benches import client, report
from scripts.benches.servers import Running
from scripts.benches.workload import Workload
from sentinel_core.matching.embedders import onnx_runtime

QUERY, CHAT, INFERRED, EMBEDDED = "/v1/query", "/v1/chat/completions", "/inferred", "/embedded"
MODELS = {0: "stub-0ms", 50: "stub-50ms"}
"""Delay of the upstream in ms to the model's name that asks the stub for it."""

STORED = "bare route of a stored answer"
"""With one raw round trip to the store, where that is another process."""

PAUSE = 0.05
"""Seconds that an upstream of 50 ms leaves a server idle before each inference."""

Block = Callable[[int], list[float]]
"""The number of a round to the seconds of each request in it."""

Clock = Callable[[], float]
"""Processor time so far of whoever does a block's work: a busy neighbour does not move it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """
    The running processes, and what is sent to them.

    `stored` is the bare route of an exact hit: with one raw round trip to the store, where that is another
    process. `fresh` are prompts nobody has sent yet.
    """

    store: str
    sentinel: Running
    bare: Running
    stored: Running
    stub: Running
    work: Workload
    fresh: Iterator[str]
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


def query(prompt: str, delay_ms: int = 0, **more: object) -> dict[str, object]:
    return {"prompt": prompt, "model": MODELS[delay_ms], **more}


def blocks_of(setup: Setup) -> dict[str, tuple[Clock | None, Block]]:
    """What one round consists of."""
    work, requests = setup.work, setup.requests
    stored = [query(prompt) for prompt in work.entries[:requests]]
    reworded = [text for _, text in work.probes]
    chat = [{"model": MODELS[50], "messages": [{"role": "user", "content": text}]} for text in reworded[:requests]]
    ours, bare = setup.sentinel.cpu_seconds, setup.bare.cpu_seconds
    blocks: dict[str, tuple[Clock | None, Block]] = {
        "bare route": (bare, _posts(setup.bare, QUERY, stored)),
        STORED: (setup.stored.cpu_seconds, _posts(setup.stored, QUERY, stored)),
        "exact hit": (ours, _posts(setup.sentinel, QUERY, stored, "hit_exact")),
        "bare inference": (process_time, _inferences(reworded, requests)),
        "bare inference, new prompt": (process_time, _inferences(work.fresh, requests)),
        "bare inference, new prompt, after 50 ms": (process_time, _inferences(work.fresh, requests, PAUSE)),
        "bare route, embedding": (bare, _rotating(setup.bare, INFERRED, reworded, requests)),
        "bare route, embedding, search of 10k": (bare, _rotating(setup.bare, EMBEDDED, reworded, requests)),
        "bare route, embedding, new prompt": (bare, _rotating(setup.bare, INFERRED, work.fresh, requests)),
        "bare route, embedding, new prompt, after 50 ms": (
            bare,
            _rotating(setup.bare, INFERRED, work.fresh, requests, pause=PAUSE),
        ),
        "semantic hit": (ours, _rotating(setup.sentinel, QUERY, reworded, requests, "hit_semantic")),
        "upstream of 0 ms": (None, _posts(setup.stub, CHAT, [{**body, "model": MODELS[0]} for body in chat])),
        "upstream of 50 ms": (None, _posts(setup.stub, CHAT, chat)),
        "streamed upstream of 50 ms": (None, _streams(setup.stub, [{**body, "stream": True} for body in chat])),
    }
    for delay in MODELS:
        blocks[f"miss, upstream of {delay} ms"] = (ours, _misses(setup.sentinel, setup.fresh, requests, delay))
    if client.once(setup.sentinel.port, client.get("/v1/models")).status == 200:
        blocks["streamed miss, first token"] = (ours, _streamed_misses(setup.sentinel, setup.fresh, requests))
    return blocks


def _posts(
    server: Running,
    path: str,
    bodies: Sequence[Mapping[str, object]],
    outcome: str | None = None,
    pause: float = 0.0,
) -> Block:
    requests = [client.post(path, body) for body in bodies]

    def block(_: int) -> list[float]:
        replies = client.sequence(server.port, requests, pause=pause)
        return [reply.seconds for reply in replies if outcome is None or reply.json()["outcome"] == outcome]

    return block


def _rotating(
    server: Running, path: str, texts: Sequence[str], count: int, outcome: str | None = None, pause: float = 0.0
) -> Block:
    """Other texts each round, so that no answer depends on a handful; those with another outcome do not count."""

    def block(number: int) -> list[float]:
        return _posts(server, path, [query(text) for text in _window(texts, count, number)], outcome, pause)(number)

    return block


def _inferences(texts: Sequence[str], count: int, pause: float = 0.0) -> Block:
    """Time the model's run alone, in this process, each after a pause: not the tokenizer, not the pooling."""
    model, tokenizer = onnx_runtime.load(), onnx_runtime.load_tokenizer()

    def block(number: int) -> list[float]:
        seconds = []
        for text in _window(texts, count, number):
            encodings = tokenizer.encode_batch_fast([text])
            if pause:
                sleep(pause)
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


def interleave(setup: Setup, blocks: Mapping[str, tuple[Clock | None, Block]], rounds: int) -> dict[str, Series]:
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
