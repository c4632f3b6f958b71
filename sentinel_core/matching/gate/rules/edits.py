"""Refusals where one prompt is the other with one thing replaced or added; and the changes the learned part weighs."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, function_words, word_set

UNLIKE = 0.2
"""Nearness below which two words standing in each other's place are two things."""

_READ = 200
_NEUTRAL = word_set(
    "usually typically normally generally currently presently originally actually really right exactly "
    "correctly properly "
    "located available found order due please search time times different various specific particular given "
    "certain overall "
    "total instead back so far wondering idea seems work working information info details um uh hmm er leaving located "
    "yes well again always also already somewhere somehow anyway entire whole own out"
)


@dataclass(frozen=True, slots=True)
class Edits:
    """Content words of each prompt left after what both have is taken out, and in how many places the two differ."""

    asked: tuple[str, ...]
    stored: tuple[str, ...]
    places: int
    inserted: bool

    @property
    def replaced(self) -> bool:
        return bool(self.asked and self.stored)


@lru_cache(maxsize=64)
def edits(asked: Reading, stored: Reading) -> Edits:
    one, other = asked.tokens[:_READ], stored.tokens[:_READ]
    changes = [code for code in SequenceMatcher(None, one, other, autojunk=False).get_opcodes() if code[0] != "equal"]
    left = [token for _, start, end, _, _ in changes for token in one[start:end]]
    right = [token for _, _, _, start, end in changes for token in other[start:end]]
    inserted = len(changes) == 1 and changes[0][0] != "replace"
    return Edits(_content(left, right), _content(right, left), len(changes), inserted)


def nearness(found: Edits) -> float:
    """How near the least matched of the replaced words is to any on the other side; 1 where none were replaced."""
    if not found.replaced:
        return 1.0
    return min(_least(found.asked, found.stored), _least(found.stored, found.asked))


def replacement(asked: Reading, stored: Reading) -> Difference | None:
    """The same sentence with one thing replaced by an unlike one."""
    found = edits(asked, stored)
    if found.places != 1 or nearness(found) >= UNLIKE:
        return None
    return Difference(" ".join(found.asked), " ".join(found.stored))


def addition(asked: Reading, stored: Reading) -> Difference | None:
    """The same sentence with something more in one place."""
    found = edits(asked, stored)
    extra = [word for word in (*found.asked, *found.stored) if word not in _NEUTRAL]
    if not found.inserted or not extra:
        return None
    return Difference(" ".join(found.asked), " ".join(found.stored))


def _content(mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    moved = {lexicon.base(token) for token in theirs}
    return tuple(token for token in mine if token not in function_words() and lexicon.base(token) not in moved)


def _least(one: Sequence[str], other: Sequence[str]) -> float:
    return min(max(lexicon.nearness(mine, their) for their in other) for mine in one)
