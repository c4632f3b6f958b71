"""Refuses prompts whose formulas, pictures or special characters differ."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.gate.reading import Difference

_TAG = re.compile(r"</?[a-z!][^<>\n]{0,200}>")
_OPERAND = r"(?:(?<=\d)|(?<=(?<![^\W_])[a-z])|(?<=[)\]]))"
_SIGN = re.compile(
    rf"""
      <-+>? | -+> | =+> | [<>]=? | [=!]?=+ | \|\|? | &&
    | {_OPERAND}\s*([-+*/^%])\s*(?=[-+]?\d|[a-z](?![^\W_])|[(\[])       # between two operands
    | (?<![\w)\]])-(?=\d)                                               # minus before a number
    | (?<=\d)!(?=\s*(?:[-+*/^)=?]))
    | ~(?=\d)
    """,
    re.VERBOSE,
)
_BRACKETS = re.compile(r"[\[\](){}]")
_PROSE_BRACKETS = re.compile(r"\((?=[^()]*[^\W\d_]{2})[^()]{1,300}\)")
_PLAIN_SIGNS = frozenset("+<=>|~")
_FACTORIAL = re.compile(r"\d!\s{0,3}\?")
_HARMLESS = frozenset("\u2122\u00ae\u00a9\u00b0")
_SHOWN = 40


def signs(asked: str, stored: str) -> Difference | None:
    """Operators, comparisons and brackets of formulas must stand in the same order, whatever their spelling."""
    one, other = comparable(asked), comparable(stored)
    left, right = _signs(one) + _factorials(asked), _signs(other) + _factorials(stored)
    if left != right:
        return Difference(" ".join(left)[:_SHOWN], " ".join(right)[:_SHOWN])
    return _other_brackets(one, other)


def _factorials(text: str) -> list[str]:
    """Return the factorials that end a question: folding takes its closing signs away."""
    return _FACTORIAL.findall(text[-_SHOWN:])


def _other_brackets(asked: str, stored: str) -> Difference | None:
    """Refuse the same text with brackets in other places, or of another kind, where both have some."""
    left, right = _BRACKETS.findall(asked), _BRACKETS.findall(stored)
    if not left or not right or asked == stored or _BRACKETS.sub("", asked) != _BRACKETS.sub("", stored):
        return None
    return Difference(" ".join(left)[:_SHOWN], " ".join(right)[:_SHOWN])


def pictures(asked: str, stored: str) -> Difference | None:
    """Emoji must be as many, in the same order."""
    left, right = _pictures(asked), _pictures(stored)
    return None if left == right else Difference(left[:_SHOWN], right[:_SHOWN])


def lookalikes(asked: str, stored: str) -> Difference | None:
    """Characters that are another character in special form, as ℝ and R or ① and 1, must be the same."""
    left, right = _special(asked), _special(stored)
    return None if left == right else Difference(left[:_SHOWN], right[:_SHOWN])


@lru_cache(maxsize=64)
def _signs(text: str) -> list[str]:
    text = _TAG.sub(" ", text)
    found = [(match.start(), (match[1] or match[0]).strip()) for match in _SIGN.finditer(text)]
    if not text.isascii():
        found += [(place, sign) for place, sign in enumerate(text) if _is_mathematical(sign)]
    if found:
        formula = _PROSE_BRACKETS.sub(lambda match: " " * len(match[0]), text)
        found += [(match.start(), match[0]) for match in _BRACKETS.finditer(formula)]
    return [sign for _, sign in sorted(found)]


def _is_mathematical(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign) == "Sm"


def _pictures(text: str) -> str:
    if text.isascii():
        return ""
    return "".join(sign for sign in text if sign not in _HARMLESS and _is_picture(sign))


def _is_picture(sign: str) -> bool:
    return unicodedata.category(sign) == "So" or "\U0001f3fb" <= sign <= "\U0001f3ff"


def _special(text: str) -> str:
    if text.isascii():
        return ""
    alone = (word for word in map(_bare, text.split()) if len(word) == 1 and not word.isascii())
    return "".join(
        [*filter(_is_special, text), *(word for word in alone if unicodedata.normalize("NFKC", word) != word)]
    )


def _bare(word: str) -> str:
    return word.strip("\"'.,:;?!()\u00bf\u00a1\u201c\u201d\u2018\u2019")


def _is_special(sign: str) -> bool:
    """Circled and bracketed characters, mathematical letters, letters above or below the line; no widths or units."""
    if sign.isascii() or not (
        "\u02b0" <= sign <= "\u02b8" or "\u2100" <= sign <= "\u2138" or "\u2460" <= sign <= "\u24ff"
        or "\u2090" <= sign <= "\u209c" or sign == "\u017f" or "\u1d2c" <= sign <= "\u1d6a"
        or "\U0001d400" <= sign <= "\U0001d7ff"
    ):  # fmt: skip
        return False
    return sign not in _SAME_UNIT and unicodedata.normalize("NFKC", sign) != sign


_SAME_UNIT = frozenset("\u2103\u2109\u2126\u212a\u212b\u2122\u2116")
