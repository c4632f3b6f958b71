"""
Recognises prompts whose answers depend on who asks, by rules on their words.

"What is my balance?" has another answer for each end user; "How do I reset my password?" has one for all.
Each rule carries examples, which are its tests. Rules read sentences, without quotations and code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import islice

from sentinel_core.cache import personal_at_hand, personal_languages, personal_rules
from sentinel_core.cache.prompt_rules import GIVEN, matching, prepared
from sentinel_core.chat.messages import ChatRequest, Json, text_of
from sentinel_core.support.patterns import lazy

TOOLS = "tools"
"""Reason of a request that lets the model call tools: their results depend on the caller's session."""

_READ = 1_500
"""Characters read at each end of a prompt, where people ask."""

_MOST_SENTENCES = 64
_TURNS = 8

RULES = (*personal_rules.RULES, *personal_languages.RULES, *personal_at_hand.RULES)
NAMES = frozenset({*(rule.name for rule in RULES), TOOLS})
"""Names of the rules that can be switched off."""

_SENTENCE = re.compile(r"[^.?!\n;]{1,400}[.?!;]?")
_BLANKS = re.compile(r"\s+")
_GROUPS = [
    (lazy(each.TRIGGER, re.IGNORECASE), prepared(each.RULES))
    for each in (personal_rules, personal_languages, personal_at_hand)
]
"""A pattern without which no rule of the group matches, and the rules."""


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


def reasons(prompt: str) -> Sequence[str]:
    """Return the names of the rules that match a prompt, sentence by sentence."""
    return _reasons(prompt if len(prompt) <= 2 * _READ else f"{prompt[:_READ]}\n{prompt[-_READ:]}")


@lru_cache(1_024)
def _reasons(text: str) -> Sequence[str]:
    rules = [rule for trigger, group in _GROUPS if trigger.search(text) is not None for rule in group]
    if not rules:
        return ()
    sentences = islice(_SENTENCE.finditer(GIVEN.sub(" ", text)), _MOST_SENTENCES)
    return tuple(name for found in sentences for name in matching(_BLANKS.sub(" ", found[0]).strip(), rules))


def has_free_tools(request: ChatRequest) -> bool:
    """Whether the model may choose to call a tool; a forced function is judged by its prompt."""
    choice = request.params.get("tool_choice", request.params.get("function_call"))
    offered = request.params.get("tools") or request.params.get("functions")
    return bool(offered) and choice != "none" and not _names_a_function(choice)


def _names_a_function(choice: Json) -> bool:
    return isinstance(choice, dict) and ("function" in choice or "name" in choice)
