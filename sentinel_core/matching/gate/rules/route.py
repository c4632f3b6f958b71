"""Refusals over where something goes from and to."""

from collections.abc import Mapping
from itertools import pairwise

from sentinel_core.matching.gate.reading import Difference, Reading, fact, function_words, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_FROM = word_set("from off leaving departing originating")
_TO = word_set("to into onto toward towards arriving entering reaching")
_SKIPPED = word_set("the a an my your our his her their this that in at of")


@gate_rule(
    must_refuse=[
        ("rome to paris flights", "show flights from paris to rome", "rome to paris", "paris to rome"),
        ("list flights to the airport", "list flights from my airport", "to airport", "from airport"),
    ],
    must_pass=[
        ("move money from my savings to my account", "move money to my account from my savings"),
        ("a letter from the bank", "a letter the bank has sent"),
        ("between paris and rome", "between rome and paris"),
    ],
)
def route(asked: Reading, stored: Reading) -> Difference | None:
    """From one place to another, against the way back; towards one against away from it."""
    return _turned(asked, stored) or _left_or_reached(asked, stored)


def _turned(asked: Reading, stored: Reading) -> Difference | None:
    """ "Between" goes in the order it is written."""
    left, right = _ends(asked), _ends(stored)
    if (
        not left
        or not right
        or left[2] == right[2] == "between"
        or left[:2] != (right[1], right[0])
        or left[0] == left[1]
    ):
        return None
    return Difference(f"{left[0]} to {left[1]}", f"{right[0]} to {right[1]}")


def _left_or_reached(asked: Reading, stored: Reading) -> Difference | None:
    left, right = _ways(asked), _ways(stored)
    apart = (word for word, ways in left.items() if word in right and ways.isdisjoint(right[word]))
    word = next(apart, None)
    return None if word is None else Difference(f"{min(left[word])} {word}", f"{min(right[word])} {word}")


@fact
def _ways(reading: Reading) -> Mapping[str, frozenset[str]]:
    """Of each word that comes after such a preposition, whether it is left or reached."""
    found: dict[str, frozenset[str]] = {}
    for place, word in enumerate(reading.tokens):
        way = "" if word in function_words() else _way(reading.tokens[max(0, place - 3) : place])
        if way:
            found[word] = found.get(word, frozenset()) | {way}
    return found


def _way(before: tuple[str, ...]) -> str:
    marker = next((word for word in reversed(before) if word not in _SKIPPED), "")
    return "from" if marker in _FROM else "to" if marker in _TO else ""


@fact
def _ends(reading: Reading) -> tuple[str, str, str] | None:
    """Origin, destination and how they were told, where the prompt has both."""
    tokens = reading.tokens
    if "between" in tokens:
        start = tokens.index("between")
        named = [token for token in tokens[start + 1 : start + 7] if token not in function_words()]
        return (named[0], named[1], "between") if len(named) >= 2 and "and" in tokens[start:] else None
    goal = _after(tokens, _TO)
    origin = _after(tokens, _FROM) or _before_to(tokens, goal)
    return (origin, goal, "from") if origin and goal else None


def _after(tokens: tuple[str, ...], markers: frozenset[str]) -> str:
    found = (word for marker, word in pairwise(tokens) if marker in markers and word not in function_words())
    return next(found, "")


def _before_to(tokens: tuple[str, ...], goal: str) -> str:
    found = (
        first
        for first, marker, word in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if marker == "to" and word == goal and first not in function_words()
    )
    return next(found, "")
