"""Letters without the signs above, below and through them."""

from __future__ import annotations

import unicodedata

_CUT_OFF = str.maketrans({"ł": "l", "ı": "i", "đ": "d"})
"""Letters that Unicode does not part into a letter and its accent."""


def without_accents(word: str) -> str:
    """Return the letters of a lower-case word without the signs above, below and through them."""
    if word.isascii():
        return word
    parted = unicodedata.normalize("NFD", word.translate(_CUT_OFF))
    return "".join(sign for sign in parted if not unicodedata.combining(sign))


def puts_none(text: str) -> bool:
    """Whether no letter of a text has an accent."""
    return text.isascii() or without_accents(lower := text.lower()) == unicodedata.normalize("NFD", lower)
