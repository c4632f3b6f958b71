"""Refusals over where something goes from and to."""

from itertools import pairwise

from sentinel_core.gate.reading import Difference, Reading, fact, function_words, word_set

_FROM = word_set("from leaving departing originating")
_TO = word_set("to into arriving reaching")


def route(asked: Reading, stored: Reading) -> Difference | None:
    """From one place to another, against the way back; "between" goes in the order it is written."""
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
