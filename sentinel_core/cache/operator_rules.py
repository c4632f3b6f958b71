"""The operator's side of every decision about reuse and storing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from sentinel_core.cache.chat_scope import FULL
from sentinel_core.cache.directives import Controls

NO_JUDGE = "off"
"""The `judge` of a rule that wants none: none is asked, and no pair is served because one called it the same."""

Mode: TypeAlias = Literal["semantic", "exact", "shadow", "off"]
"""Which stored answers may be served: equal prompts' and similar ones', equal ones' only, none but counted, none."""


@dataclass(frozen=True, slots=True)
class Rules:
    """
    The operator's side of every decision; `ttl` and `stale` (the grace after it) in seconds.

    `volatile_ttl` is the ttl of answers that do not last: 0 keeps none of them, None treats them as all others.
    Rules of volatility in `volatile_off` do not count, and `volatile_words` add words to them.
    `max_wrong` is the gate's, None for its own.
    `max_answer_bytes` is the most text of a stream that is collected in order to store it.
    `chat_scope` says how much of a conversation is compared (cache/chat_scope.py).
    `tool_ttls` are the longest lifetimes of answers that rest on a function, by its name.
    `novelty` is whether prompts that ask for something new go to the provider each time.
    `judge` is a policy's, as provider/model, or `off`; `audit_share` the share of semantic hits that are audited;
    None is the setting's.
    """

    threshold: float
    ttl: float
    stale: float
    max_temperature: float
    volatile_ttl: float | None = None
    volatile_off: frozenset[str] = frozenset()
    volatile_words: tuple[str, ...] = ()
    novelty: bool = True
    store_tool_calls: bool = False
    store_personal_data: bool = True
    max_answer_bytes: int = 8_388_608
    mode: Mode = "semantic"
    chat_scope: int = FULL
    max_wrong: float | None = None
    tool_ttls: tuple[tuple[str, float], ...] = ()
    judge: str | None = None
    audit_share: float | None = None


def threshold(controls: Controls, rules: Rules) -> float:
    """Return the threshold: a caller may be stricter than the operator, never looser."""
    return rules.threshold if controls.threshold is None else max(controls.threshold, rules.threshold)
