"""Applies the rules on a prompt's words: its answer does not last, or must be new each time."""

from __future__ import annotations

import math
from dataclasses import replace

from sentinel_core.cache import novelty, volatility
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import BypassReason
from sentinel_core.cache.scope import prompt_of
from sentinel_core.cache.tool_calls import RESULTS, asked_text
from sentinel_core.chat.messages import ChatRequest


def _question(request: ChatRequest) -> str:
    """Return the prompt; where it is the result of a tool, the question that led to it."""
    is_result = bool(request.messages) and request.messages[-1].get("role") in RESULTS
    return asked_text(request) if is_result else prompt_of(request)


def tempered(ask: CacheRequest, rules: Rules, now: float) -> CacheRequest:
    """
    Return the request with a short lifetime where its answer does not last, and without reuse where it must be new.

    A caller who sends `max-age` permits the reuse of something new, for the same words only.
    """
    prompt = _question(ask.request)
    if rules.novelty and ask.bypass is None and novelty.reason(prompt) is not None:
        permitted = ask.controls.directives.max_age < math.inf
        ask = replace(ask, exact_only=True) if permitted else replace(ask, bypass=BypassReason.NOVELTY)
    if rules.volatile_ttl is None:
        return ask
    rule = volatility.reason(prompt, now, off=rules.volatile_off, words=rules.volatile_words)
    return ask if rule is None else replace(ask, volatile=rule, controls=ask.controls.within(rules.volatile_ttl))
