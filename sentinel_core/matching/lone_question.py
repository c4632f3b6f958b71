"""The question of a prompt without what stands around it in mails, in markup and for courtesy."""

from __future__ import annotations

from functools import lru_cache

from sentinel_core.matching import courtesy, mail, markup
from sentinel_core.matching.courtesy import without_courtesy
from sentinel_core.matching.mail import without_mail
from sentinel_core.matching.markup import without_markup
from sentinel_core.matching.mood import without_mood

LONGEST = max(courtesy.LONGEST, mail.LONGEST, markup.LONGEST)
"""Characters of a prompt that anything is looked for around."""


def lone_question(prompt: str) -> str:
    """Return the question alone; it is folded for its vector and compared as text, so a short one is read once."""
    return _lone_question(prompt) if len(prompt) <= LONGEST else prompt


@lru_cache(maxsize=256)
def _lone_question(prompt: str) -> str:
    return without_courtesy(without_mail(without_markup(without_mood(prompt))))
