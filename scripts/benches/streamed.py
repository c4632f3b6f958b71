"""First events, long answers and memory of the packaged streaming function, under Lambda's Runtime API."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from scripts.benches import client, report, servers
from scripts.benches.cold import built, python_3_13
from scripts.benches.report import Row
from scripts.benches.servers import Running
from scripts.benches.stub import spoken
from scripts.devtools.aws import package
from scripts.devtools.aws.gateway_events import Request, to_event
from scripts.devtools.aws.local_lambda import SWITCHES, runtime_python
from scripts.devtools.aws.runtime_api import Streamed
from scripts.devtools.aws.sandbox import Function, Sandbox

CHAT = "/v1/chat/completions"
DELAY_MS = 50
WARM = 20


def main(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    with (
        servers.module("stub") as stub,
        open("/dev/null", "wb") as nowhere,
        Sandbox(_function(stub), output=nowhere) as sandbox,
    ):
        sandbox.init()
        firsts = first_events(stub, sandbox, arguments.requests)
        tables = {
            "First event, warm": _rows(firsts),
            "Memory": [memory(sandbox, arguments.streams)],
            "Long answer": [long_answer(sandbox, arguments.seconds)],
        }
    report.publish("streamed", tables)
    return 0 if tables["Long answer"][0]["whole"] == "yes" else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench streamed", description=__doc__)
    parser.add_argument("--requests", type=int, default=100, help="of each kind, in turn")
    parser.add_argument("--streams", type=int, default=500, help="one after the other, between two looks at memory")
    parser.add_argument("--seconds", type=int, default=180, help="of the long answer, one event a second")
    return parser


def _function(stub: Running) -> Function:
    task = built("onnx", package.own_architecture(), "onnx")
    environ = {
        **SWITCHES,
        "AWS_LAMBDA_EXEC_WRAPPER": "/var/task/sentinel_core/app/streaming_function.sh",
        "GROQ_API_KEY": "none",
        "GROQ_BASE_URL": f"{stub.url}/v1",
        "SENTINEL_EMBEDDER": "onnx",
        "SENTINEL_OPEN": "true",
        "SENTINEL_REQUEST_TIMEOUT_SECONDS": "300",
    }
    handler = "sentinel_core.app.streaming_function.main"
    return Function(task, runtime_python(python_3_13()), handler, environ, timeout=300)


def first_events(stub: Running, sandbox: Sandbox, requests: int) -> Mapping[str, list[float]]:
    """Ask upstream, through the function for the first time, and again, in turn; milliseconds to the first bytes."""
    connection = client.Connection(stub.port)
    found: dict[str, list[float]] = {"upstream": [], "miss": [], "hit": []}
    for number in range(WARM + requests):
        asked = _body(f"What is said in chapter {number} of {number * 7 % 113} books?", f"stub-{DELAY_MS}ms")
        direct = connection.exchange(client.post(CHAT, asked)).first_seconds * 1000
        miss, hit = (_streamed(sandbox, asked) for _ in range(2))
        if "fwd=miss" in _how(miss) and "hit" in _how(hit) and number >= WARM:
            for kind, value in zip(found, (direct, miss.chunks[0][0], hit.chunks[0][0]), strict=True):
                found[kind].append(value)
    connection.close()
    return found


def memory(sandbox: Sandbox, streams: int) -> Row:
    """Send the same few hundred prompts in both halves, so that entries add nothing in the second."""
    sizes = []
    for _ in range(3):
        for number in range(streams):
            _streamed(sandbox, _body(f"What is the use of part {number}?", "stub-0ms"))
        sizes.append(sandbox.peak_memory_mb())
    return {f"MB after {streams} misses": sizes[0], f"and {streams} hits": sizes[1], f"and {streams} more": sizes[2]}


def long_answer(sandbox: Sandbox, seconds: int) -> Row:
    """Have an answer streamed for this long, one word a second; the last part comes with the last word."""
    prompt, begun = "Tell a long story.", time.monotonic()
    answer = _streamed(sandbox, _body(prompt, f"talk-{seconds}-1000ms"))
    events = [line[6:] for line in answer.body.split(b"\n") if line.startswith(b"data: {")]
    text = "".join(each["delta"].get("content") or "" for event in events for each in json.loads(event)["choices"])
    whole = text == "".join(spoken(prompt, seconds)) and answer.body.endswith(b"data: [DONE]\n\n")
    return {
        "seconds": time.monotonic() - begun,
        "first event ms": answer.chunks[0][0],
        "chunks": len(answer.chunks),
        "whole": "yes" if whole and answer.error is None else "no",
    }


def _rows(found: Mapping[str, list[float]]) -> list[Row]:
    upstream = found["upstream"]
    return [
        {
            "what": what,
            "asked": len(values),
            "p50 ms": report.percentile(values, 0.5),
            "p95 ms": report.percentile(values, 0.95),
            "above upstream, p50 ms": (
                report.percentile([own - theirs for own, theirs in zip(values, upstream, strict=True)], 0.5)
                if what == "miss"
                else None
            ),
        }
        for what, values in found.items()
    ]


def _body(prompt: str, model: str) -> dict[str, Any]:
    return {"model": model, "stream": True, "messages": [{"role": "user", "content": prompt}]}


def _streamed(sandbox: Sandbox, body: Mapping[str, Any]) -> Streamed:
    headers = (("host", "api.test"), ("content-type", "application/json"))
    answer = sandbox.invoke(to_event(Request("POST", CHAT, headers, json.dumps(body).encode()))).payload
    if not isinstance(answer, Streamed) or answer.metadata["statusCode"] != 200:
        raise RuntimeError(f"no stream: {answer}")
    sandbox.is_idle(within=30)
    return answer


def _how(answer: Streamed) -> str:
    return str(answer.metadata["headers"].get("cache-status"))
