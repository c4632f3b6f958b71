"""Initialisms and the words they stand for: `VPN` in one prompt, `virtual private network` in the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

_INITIALISM = re.compile(r"(?<![\w.'/-])[A-Z]{3,6}(?![\w'/-])")
_WORD = re.compile(r"[^\W\d_]+")
_JOINING = frozenset({"of", "and", "the", "for", "de", "la", "du", "des", "der", "die", "und", "van", "y", "e", "et"})
"""Words between the others that an initialism may leave out."""

MOST = 4
"""Initialisms of a prompt that are looked for."""

LONGEST = 600
"""Characters of a text that is searched for the words."""


def shortened(text: str, other_text: str) -> str:
    """Return `text` with the words that an initialism of `other_text` stands for replaced by it."""
    if len(text) > LONGEST:
        return text
    for initialism in list(dict.fromkeys(_INITIALISM.findall(other_text)))[:MOST]:
        if not re.search(rf"(?<!\w){initialism}(?!\w)", text):
            text = _shortened(text, initialism, other_text)
    return text


def _shortened(text: str, initialism: str, other_text: str) -> str:
    words = list(_WORD.finditer(text))
    for start in range(len(words)):
        end = _end_of_words([word[0].lower() for word in words[start:]], initialism.lower())
        if end and words[start][0].lower() not in other_text.lower().split():
            return text[: words[start].start()] + initialism + text[words[start + end - 1].end() :]
    return text


def _end_of_words(words: Sequence[str], letters: str) -> int:
    """Return how many words stand for all letters, from the first word on; 0 if they do not."""
    at = 0
    for count, word in enumerate(words[: 2 * len(letters)], 1):
        if word[0] == letters[at] and len(word) > 1:
            at += 1
        elif word not in _JOINING or at == 0:
            return 0
        if at == len(letters):
            return count
    return 0
