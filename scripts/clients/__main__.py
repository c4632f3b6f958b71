"""Runs unmodified clients against a local upstream and against Sentinel before it, and compares what they got."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from scripts.clients.cases import BAD_KEY, GOOD_KEY
from scripts.devtools.http.serving import serving
from scripts.devtools.http.upstream import Fault, Reply, Upstream, answer, failure

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-compat" / "bin" / "python"
MODULES = ROOT / "build" / "compat"
CLIENTS = {
    "openai": [PYTHON, "-m", "scripts.clients.openai_sdk"],
    "groq": [PYTHON, "-m", "scripts.clients.groq_sdk"],
    "langchain": [PYTHON, "-m", "scripts.clients.langchain_chat"],
    "litellm": [PYTHON, "-m", "scripts.clients.litellm_client"],
    "node": ["node", ROOT / "scripts" / "clients" / "openai_node.mjs"],
}

CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}},
    {"id": "call_2", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}},
]
TOOLS = answer(None, message={"tool_calls": CALLS}, finish_reason="tool_calls")
SLOW = Reply(delay=1.0)
REPLIES: dict[str, list[Reply]] = {
    "tools": [TOOLS],
    "tools-stream": [TOOLS],
    "tools-helper": [TOOLS],
    "reasoning": [answer("Four.", message={"reasoning": "Two and two.", "reasoning_content": "2 + 2"})],
    "json": [answer('{"city": "Paris"}')],
    "retried": [failure(429, retry_after="0"), failure(503, retry_after="0"), answer()],
    "key": [failure(401, "Incorrect API key provided", code="invalid_api_key")],
    "missing": [failure(404, "No such model", type="invalid_request_error", code="model_not_found")],
    "invalid": [failure(400, "Bad seed", type="invalid_request_error", param="seed", code="invalid_value")],
    "limited": [failure(429, retry_after="60")],
    "slow": [SLOW],
    "slow-stream": [SLOW],
    "broken": [failure(503)],
    "crashed": [failure(500)],
    "event-stream": [Reply(fault=Fault.ERROR_EVENT)],
    "cut-stream": [Reply(fault=Fault.CUT_MIDWAY)],
}

NEW_ON_A_HIT = frozenset({"id", "created", "usage", "usage_metadata", "token_usage", "chunks"})
"""A hit is a completion of its own, which nothing was billed for, and streams in pieces of its own."""

ALWAYS_NEW = {"litellm": frozenset({"sentinel", "created"}), "langchain": frozenset({"sentinel", "id"})}
"""LiteLLM dates what it streams by its own clock, LangChain numbers its runs."""

OURS = frozenset({"sentinel"})
EXACT = frozenset({"missing", "invalid"})
"""Errors that concern the caller's request are the upstream's own; of the others only the type is compared."""

LONGEST, MOST = 300, 5
DIFFERS = "DIFFERS"
ENVIRON = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "true", "LITELLM_LOG": "ERROR"}
"""LiteLLM would fetch its list of prices over the network."""

KNOWN = {
    ("litellm", "crashed"),  # a provider's 500 is told as 503, for which LiteLLM has an exception of its own
    ("*", "cut-stream"),  # told as an error event, where the upstream just broke off
}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/compat", description=__doc__)
    parser.add_argument("clients", nargs="*", default=list(CLIENTS), help=f"some of {', '.join(CLIENTS)}")
    differences = sum(_put_through(client) for client in parser.parse_args(argv).clients)
    print(f"\n{differences} differences" if differences else "\nno difference")
    return 1 if differences else 0


def _put_through(client: str) -> int:
    """Run one client both ways, print a line for each of its cases, and return how many differ."""
    with _sides() as (alone, behind, address):
        direct = _run(client, alone.url.removesuffix("/v1"))
        through = _run(client, address)
        calls = {name: [_asked(side, name) for side in (alone, behind)] for name in direct}
    told = {name: _differences(client, name, direct[name], through[name]) for name in direct}
    print(f"\n{client:16}{'':10}upstream asked directly, through Sentinel")
    for name, differences in told.items():
        print(f"  {name:14}{_verdict(client, name, differences):10}{calls[name][0]:6}{calls[name][1]:6}")
        print(*(f"    {line}" for line in differences[:MOST]), sep="\n", end="\n" if differences else "")
    return sum(_verdict(client, name, differences) == DIFFERS for name, differences in told.items())


@contextmanager
def _sides() -> Iterator[tuple[Upstream, Upstream, str]]:
    """An upstream to be asked directly, one behind Sentinel, and Sentinel's address."""
    with ExitStack() as running:
        alone, behind = (running.enter_context(Upstream.running()) for _ in range(2))
        for upstream in (alone, behind):
            upstream.models |= {f"case-{name}": deque(replies) for name, replies in REPLIES.items()}
        server = running.enter_context(
            serving(
                OPENAI_API_KEY="gateway's",
                OPENAI_BASE_URL=behind.url,
                SENTINEL_API_KEYS=f"acme:{hashlib.sha256(GOOD_KEY.encode()).hexdigest()}",
                SENTINEL_NAMESPACE_SECRET="of the compatibility run",  # noqa: S106  keeps nothing apart
                SENTINEL_STORE_TOOL_CALLS="true",
                SENTINEL_REQUEST_TIMEOUT_SECONDS="4",
                SENTINEL_LOG_LEVEL="error",
            )
        )
        while server.http.get("/health", params={"deep": 1}).json()["embedder"] == "loading":
            time.sleep(0.05)
        yield alone, behind, server.said["address"]


def _run(client: str, base_url: str) -> dict[str, list[Any]]:
    arguments = [MODULES, GOOD_KEY, BAD_KEY] if client == "node" else []
    command = [str(part) for part in [*CLIENTS[client], base_url, *arguments]]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRON, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    told: dict[str, list[Any]] = json.loads(done.stdout.splitlines()[-1])
    return told


def _asked(upstream: Upstream, case: str) -> int:
    return sum(call.body.get("model") == f"case-{case}" for call in upstream.calls)


def _verdict(client: str, case: str, differences: Sequence[str]) -> str:
    if not differences:
        return "same"
    return "known" if {(client, case), ("*", case)} & KNOWN else DIFFERS


def _differences(client: str, case: str, direct: Sequence[Any], through: Sequence[Any]) -> list[str]:
    """Compare both turns of a case; the second may be a hit."""
    ignored = ALWAYS_NEW.get(client, OURS)
    first, second = (
        list(_unlike(_of_interest(case, theirs, names), _of_interest(case, ours, names), f"turn {turn}"))
        for turn, theirs, ours, names in zip((1, 2), direct, through, (ignored, ignored | NEW_ON_A_HIT), strict=True)
    )
    return first + second


def _of_interest(case: str, told: Any, ignored: frozenset[str]) -> Any:
    if isinstance(told, Mapping) and "raises" in told and case not in EXACT:
        return told["raises"]
    return _without(told, ignored)


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(item, names) for name, item in value.items() if name not in names}
    return [_without(item, names) for item in value] if isinstance(value, list) else value


def _unlike(direct: Any, through: Any, path: str) -> Iterator[str]:
    """Name each place where the two are not the same."""
    if isinstance(direct, dict) and isinstance(through, dict) and direct.keys() == through.keys():
        for name in direct:
            yield from _unlike(direct[name], through[name], f"{path}.{name}")
    elif isinstance(direct, list) and isinstance(through, list) and len(direct) == len(through):
        for position, pair in enumerate(zip(direct, through, strict=True)):
            yield from _unlike(*pair, f"{path}[{position}]")
    elif direct != through:
        yield f"{path}: {json.dumps(direct)[:LONGEST]} is {json.dumps(through)[:LONGEST]} through Sentinel"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
