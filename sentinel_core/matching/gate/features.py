"""How much of each prompt finds its like in the other, as the numbers the learned part weighs."""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.likeness import mutually_nearest
from sentinel_core.matching.gate.manner import MANNERS, manners
from sentinel_core.matching.gate.reading import Reading, content_words, fact, function_words, word_set
from sentinel_core.matching.gate.rules import edits, numbers
from sentinel_core.matching.shared_run import shared_run

FEATURES = (
    "similarity",
    "weaker_coverage",
    "stronger_coverage",
    "weaker_soft_coverage",
    "stronger_soft_coverage",
    "smaller_residue",
    "larger_residue",
    "smaller_gap",
    "larger_gap",
    "unmatched_fewer",
    "unmatched_more",
    "shorter_length",
    "longer_length",
    "letter_overlap",
    "word_order",
    "function_word_overlap",
    "same_opening",
    "same_ending",
    "sole_replacement",
    "scattered_replacements",
    "additions",
    "only_function_words",
    "rare_unmatched",
    "possessive_difference",
    "preposition_difference",
    "same_sums",
    "all_matched",
    *MANNERS,
)
"""In the order of `features`. A residue sums what one prompt has and the other lacks, by rarity; a gap is "
"its largest part."""

_PRONOUNS = word_set("i me my we us our you your he she they them his her their it its")
_YES_OR_NO = word_set("is are am was were do does did has have had can could will would should may might must shall")
_QUESTION = word_set("what which who whom whose where when why")
_PREPOSITIONS = word_set(
    "to from in on at by with without for of into onto over under between after before during through "
    "against about off up down out"
)


def features(asked: Reading, stored: Reading, similarity: float) -> tuple[float, ...]:
    """Symmetric in the two prompts; one value for each of `FEATURES`."""
    near_left, near_right = _nearest(asked, stored)
    left, right = _coverage(asked, stored, near_left), _coverage(stored, asked, near_right)
    opening, ending = _shared_ends(asked.tokens, stored.tokens)
    found = edits.edits(asked, stored)
    return (
        similarity,
        *_ordered(left.exact, right.exact),
        *_ordered(left.soft, right.soft),
        *_ordered(left.residue, right.residue),
        *_ordered(left.gap, right.gap),
        *_ordered(left.unmatched, right.unmatched),
        *_ordered(math.log1p(len(asked.content)), math.log1p(len(stored.content))),
        _overlap(_trigrams(asked.text), _trigrams(stored.text)),
        _kept_order(asked.content, stored.content),
        _overlap(_function_words(asked), _function_words(stored)),
        opening,
        ending,
        *_replacements(found),
        0.0 if found.replaced else float(min(3, len(found.asked) + len(found.stored))),
        float(not found.asked and not found.stored),
        max(left.rarest, right.rarest),
        float(len((asked.vocabulary ^ stored.vocabulary) & _PRONOUNS)),
        float(len((asked.vocabulary ^ stored.vocabulary) & _PREPOSITIONS)),
        float(numbers.same_sums(asked, stored)),
        float(not left.unmatched and not right.unmatched and _kind(asked) == _kind(stored)),
        *manners(asked, stored),
    )


@fact
def _kind(reading: Reading) -> tuple[str, ...]:
    """Return the question word, with the word behind `how`; one kind for questions for yes or no, none for others."""
    first, *others = reading.tokens[:2] or ("",)
    if first in _YES_OR_NO:
        return ("whether",)
    return (first, *others) if first == "how" else (first,) if first in _QUESTION else ()


class _Coverage:
    """How much of one prompt's content the other has: exactly, by nearness, and what is left."""

    __slots__ = ("exact", "gap", "rarest", "residue", "soft", "unmatched")

    def __init__(self, weights: Sequence[float], best: Sequence[float]) -> None:
        total = sum(weights) or 1.0
        parts = [weight * (1 - near) for weight, near in zip(weights, best, strict=True)]
        self.exact = (
            sum(weight for weight, near in zip(weights, best, strict=True) if near >= _EXACT) / total
            if weights
            else 1.0
        )
        self.soft = 1 - sum(parts) / total
        self.residue = sum(parts)
        self.gap = max(parts, default=0.0)
        self.unmatched = float(sum(near < _LIKE for near in best))
        self.rarest = max((weight for weight, near in zip(weights, best, strict=True) if near < _LIKE), default=0.0)


_EXACT = 0.94
_LIKE = 0.6


@lru_cache(maxsize=16)
def _nearest(asked: Reading, stored: Reading) -> tuple[dict[str, float], dict[str, float]]:
    """Return the nearness of each content word of one prompt to the nearest of the other."""
    mine, theirs = tuple(dict.fromkeys(asked.surfaces)), tuple(dict.fromkeys(stored.surfaces))
    left, right = mutually_nearest(mine, theirs)
    return dict(zip(mine, left, strict=True)), dict(zip(theirs, right, strict=True))


def _coverage(one: Reading, other: Reading, near: Mapping[str, float]) -> _Coverage:
    bases = content_words(other)
    mine = dict(zip(one.content, one.surfaces, strict=True))
    weights = [0.15 + lexicon.rarity(form) for form in mine]
    return _Coverage(weights, [1.0 if form in bases else near[word] for form, word in mine.items()])


def _ordered(one: float, other: float) -> tuple[float, float]:
    return (one, other) if one <= other else (other, one)


def _trigrams(text: str) -> frozenset[str]:
    return frozenset(text[place : place + 3] for place in range(min(len(text), 1_000) - 2))


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _function_words(reading: Reading) -> frozenset[str]:
    return reading.vocabulary & function_words()


def _kept_order(one: Sequence[str], other: Sequence[str]) -> float:
    """Share of neighbouring shared words that are in the same order in both."""
    places = {word: place for place, word in enumerate(other)}
    shared = [places[word] for word in dict.fromkeys(one) if word in places]
    if len(shared) < 2:
        return 1.0
    return sum(before < after for before, after in pairwise(shared)) / (len(shared) - 1)


def _shared_ends(one: Sequence[str], other: Sequence[str]) -> tuple[float, float]:
    longer = max(len(one), len(other)) or 1
    return shared_run(one, other) / longer, shared_run(one[::-1], other[::-1]) / longer


def _replacements(found: edits.Edits) -> tuple[float, float]:
    """How unlike the replaced words are, in one place of the sentence or in several."""
    unlike = 1 - max(0.0, edits.nearness(found))
    return (unlike, 0.0) if found.places == 1 else (0.0, unlike)


def left_over(asked: Reading, stored: Reading) -> tuple[str, str]:
    """Return the rarest word of each prompt that finds no like in the other, or nothing."""
    left, right = _nearest(asked, stored)
    return _lonely(left), _lonely(right)


def _lonely(near: Mapping[str, float]) -> str:
    return max((word for word, nearness in near.items() if nearness < _LIKE), key=lexicon.rarity, default="")
