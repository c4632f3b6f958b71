"""Start, first and warm answers and memory of the packaged function, under Lambda's own runtime client."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.benches.report import ROOT, Row, publish, ratio
from scripts.devtools.aws import package
from scripts.devtools.aws.gateway_events import Request, to_event
from scripts.devtools.aws.local_lambda import SWITCHES, runtime_python
from scripts.devtools.aws.sandbox import Function, Sandbox

FUNCTIONS = Path(__file__).parent / "functions"
BARE, HELLO, LEAN = "FastAPI and the model, nothing else", "hello world on FastAPI", "sentinel"
WARM_REQUESTS, MEMORY_REQUESTS = 300, 1000
PROMPT = "What is machine learning?"


@dataclass(frozen=True, slots=True)
class Variant:
    """A tree to start, and the handler in it; one without kept code lends its libraries to the others."""

    name: str
    task: Path
    handler: str = "handler.handler"
    embedder: str = "onnx"

    def function(self, python: Path) -> Function:
        path = f"{FUNCTIONS}:{self.task}" if self.handler != "handler.handler" else str(self.task)
        settings = {"SENTINEL_OPEN": "true", "SENTINEL_EMBEDDER": self.embedder, "SENTINEL_SIMULATED_DELAY_MS": "0"}
        return Function(self.task, python, self.handler, {**SWITCHES, **settings, "PYTHONPATH": path})


@dataclass(slots=True)
class Starts:
    """One figure per round: milliseconds of the clock and of the processor until ready, and MB at the most."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench cold", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="starts of each variant, interleaved (default 7)")
    given = parser.parse_args(argv)
    python = runtime_python(python_3_13())
    variants = _variants()
    starts = measure_starts(variants, python, given.rounds)
    lean = next(each for each in variants if each.name == LEAN)
    hello = next(each for each in variants if each.name == HELLO)
    tables: dict[str, Sequence[Row]] = {
        "From process start to ready (INIT)": _start_rows(starts),
        "Answers at the runtime client": [*answers(lean, python, given.rounds), *warm(lean, hello, python)],
        "Memory": [memory(lean, python)],
    }
    publish("cold", tables)
    return 0


def _variants() -> list[Variant]:
    architecture = package.own_architecture()
    plain = built("onnx", architecture, "plain", "--no-kept-code")
    return [
        Variant(LEAN, built("onnx", architecture, "onnx")),
        Variant(BARE, plain, "bare.handler"),
        Variant(HELLO, plain, "hello.handler"),
        Variant("sentinel without kept code", plain),
        Variant("sentinel on fastembed", built("fastembed", architecture, "fastembed"), embedder="fastembed"),
        Variant("sentinel without byte code", built("onnx", architecture, "sources", "--no-byte-code")),
    ]


def built(embedder: str, architecture: str, name: str, *more: str) -> Path:
    into = package.BUILD / "bench" / "functions" / name
    command = ["scripts/package", "--embedder", embedder, "--architecture", architecture, "--into", str(into), *more]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return into


def python_3_13() -> str:
    command = ["bash", "-c", ". scripts/lib/python313.sh && python_3_13"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def measure_starts(variants: Sequence[Variant], python: Path, rounds: int) -> Mapping[str, Starts]:
    """Start all variants in each round, so that what slows a round slows all of them."""
    starts = {variant.name: Starts() for variant in variants}
    for variant in (each for _ in range(rounds + 1) for each in variants):
        with started(variant, python) as sandbox:
            found = starts[variant.name]
            found.wall.append(sandbox.init())
            found.cpu.append(sandbox.cpu_ms())
            found.memory.append(sandbox.peak_memory_mb())
    for found in starts.values():
        del found.wall[0], found.cpu[0], found.memory[0]  # the first round fills the page cache
    return starts


@contextmanager
def started(variant: Variant, python: Path) -> Iterator[Sandbox]:
    with open("/dev/null", "wb") as nowhere, Sandbox(variant.function(python), output=nowhere) as sandbox:
        yield sandbox


def _start_rows(starts: Mapping[str, Starts]) -> list[Row]:
    bare = starts[BARE]
    return [
        {
            "what": name,
            "ms, median": statistics.median(found.wall),
            "ms, least": min(found.wall),
            "x FastAPI and the model": str(ratio(found.wall, bare.wall)),
            "cpu ms, median": statistics.median(found.cpu),
            "x, cpu": str(ratio(found.cpu, bare.cpu)),
            "MB at the most": max(found.memory),
        }
        for name, found in starts.items()
    ]


def answers(variant: Variant, python: Path, rounds: int) -> list[Row]:
    """Compare the first semantic answer of a fresh environment with its tenth."""
    first, tenth = [], []
    for _ in range(rounds):
        with started(variant, python) as sandbox:
            sandbox.init()
            sandbox.invoke(query(PROMPT, temperature=0.5))
            times = [sandbox.invoke(query(f"What's machine learning{'?' * marks}")).duration_ms for marks in range(11)]
            first.append(times[1])
            tenth.append(times[10])
    return [_compared("first semantic answer", first, "the tenth", tenth, str(ratio(first, tenth)))]


def warm(variant: Variant, hello: Variant, python: Path) -> list[Row]:
    """Compare exact hits with hello world, in turn."""
    with started(variant, python) as ours, started(hello, python) as theirs:
        for sandbox in (ours, theirs):
            sandbox.init()
            for _ in range(30):
                sandbox.invoke(query(PROMPT))
        pairs = [
            (ours.invoke(query(PROMPT)).duration_ms, theirs.invoke(query(PROMPT)).duration_ms)
            for _ in range(WARM_REQUESTS)
        ]
    hits, hellos = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    times = f"{statistics.median(hits) / statistics.median(hellos):.2f}"
    return [_compared("warm exact hit", hits, HELLO, hellos, times)]


def _compared(what: str, measured: Sequence[float], beside: str, other: Sequence[float], times: str) -> Row:
    return {
        "what": what,
        "ms, median": statistics.median(measured),
        "ms, least": min(measured),
        "compared": beside,
        "ms of that": statistics.median(other),
        "ratio": times,
    }


def memory(variant: Variant, python: Path) -> Row:
    """Ask for a thousand different answers."""
    with started(variant, python) as sandbox:
        sandbox.init()
        ready = sandbox.peak_memory_mb()
        for number in range(MEMORY_REQUESTS):
            sandbox.invoke(query(f"Prompt number {number} is about topic {number * 7}"))
        return {"MB at the most, ready": ready, f"after {MEMORY_REQUESTS} requests": sandbox.peak_memory_mb()}


def query(prompt: str, **fields: Any) -> Any:
    body = json.dumps({"prompt": prompt, **fields}).encode()
    headers = (("host", "api.test"), ("content-type", "application/json"))
    return to_event(Request("POST", "/v1/query", headers, body))
