"""Runs unmodified clients against a local upstream and against Sentinel before it, and compares what they got."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from scripts.clients.cases import BAD_KEY, GOOD_KEY
from scripts.clients.table import (
    ALWAYS_NEW,
    ANSWERED,
    ANSWERED_AGAIN,
    ANTHROPIC,
    CLIENTS,
    ENVIRON,
    EXACT,
    FAILING,
    KNOWN,
    LOOPS,
    MODULES,
    NATIVE,
    NEW_ON_A_HIT,
    OURS,
    REPLIES,
    ROOT,
    WEATHER,
)
from scripts.devtools.http.replies import Call, Reply, answer
from scripts.devtools.http.serving import asking, serving
from scripts.devtools.http.surface_routes import add_surfaces
from scripts.devtools.http.upstream import Upstream

LONGEST, MOST = 300, 5
DIFFERS = "DIFFERS"


_RESULTS = ('"role": "tool"', "function_call_output", "tool_result")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/compat", description=__doc__)
    parser.add_argument("clients", nargs="*", default=list(CLIENTS), help=f"some of {', '.join(CLIENTS)}")
    differences = sum(_put_through(client) for client in parser.parse_args(argv).clients)
    print(f"\n{differences} differences" if differences else "\nno difference")
    return 1 if differences else 0


def _put_through(client: str) -> int:
    """Run one client both ways, print a line for each of its cases, and return how many differ."""
    if reason := _missing(client):
        print(f"\n{client:19}skipped: {reason}")
        return 0
    with _sides(client) as (alone, behind, address):
        direct = _run(client, alone.url.removesuffix("/v1"))
        through = _run(client, address)
        calls = {name: [_asked(side, name) for side in (alone, behind)] for name in direct}
    told = {
        name: _differences(client, name, direct[name], through[name]) or _unproved(name, direct[name], calls[name])
        for name in direct
    }
    print(f"\n{client:19}{'':10}upstream asked directly, through Sentinel")
    for name, differences in told.items():
        print(f"  {name:17}{_verdict(client, name, differences):10}{calls[name][0]:6}{calls[name][1]:6}")
        print(*(f"    {line}" for line in differences[:MOST]), sep="\n", end="\n" if differences else "")
    return sum(_verdict(client, name, differences) == DIFFERS for name, differences in told.items())


def _missing(client: str) -> str | None:
    """Return why a client cannot be run, None if it can."""
    program = CLIENTS[client][0]
    if shutil.which(program) is None:
        return f"there is no {program}"
    return None if program != "node" or (MODULES / "node_modules").is_dir() else "its packages are not installed"


def _unproved(case: str, direct: Sequence[Any], calls: Sequence[int]) -> list[str]:
    """Return why a case proves nothing, though both sides are the same."""
    if not any(calls):
        return ["neither upstream was asked"]
    failed = [told for told in direct if isinstance(told, Mapping) and "raises" in told]
    return [f"the client itself fails: {told}" for told in failed if case not in FAILING]


@contextmanager
def _sides(client: str) -> Iterator[tuple[Upstream, Upstream, str]]:
    """An upstream to be asked directly, one behind Sentinel, and Sentinel's address."""
    provider = "anthropic" if client in ANTHROPIC else "openai"
    with ExitStack() as running:
        alone, behind = (running.enter_context(Upstream.running()) for _ in range(2))
        for upstream in (alone, behind):
            upstream.default = answer(model=ANSWERED)
            upstream.models |= {f"case-{name}": _named(replies) for name, replies in REPLIES.items()}
            upstream.models |= dict.fromkeys((f"case-{name}" for name in LOOPS), _in_turns)
            add_surfaces(upstream)
        server = running.enter_context(
            serving(
                **asking(behind.url, provider),
                SENTINEL_API_KEYS=f"acme:{hashlib.sha256(GOOD_KEY.encode()).hexdigest()}",
                SENTINEL_NAMESPACE_SECRET="of the compatibility run",  # noqa: S106  keeps nothing apart
                SENTINEL_STORE_TOOL_CALLS="true",
                SENTINEL_NATIVE_RESPONSES="openai" if client in NATIVE else "auto",
                SENTINEL_REQUEST_TIMEOUT_SECONDS="4",
                SENTINEL_LOG_LEVEL="error",
            )
        )
        server.wait_for_embedder()
        yield alone, behind, server.said["address"]


def _named(replies: Sequence[Reply]) -> deque[Reply]:
    """Answer as providers do, with the model's full name."""
    return deque(replace(reply, model=ANSWERED) for reply in replies)


def _in_turns(call: Call) -> Reply:
    """Call a tool, and answer once its result is there, in whatever API's words."""
    has_result = any(sign in json.dumps(call.body) for sign in _RESULTS)
    return replace(answer("It is mild.") if has_result else WEATHER, model=ANSWERED)


def _run(client: str, base_url: str) -> dict[str, list[Any]]:
    program, *arguments = CLIENTS[client]
    if program == "node":
        module, *chosen = arguments
        arguments = [module, base_url, MODULES, GOOD_KEY, BAD_KEY, *chosen]
    else:
        arguments = [*arguments, base_url]
    command = [str(part) for part in (program, *arguments)]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRON, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    told: dict[str, list[Any]] = json.loads(done.stdout.splitlines()[-1])
    return told


def _asked(upstream: Upstream, case: str) -> int:
    return sum(call.body.get("model") == f"case-{case}" for call in upstream.calls)


def _verdict(client: str, case: str, differences: Sequence[str]) -> str:
    if not differences:
        return "same"
    if case in ANSWERED_AGAIN and all(line.startswith("turn 2") for line in differences):
        return "known"
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
