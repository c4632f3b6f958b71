"""The phrases of each language: question words, modal verbs, courtesies, prepositions, endings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import product

from sentinel_core.matching.plain_letters import without_accents

ENGLISH = "en"

UNSAID, PLACE, REPLACED, ABOUT = "-", "at", "=", "about"
"""Classes of words that change nothing, of prepositions, of short forms that stand for others, and of `grammar`."""

_SETTINGS = frozenset({
    "endings", "cases", "verbs", "stems", "prefixes", "past", "free", "say", "polite", "thanks", "first", "adjectives",
    "contracted", "towards",
})  # fmt: skip
_CHOICE = re.compile(r"\(([^)]*)\)")

Phrases = dict[str, list[tuple[tuple[str, ...], str]]]


@dataclass(frozen=True, slots=True)
class Language:
    """
    One language: its phrases by their first word, the longest first, and its endings.

    `plain` are the phrases without accents. Two words that end in one pair of `endings` may be one word, or of `first`
    if they are the verb; `past` are endings of verbs in other tenses than the present. In `is_free` languages words may
    stand in any order, for their endings tell who does it. Before a question, a sentence of `say` and `polite` words
    says nothing; `thanks` are the words behind one.
    """

    name: str
    phrases: Phrases = field(repr=False)
    plain: Phrases = field(repr=False)
    endings: frozenset[tuple[str, str]] = field(repr=False)
    cases: frozenset[str]
    verbs: frozenset[str]
    stems: tuple[tuple[str, str], ...]
    prefixes: frozenset[str]
    past: tuple[str, ...]
    say: frozenset[str] = field(repr=False)
    polite: frozenset[str] = field(repr=False)
    thanks: frozenset[str]
    first: frozenset[tuple[str, str]]
    adjectives: frozenset[str]
    contracted: dict[str, str] = field(repr=False)
    towards: frozenset[str]
    is_free: bool

    @property
    def has_cases(self) -> bool:
        return bool(self.cases or self.verbs)


@cache
def languages() -> dict[str, Language]:
    """Return the languages by their codes (ISO 639-1); they are read at the first use."""
    return {name: _language(name, lines) for name, *lines in _sections()}


@cache
def speakers() -> dict[str, tuple[str, ...]]:
    """
    Return the languages that each word of a phrase is in, with and without accents.

    Each first prompt asks, so the words are read without the languages, in a fifth of the time.
    """
    found: dict[str, list[str]] = {}
    for name, *lines in _sections():
        words: set[str] = set()
        for kind, _, listed in (line.partition(": ") for line in lines):
            if kind not in _SETTINGS:
                plain = [phrase for phrase in listed.split(", ") if "(" not in phrase]
                words.update(" ".join(plain).split())
                for phrase in listed.split(", ") if "(" in listed else ():
                    words.update(*_spelled_out(phrase))
        for word in words | {without_accents(word) for word in words if not word.isascii()}:
            found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}


def _sections() -> list[list[str]]:
    text = (files("sentinel_core.matching.other_languages") / "phrases.txt").read_text(encoding="utf-8")
    return [section.splitlines() for section in text.strip().split("\n\n")]


def _language(name: str, lines: list[str]) -> Language:
    settings: dict[str, list[str]] = {}
    phrases: dict[tuple[str, ...], str] = {}
    for kind, _, listed in (line.partition(": ") for line in lines):
        if kind in _SETTINGS:
            settings[kind] = listed.split()
        else:
            for phrase in listed.split(", "):
                for words in _spelled_out(phrase):
                    phrases.setdefault(words, kind)
    plain: dict[tuple[str, ...], str] = {}
    bare = {word: without_accents(word) for word in {word for words in phrases for word in words}}
    for words, kind in phrases.items():
        plain.setdefault(tuple([bare[word] for word in words]), kind)
    return Language(
        name,
        _by_first(phrases),
        _by_first(plain),
        _both_ways(settings.get("endings", ())),
        frozenset(settings.get("cases", ())),
        frozenset(settings.get("verbs", ())),
        tuple(map(_pair, settings.get("stems", ()))),
        frozenset(settings.get("prefixes", ())),
        tuple(sorted(settings.get("past", ()), key=len, reverse=True)),
        frozenset(settings.get("say", ())),
        frozenset(settings.get("polite", ())),
        frozenset(settings.get("thanks", ())),
        _both_ways(settings.get("first", ())),
        frozenset(settings.get("adjectives", ())),
        dict(map(_pair, settings.get("contracted", ()))),
        frozenset(settings.get("towards", ())),
        "free" in settings,
    )


def _both_ways(listed: Iterable[str]) -> frozenset[tuple[str, str]]:
    pairs = {_pair(each) for each in listed}
    return frozenset(pairs | {(right, left) for left, right in pairs})


def _pair(listed: str) -> tuple[str, str]:
    left, _, right = listed.partition("/")
    return left, right


def _spelled_out(phrase: str) -> list[tuple[str, ...]]:
    """Return the phrases that a phrase with choices in brackets stands for: `(a|b|) c`."""
    if "(" not in phrase:
        return [tuple(phrase.split())]
    parts = [part.split("|") if place % 2 else [part] for place, part in enumerate(_CHOICE.split(phrase))]
    return [tuple("".join(chosen).split()) for chosen in product(*parts)]


def _by_first(phrases: dict[tuple[str, ...], str]) -> Phrases:
    found: Phrases = {}
    for words in sorted(phrases, key=len, reverse=True):
        found.setdefault(words[0], []).append((words, phrases[words]))
    return found
