"""Which answers are kept for the next caller."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum

from sentinel_core.cache import soundness, tool_calls
from sentinel_core.cache.directives import Directives
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.chat.messages import ChatRequest, Completion
from sentinel_core.chat.surfaces import finish


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
