"""The official `openai` SDK: Responses and embeddings, with its helpers."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import openai
from pydantic import BaseModel

from scripts.clients import cases
from scripts.clients.cases import GOOD_KEY, TOOL, Case, failures, ordered, typed

PROMPT = str(cases.MESSAGES[0]["content"])
FUNCTION: Any = {"type": "function", "strict": False, **TOOL["function"]}


class City(BaseModel):
    """What the upstream's JSON describes."""

    city: str


class Cases:
    """`base_url` is the upstream's or Sentinel's, with `/v1`."""

    def __init__(self, base_url: str) -> None:
        self._options: dict[str, Any] = {
            "base_url": base_url, "api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0,
        }  # fmt: skip
        self._client = openai.OpenAI(**self._options)

    def all(self) -> dict[str, Case]:
        return {
            "plain": lambda: typed(self._ask("plain")),
            "stream": lambda: ordered(self._ask("stream", stream=True)),
            "stream-helper": lambda: self._helped("stream-helper"),
            "async": lambda: asyncio.run(self._later("async")),
            "async-stream": lambda: asyncio.run(self._later("async-stream", stream=True)),
            "parameters": lambda: typed(self._ask("parameters", **_PARAMETERS)),
            "turns": lambda: typed(self._ask("turns", input=_TURNS)),
            "tools": lambda: typed(self._ask("tools", tools=[FUNCTION])),
            "tools-stream": lambda: ordered(self._ask("tools-stream", tools=[FUNCTION], stream=True)),
            "tools-helper": lambda: self._helped("tools-helper", tools=[FUNCTION]),
            "tool-result": lambda: typed(self._ask("tool-result", input=_RESULT, tools=[FUNCTION])),
            "reasoning": lambda: typed(self._ask("reasoning", reasoning={"effort": "low", "summary": "auto"})),
            "reasoning-stream": lambda: ordered(self._ask("reasoning-stream", stream=True)),
            "json": self._parsed,
            "json-stream": lambda: self._helped("json-stream", text_format=City),
            "previous": self._continued,
            "embedding": lambda: self._embedded("embedding", PROMPT),
            "embeddings": lambda: self._embedded("embeddings", [PROMPT, "Why?"]),
            "embeddings-float": lambda: self._embedded("embeddings-float", [PROMPT], encoding_format="float"),
            "retried": lambda: typed(self._ask("retried", max_retries=2)),
            **failures(self._ask),
            "plain-again": lambda: typed(self._ask("plain-again")),
        }

    def _ask(self, case: str, *, api_key: str = GOOD_KEY, max_retries: int = 0, **params: Any) -> Any:
        client = self._client.with_options(api_key=api_key, max_retries=max_retries)
        return client.responses.create(**{"model": f"case-{case}", "input": PROMPT, **params})

    def _helped(self, case: str, **params: Any) -> Any:
        with self._client.responses.stream(model=f"case-{case}", input=PROMPT, **params) as stream:
            told = ordered(stream)
            return {**told, "final": typed(stream.get_final_response())}

    async def _later(self, case: str, **params: Any) -> Any:
        async with openai.AsyncOpenAI(**self._options) as client:
            given = await client.responses.create(model=f"case-{case}", input=PROMPT, **params)
            return ordered([event async for event in given]) if params.get("stream") else typed(given)

    def _parsed(self) -> Any:
        given = self._client.responses.parse(model="case-json", input=PROMPT, text_format=City)
        return {**typed(given), "parsed": typed(given.output_parsed)}

    def _continued(self) -> Any:
        first = self._ask("previous")
        then = self._ask("previous", input="And of Spain?", previous_response_id=first.id)
        return {**typed(then), "goes_on": then.previous_response_id == first.id, "previous_response_id": None}

    def _embedded(self, case: str, given: Any, **params: Any) -> Any:
        return typed(self._client.embeddings.create(model=f"case-{case}", input=given, **params))


_PARAMETERS: dict[str, Any] = {
    "instructions": "Be kind.", "max_output_tokens": 50, "temperature": 0.5, "metadata": {"team": "a"}, "store": False,
}  # fmt: skip
_TURNS = [
    {"role": "user", "content": PROMPT},
    {"role": "assistant", "content": "Paris."},
    {"role": "user", "content": [{"type": "input_text", "text": "And of Spain?"}]},
]
_RESULT = [
    {"role": "user", "content": "What is the weather in Paris?"},
    {"type": "function_call", "call_id": "call_9", "name": "weather", "arguments": '{"city": "Paris"}'},
    {"type": "function_call_output", "call_id": "call_9", "output": "18 degrees"},
]

if __name__ == "__main__":
    cases.run(Cases(f"{sys.argv[1]}/v1").all())
