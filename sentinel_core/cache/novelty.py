"""
Recognises prompts that ask for something new each time: a random number, a password, a joke, another one.

Each rule carries examples, which are its tests. Rules read the prompt without quotations and code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from sentinel_core.cache import novelty_rules
from sentinel_core.cache.novelty_making import ELSEWHERE, HEADS, MAKING
from sentinel_core.cache.novelty_rules import QUESTIONS, TRIGGER, TRIGGER_ELSEWHERE
from sentinel_core.cache.prompt_rules import GIVEN, matching, prepared
from sentinel_core.support.patterns import lazy

LONGEST = 600
"""Characters; a longer prompt brings text to work on."""

RULES = (*novelty_rules.RULES, *MAKING)

_TRIGGER, _ELSEWHERE, _QUESTIONS, _HEADS, _MAKING_ELSEWHERE = (
    lazy(source, re.IGNORECASE) for source in (TRIGGER, TRIGGER_ELSEWHERE, QUESTIONS, HEADS, ELSEWHERE)
)
_RULES, _MAKING = prepared(novelty_rules.RULES), prepared(MAKING)


def reason(prompt: str) -> str | None:
    """Return the name of the first rule by which an answer must be a new one, or None."""
    return None if len(prompt) > LONGEST else _reason(prompt)


@lru_cache(maxsize=512)
def _reason(prompt: str) -> str | None:
    """Remember the latest: an exact hit asks about a prompt that was asked about before; to ask again takes 18 µs."""
    return next(reasons(prompt), None)


def reasons(prompt: str) -> Iterator[str]:
    """Yield the names of the rules that match."""
    if len(prompt) > LONGEST:
        return
    asked = " ".join(GIVEN.sub(" ", prompt).split())
    # The beginning is looked at first: most prompts are questions, and the words are sought at each letter.
    if _QUESTIONS.match(asked):
        return
    if _is_triggered(prompt):
        yield from matching(asked, _RULES)
    if _HEADS.match(asked) is not None or _MAKING_ELSEWHERE.search(asked) is not None:
        yield from matching(asked, _MAKING)


def _is_triggered(prompt: str) -> bool:
    return _TRIGGER.search(prompt) is not None or (not prompt.isascii() and _ELSEWHERE.search(prompt) is not None)
