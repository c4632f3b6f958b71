"""Refusals over direction and argument order."""

from collections import Counter
from itertools import combinations

from sentinel_core.gate import words
from sentinel_core.gate.reading import Difference, Reading, word_set

_BOUND = "<"
_EVEN = word_set("and or & , vs between with")
_COMMUTING = word_set("difference compare comparison between versus vs distance and or")


def direction(asked: Reading, stored: Reading) -> Difference | None:
    """Two words that have changed places: each stands where the other stood, after different words."""
    if ("by" in asked.vocabulary) != ("by" in stored.vocabulary):
        return None  # active against passive: who does it stands elsewhere
    left, right = _neighbours(asked), _neighbours(stored)
    shared = [word for word in left if word in right and _moves(word)]
    for one, other in combinations(shared[:24], 2):
        if _swapped(left[one], left[other], right[one], right[other]):
            return Difference(f"{one} … {other}", f"{other} … {one}")
    return None


def order(asked: Reading, stored: Reading) -> Difference | None:
    """The same words in another order, unless whole clauses changed places."""
    left, right = asked.tokens, stored.tokens
    if left == right or Counter(left) != Counter(right) or _COMMUTING & asked.vocabulary or _rotated(left, right):
        return None
    first = next(place for place, (one, other) in enumerate(zip(left, right, strict=True)) if one != other)
    return Difference(" ".join(left[first : first + 4]), " ".join(right[first : first + 4]))


def conjunction(asked: Reading, stored: Reading) -> Difference | None:
    """The same words, but for an "and" that is an "or"."""
    if len(asked.tokens) != len(stored.tokens):
        return None
    changed = [pair for pair in zip(asked.tokens, stored.tokens, strict=True) if pair[0] != pair[1]]
    if not changed or not all({*pair} == {"and", "or"} for pair in changed):
        return None
    return Difference(*changed[0])


_Around = tuple[str, str]


def _neighbours(reading: Reading) -> dict[str, _Around]:
    """The words before and after each word that occurs once."""
    tokens = (_BOUND, *reading.tokens, _BOUND)
    once = Counter(reading.tokens)
    around = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return {word: (before, after) for before, word, after in around if once[word] == 1}


def _moves(word: str) -> bool:
    return word[0].isdigit() or words.rarity(word) > 0.3


def _swapped(one: _Around, other: _Around, one_there: _Around, other_there: _Around) -> bool:
    before = (
        one[0] == other_there[0] and other[0] == one_there[0] and one[0] != other[0] and not {one[0], other[0]} & _EVEN
    )
    after = (
        one[1] == other_there[1] and other[1] == one_there[1] and one[1] != other[1] and not {one[1], other[1]} & _EVEN
    )
    return before or after


def _rotated(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    doubled = left + left
    return any(doubled[shift : shift + len(right)] == right for shift in range(1, len(left)))
