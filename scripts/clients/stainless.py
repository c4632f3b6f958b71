"""Cases for the official SDKs of openai and groq, which are made by one generator."""

from __future__ import annotations

import asyncio
from typing import Any

from scripts.clients.cases import GOOD_KEY, MESSAGES, NEWER, PATIENCE, TOOL, Case, failures, streamed, typed


class Cases:
    """`sdk` is the module, `name` the beginning of its clients' names."""

    def __init__(self, sdk: Any, name: str, base_url: str) -> None:
        self._options = {"base_url": base_url, "api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0}
        self._asynchronous = getattr(sdk, f"Async{name}")
        self._client = getattr(sdk, name)(**self._options)

    def all(self) -> dict[str, Case]:
        return {
            "plain": lambda: typed(self._ask("plain")),
            "stream": lambda: streamed(self._ask("stream", stream=True)),
            "async": lambda: asyncio.run(self._later("async")),
            "async-stream": lambda: asyncio.run(self._later("async-stream", stream=True)),
            "tools-stream": lambda: streamed(self._ask("tools-stream", tools=[TOOL], stream=True)),
            "raw-stream": self._raw_stream,
            "retried": lambda: typed(self._ask("retried", max_retries=2)),
            **failures(self._ask),
            "slow-stream": lambda: self._ask("slow-stream", timeout=PATIENCE, stream=True),
            "tools": lambda: typed(self._ask("tools", tools=[TOOL])),
            "event-stream": lambda: streamed(self._ask("event-stream", stream=True)),
            "reasoning": lambda: typed(self._ask("reasoning")),
            "json": lambda: typed(self._ask("json", response_format={"type": "json_object"})),
            "parameters": lambda: typed(self._ask("parameters", **NEWER)),
            "cut-stream": lambda: streamed(self._ask("cut-stream", stream=True)),
            "raw": self._raw,
            "plain-again": lambda: typed(self._ask("plain-again")),
        }

    def _ask(self, case: str, *, api_key: str = GOOD_KEY, max_retries: int = 0, **params: Any) -> Any:
        client = self._client.with_options(api_key=api_key, max_retries=max_retries)
        return client.chat.completions.create(model=f"case-{case}", messages=MESSAGES, **params)

    async def _later(self, case: str, **params: Any) -> Any:
        async with self._asynchronous(**self._options) as client:
            given = await client.chat.completions.create(model=f"case-{case}", messages=MESSAGES, **params)
            return streamed([chunk async for chunk in given]) if params.get("stream") else typed(given)

    def _raw(self) -> Any:
        raw = self._client.chat.completions.with_raw_response.create(model="case-raw", messages=MESSAGES)
        return {"status": raw.status_code, "kind": raw.headers["content-type"], **typed(raw.parse())}

    def _raw_stream(self) -> Any:
        with self._client.chat.completions.with_streaming_response.create(
            model="case-raw-stream", messages=MESSAGES
        ) as raw:
            return {"status": raw.status_code, "kind": raw.headers["content-type"], **typed(raw.parse())}
