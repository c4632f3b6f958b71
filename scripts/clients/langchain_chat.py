"""LangChain's `ChatOpenAI`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import Any

from langchain_openai import ChatOpenAI

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, PATIENCE, TOOL, Case, typed

_PROMPT = str(cases.MESSAGES[0]["content"])
_CITY = {"title": "City", "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def _all(base_url: str) -> dict[str, Case]:
    run = asyncio.new_event_loop().run_until_complete  # LangChain's clients share connections, which belong to a loop

    def model(case: str, **options: Any) -> Any:
        given = {"api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0, **options}
        return ChatOpenAI(model=f"case-{case}", base_url=base_url, **given)

    async def later(case: str) -> list[Any]:
        return [chunk async for chunk in model(case).astream(_PROMPT)]

    return {
        "plain": lambda: typed(model("plain").invoke(_PROMPT)),
        "stream": lambda: _joined(model("stream").stream(_PROMPT)),
        "stream-usage": lambda: _joined(model("stream-usage", stream_usage=True).stream(_PROMPT)),
        "async": lambda: typed(run(model("async").ainvoke(_PROMPT))),
        "async-stream": lambda: _joined(run(later("async-stream"))),
        "tools-stream": lambda: _joined(model("tools-stream").bind_tools([TOOL]).stream(_PROMPT)),
        "batch": lambda: [typed(one) for one in model("batch").batch([_PROMPT, "What is machine learning?"])],
        "retried": lambda: typed(model("retried", max_retries=2).invoke(_PROMPT)),
        "key": lambda: model("key", api_key=BAD_KEY).invoke(_PROMPT),
        "missing": lambda: model("missing").invoke(_PROMPT),
        "slow": lambda: model("slow", timeout=PATIENCE).invoke(_PROMPT),
        "slow-stream": lambda: list(model("slow-stream", timeout=PATIENCE).stream(_PROMPT)),
        "limited": lambda: model("limited").invoke(_PROMPT),
        "tools": lambda: typed(model("tools").bind_tools([TOOL]).invoke(_PROMPT)),
        "event-stream": lambda: list(model("event-stream").stream(_PROMPT)),
        "json": lambda: model("json").with_structured_output(_CITY, method="json_schema").invoke(_PROMPT),
        "broken": lambda: model("broken").invoke(_PROMPT),
        "parameters": lambda: typed(model("parameters", reasoning_effort="low", seed=7).invoke(_PROMPT)),
        "crashed": lambda: model("crashed").invoke(_PROMPT),
        "plain-again": lambda: typed(model("plain-again").invoke(_PROMPT)),
        "cut-stream": lambda: list(model("cut-stream").stream(_PROMPT)),
    }


def _joined(chunks: Iterable[Any]) -> dict[str, Any]:
    """LangChain's own sum of the chunks, as its users take it."""
    told = list(chunks)
    return {**typed(reduce(add, told)), "chunks": [typed(chunk) for chunk in told]}


if __name__ == "__main__":
    cases.run(_all(f"{sys.argv[1]}/v1"))
