"""The one place where two prompts of the same words differ, for rules over small words."""

from dataclasses import dataclass
from functools import lru_cache

from sentinel_core.matching.gate.reading import Reading, fact, word_set
from sentinel_core.matching.shared_run import shared_runs

MOST = 3
"""Words of one prompt in that place; longer ones are other sentences."""

_SKIPPED = word_set("a an the my your our his her its their this")


@dataclass(frozen=True, slots=True)
class Slot:
    """The words there of each prompt, and those of `asked` around it; articles and the like are left out."""

    before: tuple[str, ...]
    asked: tuple[str, ...]
    stored: tuple[str, ...]
    after: tuple[str, ...]


@lru_cache(maxsize=16)
def slot(asked: Reading, stored: Reading) -> Slot | None:
    """Return the place in which two prompts differ; None where it is longer, or where nothing differs."""
    mine, theirs = asked.vocabulary - stored.vocabulary, stored.vocabulary - asked.vocabulary
    if max(len(mine - _SKIPPED), len(theirs - _SKIPPED)) > MOST:  # most pairs
        return None
    return _slot(asked, stored)


def _slot(asked: Reading, stored: Reading) -> Slot | None:
    left, right = _words(asked), _words(stored)
    if asked.is_story or stored.is_story or abs(len(left) - len(right)) > MOST or left == right:
        return None
    start, end = shared_runs(left, right)
    mine, theirs = left[start : len(left) - end], right[start : len(right) - end]
    if len(mine) > MOST or len(theirs) > MOST:
        return None
    return Slot(left[:start], mine, theirs, left[len(left) - end :])


@fact
def _words(reading: Reading) -> tuple[str, ...]:
    return tuple(word for word in reading.tokens if word not in _SKIPPED)
