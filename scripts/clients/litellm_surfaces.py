"""LiteLLM's Responses, embeddings and Anthropic; the API is the first argument."""

from __future__ import annotations

import sys
from typing import Any

import litellm

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, MESSAGES, PATIENCE, TOOL, Case, ordered, typed

_PROMPT = str(cases.MESSAGES[0]["content"])
_FUNCTION: Any = {"type": "function", "strict": False, **TOOL["function"]}


def _responses(base_url: str) -> dict[str, Case]:
    options = {"api_base": f"{base_url}/v1", "api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0}

    def ask(case: str, **params: Any) -> Any:
        return litellm.responses(**{"model": f"openai/case-{case}", "input": _PROMPT, **options, **params})

    def embedded(case: str, given: list[str]) -> Any:
        return typed(litellm.embedding(model=f"openai/case-{case}", input=given, **options))

    return {
        "plain": lambda: typed(ask("plain")),
        "stream": lambda: ordered(ask("stream", stream=True)),
        "tools": lambda: typed(ask("tools", tools=[_FUNCTION])),
        "tools-stream": lambda: ordered(ask("tools-stream", tools=[_FUNCTION], stream=True)),
        "reasoning-stream": lambda: ordered(ask("reasoning-stream", stream=True)),
        "embeddings": lambda: embedded("embeddings", [_PROMPT, "Why?"]),
        "key": lambda: ask("key", api_key=BAD_KEY),
        "missing": lambda: ask("missing"),
        "slow": lambda: ask("slow", timeout=PATIENCE),
        "broken": lambda: ask("broken"),
        "plain-again": lambda: typed(ask("plain-again")),
    }


def _anthropic(base_url: str) -> dict[str, Case]:
    options = {"api_base": base_url, "api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0}

    def ask(case: str, **params: Any) -> Any:
        return litellm.completion(**{"model": f"anthropic/case-{case}", "messages": MESSAGES, **options, **params})

    return {
        "plain": lambda: typed(ask("plain")),
        "stream": lambda: _joined(ask("stream", stream=True)),
        "tools": lambda: typed(ask("tools", tools=[TOOL])),
        "tools-stream": lambda: _joined(ask("tools-stream", tools=[TOOL], stream=True)),
        "reasoning": lambda: typed(ask("reasoning")),
        "key": lambda: ask("key", api_key=BAD_KEY),
        "missing": lambda: ask("missing"),
        "limited": lambda: ask("limited"),
        "slow": lambda: ask("slow", timeout=PATIENCE),
        "broken": lambda: ask("broken"),
        "plain-again": lambda: typed(ask("plain-again")),
    }


def _joined(chunks: Any) -> dict[str, Any]:
    """LiteLLM's own sum of the chunks, as its users take it."""
    told = list(chunks)
    return {**typed(litellm.stream_chunk_builder(told, messages=MESSAGES)), "chunks": [typed(one) for one in told]}


if __name__ == "__main__":
    litellm.suppress_debug_info = True
    cases.run({"responses": _responses, "anthropic": _anthropic}[sys.argv[1]](sys.argv[2]))
