"""Refuses prompts whose unfenced code differs: regular expressions, shell, slices, identifiers, placeholders."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from sentinel_core.matching.gate.reading import Difference

_TYPOGRAPHIC = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_CODE_SIGN = re.compile(
    r"[\\\[\]{}<>=|&$^~_;@(]|(?:^|\s)['\"]?-{1,2}[A-Za-z]|\w:\w|\w[*?]\.|[*?]\.?\w|%\w|\.{1,2}/|\w/(?:[\s?!,.]|\Z)"
)
"""Without one of these a prompt has no code."""

_PROSE_BEFORE = "\"'(\u00bf\u00a1\u00ab"
_PROSE_AFTER = "\"'.,;:?!\u2026\u00bb"
_NOT_CODE = re.compile(
    r"""[\d.,+*/^()=<>!%a-zA-Z]{1,2} | -      # short, or a lone sign
      | [-\d.,+*/^()=<>!%$\u20ac\u00a3]+        # a formula or a price: other rules know them
      | [A-Za-z]+[&/][A-Za-z]+                  # R&D, and/or
      | [A-Za-z]\+\+ | [A-Za-z]\# | \#\w+       # C++, C#, a tag
      | \d{1,2}:\d{2}(?:[ap]m)? | \d+:\d+       # a time, a ratio
      | \*+[^\W_]+\*+ | _+[^\W_]+_+                     # emphasis
      | \*{1,2}[^\W_]+ | [^\W_]+\*{1,2}               # the beginning and the end of emphasis
      | [\w'-]+\([\w-]{1,3}\)                   # item(s)
      | \[[\w .,'-]+\] | <[\w .,'-]+> | \{\{?[\w .,'-]+\}?\}   # placeholders: what they name is compared as words
      | </?[A-Za-z][\w-]*/?>                    # a tag of an envelope
    """,
    re.VERBOSE,
)
_DIRECTIVE = re.compile(r"(?<![\w-])no-[a-z]{3,20}\b")
_CAMEL_CASE = re.compile(r"(?<![\w.])[a-z]{2,20}(?:[A-Z][a-z0-9]{1,20}){1,6}(?!\w)")
_AND = re.compile(r"(?<=[a-z]{2} )&(?= [a-zA-Z]{2}|(?: I))")
"""The sign for "and" between two words; between letters it is an operator."""

_QUOTE_IN_JSON = '\\"'
_SHOWN = 60


def code_text(asked: str, stored: str) -> Difference | None:
    """Tokens with the signs of code must be the same to the letter, as `\\d` and `\\D`, `a[1:]` and `a[:1]`."""
    left, right = _tokens(asked), _tokens(stored)
    if left == right:
        return _other_names(asked, stored)
    return Difference(" ".join(left - right)[:_SHOWN], " ".join(right - left)[:_SHOWN])


def _other_names(asked: str, stored: str) -> Difference | None:
    """Refuse other names in camel case, and others with `no-`, where both have some: `onClick`, `no-cache`."""
    left, right = _names(asked), _names(stored)
    return Difference(min(left - right), min(right - left)) if left - right and right - left else None


def _names(text: str) -> set[str]:
    if "no-" not in text and text[1:].islower():  # most prompts
        return set()
    return {name.lower() for pattern in (_CAMEL_CASE, _DIRECTIVE) for name in pattern.findall(text)}


@lru_cache(maxsize=64)
def _tokens(text: str) -> Counter[str]:
    if not _CODE_SIGN.search(text):
        return Counter()
    words = _AND.sub("and", text).translate(_TYPOGRAPHIC).replace(_QUOTE_IN_JSON, '"').split()
    return Counter(token for token in map(_core, words) if _CODE_SIGN.search(token) and not _NOT_CODE.fullmatch(token))


def _core(word: str) -> str:
    """Drop the punctuation of the sentence around a token; quotes around `$` and `\\` belong to the code."""
    if word[:1] in "\"'" and word[-1:] == word[:1] and re.search(r"[$\\]", word):
        return word
    core = word.lstrip(_PROSE_BEFORE).rstrip(_PROSE_AFTER)
    while core.endswith(")") and core.count(")") > core.count("("):
        core = core[:-1].rstrip(_PROSE_AFTER)
    return core
