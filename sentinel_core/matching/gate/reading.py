"""What the rules look at in one prompt: its words, numbers and quotations, read once."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache, wraps
from typing import Any, TypeVar

from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.phrases import in_one_word

LONGEST = 4_000
"""Characters of a prompt that are read; two longer prompts are one only when they are identical."""

MOST_WORDS = 512
"""Words of a prompt that are read; the embedder reads no more tokens."""

_SHORT = 600  # characters

STORY = 24
"""Tokens from which a prompt tells a story: a number said twice is two numbers, small words decide nothing."""

T = TypeVar("T")

_TOKEN = re.compile(r"[^\W_]+(?:[.:'/+-][^\W_]+)*[+#]{0,2}|[$€£¥₹]")
_WHOLE_HYPHENS = re.compile(r"(?:self|non|off|full|part|on|pre|co|anti|vice|first|post)-\w+|\d.*|\w-\w+|\w+-\w")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """
    One prompt. `tokens` are in order and lower case; `content` is without function words, as base forms.

    `facts` are what was found in it so far. Each is itself and no other: comparing all words costs more than a rule.
    """

    raw: str
    text: str
    tokens: tuple[str, ...]
    content: tuple[str, ...]
    surfaces: tuple[str, ...]
    vocabulary: frozenset[str]
    facts: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False)

    @property
    def is_whole(self) -> bool:
        """Whether the prompt was read to its end."""
        return len(self.raw) < LONGEST and len(self.text) <= LONGEST and len(self.tokens) <= MOST_WORDS

    @property
    def is_story(self) -> bool:
        return len(self.tokens) >= STORY


def fact(find: Callable[[Reading], T]) -> Callable[[Reading], T]:
    """Find it once in a prompt, for several rules ask, and a prompt is compared with several others."""

    @wraps(find)
    def found(reading: Reading) -> T:
        facts = reading.facts
        try:
            known: T = facts[find]  # seventy times for each pair
        except KeyError:
            known = facts[find] = find(reading)
        return known

    return found


def by_group(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    """Return the words that each named group of a pattern finds, the last of them, by the group's name."""
    return {match.lastgroup: match[0] for match in pattern.finditer(text) if match.lastgroup}


@fact
def content_words(reading: Reading) -> frozenset[str]:
    """Return the base forms of the words that carry meaning."""
    return frozenset(reading.content)


@lru_cache(maxsize=16)
def content_apart(asked: Reading, stored: Reading) -> frozenset[str]:
    """Return the base forms of the words that carry meaning and that only one of two prompts has: many rules ask."""
    return content_words(asked) ^ content_words(stored)


@dataclass(frozen=True, slots=True)
class Difference:
    """The two spans that differ; an empty span where one prompt has nothing to set against the other."""

    asked: str
    stored: str


Rule = Callable[[Reading, Reading], Difference | None]


def word_set(listed: str) -> frozenset[str]:
    """Words separated by blanks."""
    return frozenset(listed.split())


@cache
def function_words() -> frozenset[str]:
    return frozenset(lexicon.lines("function_words.txt"))


def is_content(token: str) -> bool:
    return token not in function_words() and token[0].isalpha()


def read(prompt: str) -> Reading:
    """Read a prompt; the latest ones are remembered, of long ones fewer, because their readings take 60 KB each."""
    return (_read_short if len(prompt) <= _SHORT else _read_long)(prompt)


def forget() -> None:
    """Forget the readings of all prompts."""
    _read_short.cache_clear()
    _read_long.cache_clear()


@lru_cache(maxsize=512)
def _read_short(prompt: str) -> Reading:
    return _read(prompt)


@lru_cache(maxsize=64)
def _read_long(prompt: str) -> Reading:
    return _read(prompt)


def _read(prompt: str) -> Reading:
    raw = prompt[:LONGEST]
    text = comparable(raw)
    tokens = in_one_word(tuple(part for token in _TOKEN.findall(text) for part in _parts(token))[: MOST_WORDS + 1])
    surfaces = tuple(filter(is_content, tokens))
    content = tuple(lexicon.base(token) for token in surfaces)
    return Reading(raw, text, tokens, content, surfaces, frozenset(tokens))


def _parts(token: str) -> list[str]:
    token = token.removesuffix("'s").removesuffix("s'") if token.endswith("'s") else token
    if "-" in token and not _WHOLE_HYPHENS.fullmatch(token):
        return [part for part in token.split("-") if part]
    if "/" in token and token.replace("/", "").isalpha():
        return [part for part in token.split("/") if part]
    return [token]


def sets_differ(asked: frozenset[str], stored: frozenset[str]) -> Difference | None:
    """Return the difference of two sets of values, spans in alphabetical order."""
    if asked == stored:
        return None
    return Difference(" ".join(sorted(asked - stored)), " ".join(sorted(stored - asked)))
