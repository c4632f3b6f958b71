"""The facts of one answered request."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol


class Answered(NamedTuple):
    """
    What is counted, logged and measured about one request; a tuple, because one is made for each.

    Never its words, unless the operator asked for them (`log_prompts`): then `prompt` and `response` are set.

    `outcome` is `outcome.name`, or a failure's word in `counters`; `detail` its reason, or the error's
    code. A None is a fact that is not known or does not apply. Tokens and dollars are those billed to
    this request; `saved_usd` and `avoided_tokens` those a hit did not have to buy.
    """

    route: str
    outcome: str
    status: int
    latency_ms: float
    detail: str | None = None
    provider: str | None = None
    model: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    avoided_tokens: int = 0
    cost_usd: float | None = None
    saved_usd: float | None = None
    similarity: float | None = None
    unstored: str | None = None
    collapsed: bool = False
    timings_ms: Mapping[str, float] = MappingProxyType({})
    request_id: str | None = None
    tenant: str | None = None
    prompt: str | None = None
    response: str | None = None


class Recorder(Protocol):
    """Takes note of an answer before it leaves; must not raise and must not wait."""

    def record(self, answered: Answered) -> None: ...
