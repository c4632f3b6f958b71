"""
Recognises prompts whose answers depend on who asks, by rules on their words.

"What is my balance?" has another answer for each end user; "How do I reset my password?" has one for all.
Each rule carries examples, which are its tests. Rules read sentences, without quotations and code. What no list of
rules foresees is weighed by its wording (wording.py), which counts as one rule more.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain, islice

from sentinel_core.cache import personal_at_hand, personal_languages, personal_rules, wording
from sentinel_core.cache.prompt_rules import ASKS, GIVEN, WORK, matching, prepared, sentences
from sentinel_core.chat.messages import ChatRequest, Json, text_of
from sentinel_core.support.patterns import lazy

TOOLS = "tools"
"""Reason of a request that lets the model call tools: their results depend on the caller's session."""

_READ = 1_500
"""Characters read at each end of a prompt, where people ask."""

READ_ON_LOOP = 1_000
"""Characters of all turns that are read on the event loop: the worst take 8 to 15 ms."""

_MOST_SENTENCES = 64
_TURNS = 8

RULES = (*personal_rules.RULES, *personal_languages.RULES, *personal_at_hand.RULES)
NAMES = frozenset({*(rule.name for rule in RULES), wording.NAME, TOOLS})
"""Names of the rules that can be switched off."""

_LONG = 600
"""Characters; of a longer prompt only the first and the last sentence are weighed, for the rest is what it works on."""

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
    return reason_among([reasons(text) for text in turns(request)], off=off)


def reason_among(found: Sequence[Sequence[str]], *, off: Collection[str] = ()) -> str | None:
    """Return the reason of a request without tools from the `reasons` of its `turns`."""
    ruled = (name for names in found for name in names if name not in off and name != wording.NAME)
    # A prompt that a rule knows is shared where that rule is off, however it is worded.
    worded = (name for names in found if not set(names) & set(off) for name in names)
    return next(chain(ruled, worded), None)


def is_long(request: ChatRequest) -> bool:
    """Whether reading the turns that count takes too long for the event loop."""
    return sum(min(len(text), 2 * _READ) for text in turns(request)) > READ_ON_LOOP


def reasons(prompt: str) -> Sequence[str]:
    """Return the names of the rules that match a prompt, sentence by sentence."""
    return _reasons(prompt if len(prompt) <= 2 * _READ else f"{prompt[:_READ]}\n{prompt[-_READ:]}")


def turns(request: ChatRequest) -> Sequence[str]:
    """Return the texts of the user's turns that count, the last one first."""
    said = [message for message in request.messages[-2 * _TURNS :] if message.get("role") == "user"]
    return [text_of(turn.get("content")) for turn in reversed(said[-_TURNS:])]


@lru_cache(1_024)
def _reasons(text: str) -> Sequence[str]:
    rules = [rule for trigger, group in _GROUPS if trigger.search(text) is not None for rule in group]
    asked = GIVEN.sub(" ", text)
    read = list(islice(sentences(asked), _MOST_SENTENCES))
    named = [name for sentence in read for name in matching(sentence, rules)] if rules else []
    return (*named, wording.NAME) if _is_worded_personally(asked, read) else tuple(named)


def _is_worded_personally(asked: str, read: Sequence[str]) -> bool:
    said = [sentence for sentence in read if sentence]
    if not said or WORK.match(asked):
        return False
    questions = [sentence for sentence in said if sentence.endswith(ASKS)]
    weighed = [said[0], said[-1]] if len(asked) > _LONG else questions or said[-1:]
    return any(wording.is_worded(wording.PERSONAL, sentence) for sentence in weighed)


def has_free_tools(request: ChatRequest) -> bool:
    """Whether the model may choose to call a tool; a forced function is judged by its prompt."""
    choice = request.params.get("tool_choice", request.params.get("function_call"))
    offered = request.params.get("tools") or request.params.get("functions")
    return bool(offered) and choice != "none" and not _names_a_function(choice)


def _names_a_function(choice: Json) -> bool:
    return isinstance(choice, dict) and ("function" in choice or "name" in choice)
