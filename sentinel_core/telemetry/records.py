"""The facts of one answered request."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol


class Answered(NamedTuple):
    """
    The facts of one request; a tuple, because tuples are cheap to make.

    `prompt` and `response` are set only with the setting `log_prompts`.

    `outcome` is `outcome.name`, or a failure's name in `counters`; `detail` is its reason or error code.
    None means unknown or not applicable. Tokens and dollars are those billed to this request; `saved_usd` and
    `avoided_tokens` are those that a hit saved.
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
    personal: str | None = None
    shadow: str | None = None
    is_shadow_equal: bool | None = None
    collapsed: bool = False
    timings_ms: Mapping[str, float] = MappingProxyType({})
    request_id: str | None = None
    tenant: str | None = None
    prompt: str | None = None
    response: str | None = None


class Recorder(Protocol):
    """Records an answer before it is sent; must not raise and must not wait."""

    def record(self, answered: Answered) -> None: ...
