"""LiteLLM's client, with `api_base`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from typing import Any

import litellm

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, MESSAGES, NEWER, PATIENCE, TOOL, Case, typed


def _all(base_url: str) -> dict[str, Case]:
    def arguments(case: str, params: dict[str, Any]) -> dict[str, Any]:
        given = {"api_base": base_url, "api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0, **params}
        return {"model": f"openai/case-{case}", "messages": MESSAGES, **given}

    def ask(case: str, **params: Any) -> Any:
        return litellm.completion(**arguments(case, params))

    async def later(case: str, **params: Any) -> Any:
        given = await litellm.acompletion(**arguments(case, params))
        return [chunk async for chunk in given] if params.get("stream") else given

    return {
        "plain": lambda: typed(ask("plain")),
        "stream": lambda: _joined(ask("stream", stream=True)),
        "stream-usage": lambda: _joined(ask("stream-usage", stream=True, stream_options={"include_usage": True})),
        "async": lambda: typed(asyncio.run(later("async"))),
        "async-stream": lambda: _joined(asyncio.run(later("async-stream", stream=True))),
        "tools-stream": lambda: _joined(ask("tools-stream", tools=[TOOL], stream=True)),
        "retried": lambda: typed(ask("retried", max_retries=2)),
        "key": lambda: ask("key", api_key=BAD_KEY),
        "missing": lambda: ask("missing"),
        "invalid": lambda: ask("invalid"),
        "slow": lambda: ask("slow", timeout=PATIENCE),
        "limited": lambda: ask("limited"),
        "tools": lambda: typed(ask("tools", tools=[TOOL])),
        "event-stream": lambda: list(ask("event-stream", stream=True)),
        "reasoning": lambda: typed(ask("reasoning")),
        "broken": lambda: ask("broken"),
        "json": lambda: typed(ask("json", response_format={"type": "json_object"})),
        "crashed": lambda: ask("crashed"),
        "parameters": lambda: typed(ask("parameters", **NEWER, drop_params=True)),
        "cut-stream": lambda: list(ask("cut-stream", stream=True)),
        "plain-again": lambda: typed(ask("plain-again")),
    }


def _joined(chunks: Iterable[Any]) -> dict[str, Any]:
    """LiteLLM's own sum of the chunks, as its users take it."""
    told = list(chunks)
    return {**typed(litellm.stream_chunk_builder(told, messages=MESSAGES)), "chunks": [typed(one) for one in told]}


if __name__ == "__main__":
    litellm.suppress_debug_info = True
    cases.run(_all(f"{sys.argv[1]}/v1"))
