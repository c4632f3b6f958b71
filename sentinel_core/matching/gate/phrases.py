"""Phrases of several words that say what one word says: `get rid of` and `remove`, `surname` and `last name`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sentinel_core.matching.gate import lexicon

_LISTED = {
    "register": "sign up",
    "remove": "get rid of; do away with",
    "discard": "throw away; throw out; dispose of",
    "cancel": "call off",
    "enable": "turn on",
    "disable": "turn off",
    "postpone": "put off; push back",
    "return": "give back; send back; bring back",
    "setup": "set up",
    "complete": "fill in; fill out",
    "refill": "fill up",
    "submit": "hand in; turn in",
    "calculate": "work out; figure out",
    "perform": "carry out",
    "responsible for": "in charge of",
    "tolerate": "put up with",
    "exhaust": "run out of; use up",
    "discover": "find out",
    "arrange": "lay out",
    "capital": "capital city",
    "one-way": "1 way; one way",
    "round-trip": "round trip; return trip",
    "first name": "forename; given name",
    "last name": "surname; family name",
    "full name": "first and last name; first name and last name; given name and surname; forename and surname",
    "free": "for free; free of charge; at no cost; at no charge",
    "accidentally": "by mistake; by accident",
    "leave": "time off; days off",
    "on-time": "on time",
    "expired": "out of date",
    "broken": "out of order",
    "quickly": "as soon as possible; as quickly as possible",
    "population of": "how many people live in; how many inhabitants are in; how many people are in; population in",
}
_PHRASES: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
for _word, _phrases in _LISTED.items():
    for _phrase in _phrases.split("; "):
        _first, *_rest = _phrase.split()
        _PHRASES.setdefault(_first, []).append((tuple(_rest), tuple(_word.split())))


def in_one_word(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the tokens with each listed phrase as its one word; any word of it may be inflected."""
    return tuple(_replaced(tokens)) if any(_starts(token) for token in tokens) else tuple(tokens)


def _starts(token: str) -> bool:
    return token in _PHRASES or lexicon.base(token) in _PHRASES


def _replaced(tokens: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(tokens):
        rest, words = next(
            ((rest, words) for rest, words in _at(tokens[at]) if _follows(rest, tokens, at + 1)), ((), ())
        )
        yield from words or (tokens[at],)
        at += 1 + len(rest)


def _at(token: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return _PHRASES.get(token) or _PHRASES.get(lexicon.base(token), [])


def _follows(rest: Sequence[str], tokens: Sequence[str], at: int) -> bool:
    there = tokens[at : at + len(rest)]
    return len(there) == len(rest) and all(
        word in (token, lexicon.base(token)) for word, token in zip(rest, there, strict=True)
    )
