"""A provider's routes beside chat, as a fake server that can be scripted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from sentinel_core.cache.billing import Billing
from sentinel_core.providers.catalogue import ProviderSpec
from sentinel_core.providers.direct_calls import DirectCalls
from sentinel_core.web.model_lists import ModelLists
from sentinel_core.web.service import DirectParts
from tests.support.fakes import FakeClock, price


@dataclass
class Provider:
    """Answers by `answers`, path by path; any other path is a 404."""

    clock: FakeClock
    answers: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    calls: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answers.setdefault("/v1/embeddings", embeddings)
        self.answers.setdefault("/v1/models", lambda _: httpx.Response(200, json={"data": [{"id": "tall"}]}))

    def parts(self, *names: str) -> DirectParts:
        """Return the calls to this server under each of the names."""
        transport = httpx.MockTransport(self._answer)
        calls = {
            name: DirectCalls(
                ProviderSpec(name, f"http://{name}.test/v1", None, "small"), key="gateway's-key", transport=transport
            )
            for name in names or ("fake",)
        }
        return DirectParts(calls, ModelLists(calls, self.clock), Billing(price))

    def bodies(self) -> list[Any]:
        return [json.loads(call.content) for call in self.calls]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        answer = self.answers.get(request.url.path)
        return httpx.Response(404, json={"error": {"message": "none"}}) if answer is None else answer(request)


def embeddings(request: httpx.Request) -> httpx.Response:
    """Answer with each input's length, in the reverse order."""
    inputs = json.loads(request.content)["input"]
    data = [{"index": index, "embedding": [len(each), 0.5]} for index, each in enumerate(inputs)]
    used = {"prompt_tokens": 4 * len(inputs), "total_tokens": 4 * len(inputs)}
    return httpx.Response(200, json={"object": "list", "data": data[::-1], "usage": used})
