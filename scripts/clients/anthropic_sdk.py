"""The official `anthropic` SDK."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import anthropic

from scripts.clients import cases
from scripts.clients.cases import GOOD_KEY, MESSAGES, TOOL, Case, failures, ordered, typed

FUNCTION: Any = {
    "name": "weather",
    "description": "The weather in a city",
    "input_schema": TOOL["function"]["parameters"],
}
_RESULT: list[dict[str, Any]] = [
    {"role": "user", "content": "What is the weather in Paris?"},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_9", "name": "weather", "input": {}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_9", "content": "18 degrees"}]},
]


class Cases:
    """`base_url` is the upstream's or Sentinel's, without `/v1`."""

    def __init__(self, base_url: str) -> None:
        self._options: dict[str, Any] = {
            "base_url": base_url, "api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0,
        }  # fmt: skip
        self._client = anthropic.Anthropic(**self._options)

    def all(self) -> dict[str, Case]:
        cached = [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}]
        tool = {"type": "tool", "name": "weather"}
        return {
            "plain": lambda: typed(self._ask("plain")),
            "stream": lambda: ordered(self._ask("stream", stream=True)),
            "stream-helper": lambda: self._helped("stream-helper"),
            "async": lambda: asyncio.run(self._later("async")),
            "async-stream": lambda: asyncio.run(self._later("async-stream", stream=True)),
            "parameters": lambda: typed(self._ask("parameters", system=cached, stop_sequences=["."])),
            "tools": lambda: typed(self._ask("tools", tools=[FUNCTION])),
            "tools-stream": lambda: ordered(self._ask("tools-stream", tools=[FUNCTION], stream=True)),
            "tools-helper": lambda: self._helped("tools-helper", tools=[FUNCTION]),
            "tools-forced": lambda: typed(self._ask("tools-forced", tools=[FUNCTION], tool_choice=tool)),
            "tool-result": lambda: typed(self._ask("tool-result", messages=_RESULT, tools=[FUNCTION])),
            "reasoning": lambda: typed(self._ask("reasoning")),
            "reasoning-stream": lambda: ordered(self._ask("reasoning-stream", stream=True)),
            "retried": lambda: typed(self._ask("retried", max_retries=2)),
            **failures(self._ask),
            "plain-again": lambda: typed(self._ask("plain-again")),
        }

    def _ask(self, case: str, *, api_key: str = GOOD_KEY, max_retries: int = 0, **params: Any) -> Any:
        client = self._client.with_options(api_key=api_key, max_retries=max_retries)
        return client.messages.create(**_asked(case, params))

    def _helped(self, case: str, **params: Any) -> Any:
        with self._client.messages.stream(**_asked(case, params)) as stream:
            told = ordered(stream)
            return {**told, "final": typed(stream.get_final_message())}

    async def _later(self, case: str, **params: Any) -> Any:
        async with anthropic.AsyncAnthropic(**self._options) as client:
            given = await client.messages.create(**_asked(case, params))
            return ordered([event async for event in given]) if params.get("stream") else typed(given)


def _asked(case: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"model": f"case-{case}", "max_tokens": 99, "messages": MESSAGES, **params}


if __name__ == "__main__":
    cases.run(Cases(sys.argv[1]).all())
