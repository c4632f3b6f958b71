"""Which requests are answered past the cache, and which prompts have a meaning to compare."""

from __future__ import annotations

from collections.abc import Mapping

from sentinel_core.cache import tool_calls
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import BypassReason
from sentinel_core.cache.scope import prompt_of
from sentinel_core.chat.messages import ChatRequest, Json

DEFAULT_TEMPERATURE = 1.0
"""Of most models; compared with the operator's limit if the caller gives none."""


_TURNS = frozenset({"user"}) | tool_calls.RESULTS
"""Roles of a last message that is answered."""


def bypass_reason(request: ChatRequest, rules: Rules) -> BypassReason | None:
    """Say why this request's answer must not be shared, or None if it may."""
    if not request.messages or request.messages[-1].get("role") not in _TURNS:
        return BypassReason.NOT_A_USER_TURN
    if _number(request.params, "n", 1) > 1:
        return BypassReason.SEVERAL_CHOICES
    if request.params.get("logprobs"):
        return BypassReason.LOGPROBS
    if _number(request.params, "temperature", DEFAULT_TEMPERATURE) > rules.max_temperature:
        return BypassReason.TEMPERATURE
    return None


def _number(params: Mapping[str, Json], name: str, default: float) -> float:
    value = params.get(name)
    return float(value) if isinstance(value, int | float) else default


def is_comparable(request: ChatRequest) -> bool:
    """Whether the last message is a user's, and all text with something in it: only that has a meaning to compare."""
    if request.messages[-1].get("role") != "user":
        return False
    content = request.messages[-1].get("content")
    plain = isinstance(content, str) or (
        isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content)
    )
    return plain and bool(prompt_of(request).strip())
