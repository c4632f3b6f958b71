"""
Recognises prompts whose answers depend on who asks, by rules on their words.

"What is my balance?" has another answer for each end user; "How do I reset my password?" has one for all.
Each rule carries examples, which are its tests. Rules read sentences, without quotations and code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from sentinel_core.cache.personal_rules import RULES, TRIGGER
from sentinel_core.cache.prompt_rules import GIVEN, matching, prepared
from sentinel_core.chat.messages import ChatRequest, Json, text_of
from sentinel_core.support.patterns import lazy

TOOLS = "tools"
"""Reason of a request that lets the model call tools: their results depend on the caller's session."""

_READ = 1_500
"""Characters read at each end of a prompt, where people ask."""

_MOST_SENTENCES = 64
_TURNS = 8

NAMES = frozenset({*(rule.name for rule in RULES), TOOLS})
"""Names of the rules that can be switched off."""

_SENTENCE = re.compile(r"[^.?!\n;]{1,400}[.?!;]?")
_BLANKS = re.compile(r"\s+")
_TRIGGER = lazy(TRIGGER, re.IGNORECASE)
_RULES = prepared(RULES)


def reason(request: ChatRequest, *, off: Collection[str] = ()) -> str | None:
    """
    Return the name of the first rule by which the answer belongs to the user who asks; None if it is anyone's.

    The last eight user turns count, because "And last month?" is as personal as the question before it.
    Rules named in `off` do not count.
    """
    if TOOLS not in off and has_free_tools(request):
        return TOOLS
    turns = [message for message in request.messages[-2 * _TURNS :] if message.get("role") == "user"][-_TURNS:]
    found = (name for turn in reversed(turns) for name in reasons(text_of(turn.get("content"))))
    return next((name for name in found if name not in off), None)


def reasons(prompt: str) -> Iterator[str]:
    """Yield the names of the rules that match a prompt, sentence by sentence."""
    ends = prompt if len(prompt) <= 2 * _READ else f"{prompt[:_READ]}\n{prompt[-_READ:]}"
    if _TRIGGER.search(ends) is None:
        return
    for position, found in enumerate(_SENTENCE.finditer(GIVEN.sub(" ", ends))):
        if position == _MOST_SENTENCES:
            return
        yield from matching(_BLANKS.sub(" ", found[0]).strip(), _RULES)


def has_free_tools(request: ChatRequest) -> bool:
    """Whether the model may choose to call a tool; a forced function is judged by its prompt."""
    choice = request.params.get("tool_choice", request.params.get("function_call"))
    offered = request.params.get("tools") or request.params.get("functions")
    return bool(offered) and choice != "none" and not _names_a_function(choice)


def _names_a_function(choice: Json) -> bool:
    return isinstance(choice, dict) and ("function" in choice or "name" in choice)
