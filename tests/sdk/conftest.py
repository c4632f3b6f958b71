from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import count
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from scripts.devtools.http.replies import answer
from scripts.devtools.http.serving import Server, serving
from scripts.devtools.http.upstream import Upstream

HASTE = "0.7"
"""Seconds a hasty server has for each request: too few for a second attempt, which needs 0.75."""

_NUMBERS = count()
_NAMES = ("GROQ", "OPENAI", "MISTRAL", "ANTHROPIC")


class Side:
    """Where the SDK's calls go: straight to the upstream, or through a Sentinel before it."""

    def __init__(self, base_url: str, *, api_key: str = "caller's") -> None:
        self._options: dict[str, Any] = {
            "base_url": base_url, "api_key": api_key, "max_retries": 0, "timeout": 20.0,
        }  # fmt: skip
        self._client = OpenAI(**self._options)

    def client(self, **options: Any) -> OpenAI:
        return self._client.with_options(**options)

    def asynchronous(self, **options: Any) -> AsyncOpenAI:
        return AsyncOpenAI(**{**self._options, **options})

    def close(self) -> None:
        self._client.close()


def chat(prompt: str = "What is the capital of France?", **params: Any) -> dict[str, Any]:
    """Arguments of a call that nothing stored can answer: no other has its system prompt."""
    system = {"role": "system", "content": f"You are assistant {next(_NUMBERS)}."}
    return {"model": "gpt-4.1-mini", "messages": [system, {"role": "user", "content": prompt}], **params}


def consume(side: Side, call: dict[str, Any], **options: Any) -> str:
    """Take the whole answer, however it comes."""
    given = side.client(**options).chat.completions.create(**call)
    if not call.get("stream"):
        return str(given.choices[0].message.content)
    return "".join(chunk.choices[0].delta.content or "" for chunk in given if chunk.choices)


def answered(side: Side, call: dict[str, Any]) -> str:
    """Take the whole answer; a hasty server on a busy machine may need some tries."""
    for _ in range(20):
        with suppress(openai.APIError):
            return consume(side, call)
    return consume(side, call)


@pytest.fixture(scope="session")
def _upstream() -> Iterator[Upstream]:
    with Upstream.running() as running:
        yield running


@pytest.fixture(autouse=True)
def upstream(_upstream: Upstream) -> Upstream:
    """The same server for all, as it was at first."""
    _upstream.default = answer()
    _upstream.script_nothing()
    _upstream.calls.clear()
    _upstream.left.clear()
    return _upstream


@pytest.fixture(scope="session")
def server(_upstream: Upstream) -> Iterator[Server]:
    with serving(**_environ(_upstream), SENTINEL_STORE_TOOL_CALLS="true") as running:
        yield _ready(running)


@pytest.fixture(scope="session")
def hasty(_upstream: Upstream) -> Iterator[Server]:
    with serving(**_environ(_upstream), SENTINEL_REQUEST_TIMEOUT_SECONDS=HASTE) as running:
        yield _ready(running)


@pytest.fixture(scope="session")
def direct(_upstream: Upstream) -> Iterator[Side]:
    with closing(Side(_upstream.url)) as side:
        yield side


@pytest.fixture(scope="session")
def ours(server: Server) -> Iterator[Side]:
    with closing(Side(f"{server.said['address']}/v1")) as side:
        yield side


@pytest.fixture(scope="session")
def hurried(hasty: Server) -> Iterator[Side]:
    with closing(Side(f"{hasty.said['address']}/v1")) as side:
        yield side


def _environ(upstream: Upstream) -> dict[str, str]:
    keys = {f"{name}_API_KEY": "gateway's" for name in _NAMES}
    addresses = {f"{name}_BASE_URL": upstream.url for name in _NAMES}
    return {
        "SENTINEL_PROVIDER": "openai",
        "SENTINEL_EMBEDDER": "onnx",
        "SENTINEL_LOG_LEVEL": "warning",
        **keys,
        **addresses,
    }


def _ready(server: Server) -> Server:
    """The model loads in the background; a hasty server would answer without it."""
    server.wait_for_embedder()
    return server
