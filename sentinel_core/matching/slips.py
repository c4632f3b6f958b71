"""Corrects slips of the keyboard in English prompts: an unknown word one slip away from one everyday word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from sentinel_core.matching.known_words import FREQUENT, LATER, is_common, is_known, listed, ranks
from sentinel_core.support.patterns import has_any

SHORTEST, LONGEST = 5, 20
"""Letters of a word that is corrected; a word of five only where two letters are swapped."""

MOST = 4
"""Words of a prompt that are corrected; more are another language, or no prose."""

_LONG = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(rf"(?<![\w@#/\\.$~<_'-])[A-Za-z]{{{SHORTEST},{LONGEST}}}(?![\w@#/\\$~<_'(-]|\.\w|://)")
_SENTENCE_START = re.compile(r"(?:\A|[.!?:\n])[\s\"'(*_-]*\Z")
_ABOUT_WORDS = re.compile(
    r"\b(?:spell|spelt|typo|misspel|letter|pronounc|rhyme|anagram|palindrome|plural|noun|verb|words?\b)|```",
    re.IGNORECASE,
)
_ABOUT = (
    "spel", "typo", "letter", "pronounc", "rhyme", "anagram", "palindrome", "plural", "noun", "verb", "word",
    "```",
)  # fmt: skip
"""Texts one of which stands in all that `_ABOUT_WORDS` finds in ASCII."""

_BRANDS = frozenset(
    ["abilify", "canva", "chanel", "fiverr", "gradle", "grindr", "reddit", "tumblr", "spotify", "zapier"]
)
_MONTHS = ["january", "february", "august", "september", "october", "november", "december"]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_CALENDAR = frozenset([*_MONTHS, *_DAYS])
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = ("aeiouy", "sc", "sz", "ck", "gj", "td", "pb", "mn", "vf")
"""Rows of neighbouring keys, and letters that are taken for each other."""

_FREQUENT = (0, 0, 0, 0, 0, 2_500, 6_000, 12_000)
"""The place by frequency up to which a word of so many letters is meant."""

_RANK = 2
"""Times as frequent as the next one that a word must be to be meant."""


def mended(text: str) -> str:
    """
    Return English text with its slips corrected; names, code, and texts about spelling stay.

    Takes time in proportion to the text, and less than half a millisecond for the words.
    """
    if (has_any(text.lower(), _ABOUT) or not text.isascii()) and _ABOUT_WORDS.search(text):
        return text
    found = [match for match in _WORD.finditer(text) if _may_be_slip(match)]
    if not found or len(found) > MOST:
        return text
    for match in reversed(found):
        right = _meant(match[0].lower())
        if right is not None:
            text = text[: match.start()] + right + text[match.end() :]
    return text


def _may_be_slip(match: re.Match[str]) -> bool:
    word = match[0]
    before = match.string[max(0, match.start() - 8) : match.start()]
    if not word.islower() and not (word.istitle() and _SENTENCE_START.search(before)) and not match.string.isupper():
        return False
    return not is_known(word.lower()) and word.lower() not in _BRANDS


@lru_cache(maxsize=4_096)
def _meant(word: str) -> str | None:
    """Return the everyday word of which this unknown one is a slip; None if there is none, or several are likely."""
    prefix = word[:2] if len(word) >= _LONG and word.startswith(("un", "re")) else ""
    rest = _nearest(word.removeprefix(prefix)) if prefix else None
    return _nearest(word) if rest is None else prefix + rest


def _nearest(word: str) -> str | None:
    swapped = {other for other in _swapped(word) if _is_meant(other)}
    found = swapped or ({other for other in _slipped(word) if _is_meant(other)} if len(word) > SHORTEST else set())
    by_rank = sorted(found, key=_rank)
    if len(by_rank) > 1 and _rank(by_rank[1]) < _RANK * _rank(by_rank[0]) + 100:
        return None
    return by_rank[0] if by_rank else None


def _is_meant(word: str) -> bool:
    """Whether the word is everyday language and no name; a short one must be frequent, as it is like many others."""
    if word in listed("names") or word in listed("capitals_only"):
        return word in _CALENDAR
    return is_common(word) and (len(word) >= len(_FREQUENT) or _rank(word) < _FREQUENT[len(word)])


def _rank(word: str) -> int:
    return ranks().get(word, FREQUENT if word in LATER else len(ranks()))


def _swapped(word: str) -> Iterator[str]:
    """Yield the words with two neighbouring letters swapped; the first letter is seldom wrong."""
    yield from (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1))


def _slipped(word: str) -> Iterator[str]:
    """Yield the words with a letter more, less or another inside, with `ph` for `f`, and with a lost silent letter."""
    for at in range(1, len(word)):
        if at < len(word) - 1 or word[at] == word[at - 1]:
            yield word[:at] + word[at + 1 :]
        yield from (word[:at] + letter + word[at:] for letter in _LETTERS if not _is_brands_way(word, at, letter))
        if at < len(word) - 1:
            letters = _LETTERS if len(word) >= _LONG else _taken_for(word[at])
            yield from (word[:at] + letter + word[at + 1 :] for letter in letters)
    yield from (silent + word for silent in "pkwgh")
    if word.endswith(word[-1]):
        yield word + word[-1]
    if "f" in word:
        yield word.replace("f", "ph", 1)


@cache
def _taken_for(letter: str) -> str:
    """Return the letters that one stands for by a slip of the finger or of the ear."""
    keys = (row[max(0, (at := row.index(letter)) - 1) : at + 2] for row in _KEYS if letter in row)
    return "".join(sorted({*"".join(keys), *"".join(group for group in _SOUNDS if letter in group)} - {letter}))


def _is_brands_way(word: str, at: int, letter: str) -> bool:
    """Whether the letter would mend the name of a product, as `flickr` and `tumblr` have."""
    return letter == "e" and at == len(word) - 1 and word[-1] == "r" and word[-2] not in "aeiou"
