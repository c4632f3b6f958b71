"""Every decision about reuse and storing, as plain functions of values and `now`."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from sentinel_core.cache import soundness, tool_calls
from sentinel_core.cache.chat_scope import FULL
from sentinel_core.cache.directives import Controls, Directives
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.outcome import BypassReason
from sentinel_core.cache.scope import prompt_of
from sentinel_core.chat.messages import ChatRequest, Completion, Json
from sentinel_core.chat.surfaces import finish

Mode: TypeAlias = Literal["semantic", "exact", "shadow", "off"]
"""Which stored answers may be served: equal prompts' and similar ones', equal ones' only, none but counted, none."""

DEFAULT_TEMPERATURE = 1.0
"""Of most models; compared with the operator's limit if the caller gives none."""


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


class Unstorable(StrEnum):
    """Why an answer is not kept; each is a log field and a counter of its own."""

    NO_STORE = "no-store"
    BYPASSED = "bypassed"
    STORE_UNAVAILABLE = "store-unavailable"
    STORE_SLOW = "store-slow"
    TRUNCATED = "truncated"
    FILTERED = "filtered"
    REFUSED = "refused"
    EMPTY = "empty"
    NOT_FINISHED = "not-finished"
    TOOL_CALLS = "tool-calls"
    VOLATILE = "volatile"
    PERSONAL_DATA = "personal-data"
    TOO_LARGE = "too-large"
    FORMAT = "format"
    TOOL_CALL_TEXT = "tool-call-text"
    REFERS_BACK = "refers-back"
    ERROR_TEXT = "error-text"
    SHADOW = "shadow"


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


def threshold(controls: Controls, rules: Rules) -> float:
    """Return the threshold: a caller may be stricter than the operator, never looser."""
    return rules.threshold if controls.threshold is None else max(controls.threshold, rules.threshold)


def is_fresh(entry: Entry, directives: Directives, now: float) -> bool:
    """RFC 9111 section 4.2: fresh while the lifetime exceeds the age, so an entry exactly `ttl` old is not."""
    return entry.age(now) < min(entry.ttl, directives.max_age)


def may_serve_stale(entry: Entry, directives: Directives, rules: Rules, now: float) -> bool:
    """
    Whether this entry may answer because the provider failed (RFC 5861 section 4).

    The caller's `stale-if-error` decides up to the operator's grace, after which entries are gone; it counts
    from where the entry stopped being fresh for this caller, whose `max-age` may be less than the ttl.
    A caller who limits the age without saying so gets no stale answer.
    """
    asked = directives.stale_if_error
    if asked is None and (directives.no_cache or directives.max_age < math.inf):
        return False
    allowed = rules.stale if asked is None else min(asked, rules.stale)
    return entry.age(now) < min(entry.ttl, directives.max_age) + allowed


def may_revalidate(entry: Entry, directives: Directives, rules: Rules, now: float) -> bool:
    """
    Whether this entry may answer at once, to be replaced behind the caller's back (RFC 5861 section 3).

    Only for callers who say so, and up to the operator's grace.
    """
    asked = directives.stale_while_revalidate
    if asked is None:
        return False
    return entry.age(now) < min(entry.ttl, directives.max_age) + min(asked, rules.stale)


def time_to_live(controls: Controls, rules: Rules, tools: Collection[str] = ()) -> float:
    """
    Return the lifetime in seconds of an answer that rests on these tools: the shortest of all that are named.

    A caller may ask for less than the operator's lifetime, never for more.
    """
    by_tool = [seconds for name, seconds in (*rules.tool_ttls, *controls.tool_ttls) if name in tools]
    return min([rules.ttl, *by_tool, *([] if controls.ttl is None else [controls.ttl])])


def is_in_time(waited: float, made: int, more: int, patience: float) -> bool:
    """
    Whether `more` round trips to the store end before a request has waited for it for `patience` seconds in all.

    Judged by the `made` it has `waited` for: a store that is slow now is slow a moment later.
    """
    return waited * (made + more) <= patience * made


_LONGEST_REFUSAL = 300
_REFUSAL = re.compile(
    r"(?:(?:i am|i'm|i’m) (?:very |so |really )?sorry|sorry|i apologi[sz]e|unfortunately|as an ai[^.,]{0,40})?"
    r"[,.;:]? *(?:but )?"
    r"i(?: cannot| can't| can’t| can not| won't| won’t|(?: am|'m|’m) (?:unable|not able) to)"
    r" (?:help|assist|comply|fulfil|provide|do that|support|share|create|generate|write|discuss|engage|continue"
    r"|participate|give|answer)",
    re.IGNORECASE,
)


def unstorable(
    completion: Completion,
    request: ChatRequest,
    directives: Directives,
    rules: Rules,
    read_only: Collection[str] = (),
) -> Unstorable | None:
    """Say why this answer must not be kept for the next caller, or None if it may."""
    if directives.no_store:
        return Unstorable.NO_STORE
    if completion.is_partial:
        return Unstorable.TOO_LARGE
    unfinished = _unfinished(completion.finish_reason.casefold())
    if unfinished is not None:
        return unfinished
    if is_refusal(completion):
        return Unstorable.REFUSED
    if completion.message.get("tool_calls") or completion.message.get("function_call"):
        if not tool_calls.may_repeat(completion, request, read_only=read_only, free=rules.store_tool_calls):
            return Unstorable.TOOL_CALLS
        return None if tool_calls.are_sound(completion, request) else Unstorable.FORMAT
    return _unsound(completion, request)


def _unfinished(reason: str) -> Unstorable | None:
    if reason in finish.STOP or reason in finish.CALLED:
        return None
    if reason in finish.CUT:
        return Unstorable.TRUNCATED
    return Unstorable.FILTERED if reason in finish.FILTERED else Unstorable.NOT_FINISHED


def _unsound(completion: Completion, request: ChatRequest) -> Unstorable | None:
    text = soundness.without_thoughts(completion.text)
    if text is None:
        return Unstorable.NOT_FINISHED
    if not text.strip():
        return Unstorable.EMPTY
    if soundness.calls_a_tool_in_text(completion, request):
        return Unstorable.TOOL_CALL_TEXT
    if soundness.is_error_text(text):
        return Unstorable.ERROR_TEXT
    return Unstorable.FORMAT if soundness.breaks_format(completion.text, request) else None


def is_refusal(completion: Completion) -> bool:
    """
    Whether the model declined to answer: by the field made for it, or in so many words.

    Words count only where a short answer begins with them, for they may be a story's, or a caveat's.
    """
    text = completion.text.strip()
    told = len(text) <= _LONGEST_REFUSAL and _REFUSAL.match(text) is not None
    return told or bool(completion.message.get("refusal"))
