"""The words of a prompt in another language, without a beginning that its author corrects."""

from __future__ import annotations

import re
from functools import lru_cache

from sentinel_core.support.patterns import lazy
from sentinel_core.support.unicode_text import normalised

_TOKEN = lazy(r"[^\W_]+|[^\w\s.,;:!?\u00bf\u00a1\"'()\u2026\u060c\u061b\u061f\u2013\u2014$-]")
_TURKISH = lazy(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s.,;:!?\"'()\u2026\u2013\u2014$-]")
_TURKISH_LETTERS = frozenset("\u0131\u015f\u011f")
_CORRECTED = lazy(
    r"^\W*(\w+)\b[^?]{1,40}?[,;\u2026\u2013-]+ ?(?:äh+m?|nein|ach nein|quatsch|ich meine|sorry|entschuldigung|pardon"
    r"|non|euh|enfin|je veux dire|perdón|no|o sea|digo|quiero decir|scusa|scusi|anzi|cioè|volevo dire|voglio dire"
    r"|desculpe|não|quer dizer|ou melhor|aliás|eh|nee|ik bedoel|nie|przepraszam|to znaczy|znaczy|нет|то есть|точнее"
    r"|вернее|ой)[,.;\u2026\u2013 ]+\W?(?=\1\b)"
)
"""A beginning that its author corrects, with the same question word: `wie koche, äh, wie backe ich`."""

_ARABIC = lazy("[\u0600-\u06ff]")
_UNIFIED = str.maketrans(
    "\u0623\u0625\u0622\u0649\u0629",
    "\u0627\u0627\u0627\u064a\u0647",
    "\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652",
)
"""Arabic letters with several spellings, and the signs of short vowels, which most texts leave out."""


def pattern_of(text: str) -> re.Pattern[str]:
    """Return the pattern of the words of a text; in Turkish an apostrophe stands inside a word."""
    return _TOKEN if text.isascii() or _TURKISH_LETTERS.isdisjoint(text) else _TURKISH


@lru_cache(maxsize=256)
def tokens_of(text: str) -> tuple[str, ...]:
    """Return the words and signs of a text in lower case, without its punctuation."""
    if text.isascii():
        return tuple(_TOKEN.findall(without_correction(text.lower())))
    lower = text.replace("\u0130", "i").lower()  # two letters in lower case
    plain = without_correction(normalised("NFKC", lower).replace("\u2019", "'"))
    if _ARABIC.search(plain):
        plain = plain.translate(_UNIFIED)
    return tuple(pattern_of(plain).findall(plain))


def without_correction(text: str) -> str:
    """Return a text without a beginning that its author corrects; one with no sign before the correction has none."""
    if "," in text or ";" in text or "-" in text or not text.isascii():
        return _CORRECTED.sub("", text, count=1)
    return text
