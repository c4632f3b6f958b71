"""What every client is put through: a case is a model's name, by which the upstream knows how to behave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

MESSAGES: list[dict[str, Any]] = [{"role": "user", "content": "What is the capital of France?"}]
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
NEWER: dict[str, Any] = {"max_completion_tokens": 50, "reasoning_effort": "low", "seed": 7, "user": "u-1"}

PATIENCE = 0.4
"""Seconds the client waits in the case `slow`, where the upstream takes longer."""

GOOD_KEY, BAD_KEY = "sk-sentinel-" + "a" * 43, "sk-sentinel-" + "b" * 43

Case = Callable[[], Any]


def run(cases: Mapping[str, Case]) -> None:
    """Run each case twice, because the second may be a hit, and print what came of it as JSON."""
    print(json.dumps({name: [outcome(case), outcome(case)] for name, case in cases.items()}, default=str))


def outcome(case: Case) -> Any:
    """Return the case's result, or a description of its exception as a catcher sees it."""
    try:
        return case()
    except Exception as error:  # noqa: BLE001  whatever a client raises is what is compared
        kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ != "builtins"]
        return {"raises": kinds, "status": getattr(error, "status_code", None), "code": getattr(error, "code", None)}


def failures(ask: Callable[..., Any]) -> dict[str, Case]:
    """Return the cases that every SDK of one call has; `ask` takes a case, and options of the client."""
    options: dict[str, dict[str, Any]] = {"key": {"api_key": BAD_KEY}, "slow": {"timeout": PATIENCE}}
    names = ("key", "missing", "invalid", "limited", "slow", "broken", "crashed")
    return {name: partial(ask, name, **options.get(name, {})) for name in names}


def typed(value: Any) -> dict[str, Any]:
    """Describe a pydantic object with the name of its type."""
    return {"class": type(value).__name__, **value.model_dump(warnings=False)}


def ordered(events: Iterable[Any]) -> dict[str, Any]:
    """Describe events that name their types: each one, and their order without repetitions."""
    given = [{"class": type(event).__name__, **event.model_dump(warnings=False)} for event in events]
    order: list[str] = []
    for each in given:
        if each["type"] not in order[-2:]:  # helpers follow each delta by an event of their own
            order.append(each["type"])
    return {"chunks": given, "order": order}


def streamed(chunks: Iterable[Any]) -> dict[str, Any]:
    """Describe a stream in OpenAI's shape: every chunk, and what they say together."""
    told = [typed(chunk) for chunk in chunks]
    choices = [choice for chunk in told for choice in chunk["choices"]]
    calls: dict[int, str] = {}
    for choice in choices:
        for call in choice["delta"].get("tool_calls") or ():
            function = call["function"]
            part = (call.get("id") or "") + (function.get("name") or "") + (function.get("arguments") or "")
            calls[call["index"]] = calls.get(call["index"], "") + part
    return {
        "chunks": told,
        "text": "".join(choice["delta"].get("content") or "" for choice in choices),
        "calls": calls,
        "ends": [choice["finish_reason"] for choice in choices if choice["finish_reason"]],
    }
