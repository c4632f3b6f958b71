"""How much of a conversation before the last turn belongs to the scope."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sentinel_core.cache.standalone import stands_alone
from sentinel_core.chat.messages import ChatRequest, Message, text_of

FULL = 1_000_000
"""All earlier messages; the strictest."""
STANDALONE = -1
"""None where the last turn stands alone, else all."""
MOST = 10_000
PATTERN = r"full|standalone|last:[0-9]{1,4}"
_PATTERN = re.compile(PATTERN)
_ALWAYS = frozenset({"system", "developer"})


def parse(text: str) -> int:
    """Read `full`, `last:N` or `standalone`; raises ValueError for anything else."""
    if not _PATTERN.fullmatch(text):
        raise ValueError("must be full, last:N or standalone")
    return {"full": FULL, "standalone": STANDALONE}.get(text) or int(text.removeprefix("last:"))


def stricter(rules: int, caller: int | None) -> int:
    """Return the operator's scope, or the caller's if that keeps more."""
    return rules if caller is None else max(rules, caller)


def compared(request: ChatRequest, scope: int, counted: Sequence[Message] | None = None) -> ChatRequest:
    """
    Return the request as it is compared; the provider is sent all of it.

    System messages always count. A cut never parts the result of a tool from its call: then all counts. `counted`
    are the messages as they count, one for each; whether the last turn stands alone is judged by the request's own.
    """
    messages = request.messages if counted is None else counted
    kept = None if scope >= FULL or len(messages) < 2 else _kept(request, scope)
    if kept is not None:
        return replace(request, messages=(*(messages[place] for place in kept), messages[-1]))
    return request if counted is None else replace(request, messages=tuple(counted))


def _kept(request: ChatRequest, scope: int) -> list[int] | None:
    """Return the places of the earlier messages that count, None for all."""
    earlier, last = request.messages[:-1], request.messages[-1]
    if last.get("role") != "user":
        return None
    if scope == STANDALONE:
        said = [text_of(message.get("content")) for message in earlier if message.get("role") == "user"]
        if not stands_alone(text_of(last.get("content")), said):
            return None
        return [place for place, message in enumerate(earlier) if message.get("role") in _ALWAYS]
    turns = [place for place, message in enumerate(earlier) if message.get("role") not in _ALWAYS]
    first = turns[-scope] if 0 < scope <= len(turns) else (len(earlier) if scope == 0 else 0)
    if first < len(earlier) and earlier[first].get("role") in ("tool", "function"):
        return None
    return [place for place, m in enumerate(earlier) if place >= first or m.get("role") in _ALWAYS]
