"""Repeats agent loops and forced extractions, whose ids of tool calls are random, and counts the hits."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from scripts.devtools.http.replies import Call, Reply, answer
from scripts.devtools.http.serving import asking, serving
from scripts.devtools.http.upstream import Upstream

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}
FLAT_TOOL = {"type": "function", "name": "weather", "parameters": PARAMETERS}
CLAUDE_TOOL = {"name": "weather", "input_schema": PARAMETERS}
CITIES = ("Paris", "Rome", "Oslo")
LEAST = {"agent": 0.95, "forced": 1.0}

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/compat repeated", description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="repetitions after the first")
    arguments = parser.parse_args(argv)
    with (
        Upstream.running() as upstream,
        serving(
            **asking(upstream.url),
            SENTINEL_STORE_TOOL_CALLS="true",
            SENTINEL_LOG_LEVEL="error",
        ) as server,
    ):
        upstream.models["m"] = _turn
        rates = {name: _rate(server.http, loop, arguments.times) for name, loop in LOOPS.items()}
    for name, rate in rates.items():
        print(f"{name:18}{rate:7.1%} hits")
    return 0 if all(rate >= LEAST[name.split()[0]] for name, rate in rates.items()) else 1


def _turn(call: Call) -> Reply:
    """Call the tool for each city in turn, by an id that is new each time, then answer."""
    done = sum(message.get("role") == "tool" for message in call.body["messages"])
    if done == len(CITIES):
        return answer("It is mild in all of them.")
    function = {"name": "weather", "arguments": f'{{"city": "{CITIES[done]}"}}'}
    calls = [{"id": _new_id(), "type": "function", "function": function}]
    return answer(None, message={"tool_calls": calls}, finish_reason="tool_calls")


def _new_id() -> str:
    """Return the id of a call as another run of the agent has it."""
    return f"call_{secrets.token_hex(8)}"


def _rate(http: httpx.Client, loop: Callable[[Ask], None], times: int) -> float:
    """Return the share of hits among the calls after the first round."""
    hits: list[bool] = []

    def ask(path: str, body: dict[str, Any]) -> dict[str, Any]:
        given = http.post(path, json={"model": "m", **body})
        given.raise_for_status()
        hits.append("; hit" in given.headers["cache-status"])
        told: dict[str, Any] = given.json()
        return told

    loop(ask)
    hits.clear()
    for _ in range(times):
        loop(ask)
    return sum(hits) / len(hits)


def _chat_agent(ask: Ask) -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "How is the weather in Paris, Rome and Oslo?"}]
    while True:
        told = ask("/v1/chat/completions", {"messages": messages, "tools": [CHAT_TOOL]})["choices"][0]["message"]
        calls = [{**call, "id": _new_id()} for call in told.get("tool_calls") or ()]
        if not calls:
            return
        messages.append({**told, "tool_calls": calls})
        messages += [{"role": "tool", "tool_call_id": call["id"], "content": "18 degrees"} for call in calls]


def _responses_agent(ask: Ask) -> None:
    items: list[dict[str, Any]] = [{"role": "user", "content": "What weather have Paris, Rome and Oslo?"}]
    while calls := [
        {**item, "call_id": _new_id()}
        for item in ask("/v1/responses", {"input": items, "tools": [FLAT_TOOL]})["output"]
        if item["type"] == "function_call"
    ]:
        items += calls
        items += [{"type": "function_call_output", "call_id": call["call_id"], "output": "18"} for call in calls]


def _claude_agent(ask: Ask) -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "Tell me the weather of Paris, Rome and Oslo."}]
    while True:
        told = ask("/v1/messages", {"max_tokens": 99, "messages": messages, "tools": [CLAUDE_TOOL]})["content"]
        uses = [{**block, "id": _new_id()} for block in told if block["type"] == "tool_use"]
        if not uses:
            return
        results = [{"type": "tool_result", "tool_use_id": use["id"], "content": "18 degrees"} for use in uses]
        messages += [{"role": "assistant", "content": uses}, {"role": "user", "content": results}]


def _chat_forced(ask: Ask) -> None:
    choice = {"type": "function", "function": {"name": "weather"}}
    messages = [{"role": "user", "content": "Extract the city: I live in Paris."}]
    ask("/v1/chat/completions", {"messages": messages, "tools": [CHAT_TOOL], "tool_choice": choice})


def _responses_forced(ask: Ask) -> None:
    choice = {"type": "function", "name": "weather"}
    ask("/v1/responses", {"input": "Extract a city: I live in Paris.", "tools": [FLAT_TOOL], "tool_choice": choice})


def _claude_forced(ask: Ask) -> None:
    choice = {"type": "tool", "name": "weather"}
    messages = [{"role": "user", "content": "Find the city: I live in Paris."}]
    ask("/v1/messages", {"max_tokens": 9, "messages": messages, "tools": [CLAUDE_TOOL], "tool_choice": choice})


LOOPS: Mapping[str, Callable[[Ask], None]] = {
    "agent chat": _chat_agent,
    "agent responses": _responses_agent,
    "agent messages": _claude_agent,
    "forced chat": _chat_forced,
    "forced responses": _responses_forced,
    "forced messages": _claude_forced,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
