"""How near two words are in meaning or spelling, for many words at once."""

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.known_words import is_listed

SYNONYM = 0.9
SLIP = 0.95
SAME_TRUNK = 0.7

LONGEST_WORD = 32
"""Letters; no longer word is compared letter by letter."""

MOST_PAIRS = 128
"""Pairs of words compared letter by letter; of two prompts with more, none is taken for a slip."""

_LONG_WORD = 8
"""Letters from which two slips are forgiven."""

Shares = NDArray[np.float32]


def nearest(words: Sequence[str], others: Collection[str]) -> list[float]:
    """Return the nearness of each word to the nearest of `others`, as `mutually_nearest` does."""
    return mutually_nearest(words, tuple(dict.fromkeys(others)))[0] if words else []


def mutually_nearest(words: Sequence[str], others: Sequence[str]) -> tuple[list[float], list[float]]:
    """
    Return the nearness of each of `words` to the nearest of `others`, and the other way round, from 0 to 1.

    1 is the same base form. Words of the table are as near as the cosine of their vectors; others by spelling alone.
    Without words on the other side each is 0. Takes one matrix product, and at most
    `MOST_PAIRS` comparisons of letters.
    """
    if not words or not others:
        return [0.0] * len(words), [0.0] * len(others)
    left, right = _by_vector(words, others)
    _raise_by_groups(left, words, others)
    _raise_by_groups(right, others, words)
    _raise_by_letters(left, right, words, others)
    return left.tolist(), right.tolist()


def _by_vector(words: Sequence[str], others: Sequence[str]) -> tuple[Shares, Shares]:
    ranks = lexicon.ranks()
    left, right = np.zeros(len(words), np.float32), np.zeros(len(others), np.float32)
    mine = [place for place, word in enumerate(words) if word in ranks]
    theirs = [place for place, other in enumerate(others) if other in ranks]
    if mine and theirs:
        known, known_others = [ranks[words[place]] for place in mine], [ranks[others[place]] for place in theirs]
        cosines = lexicon.vectors(known) @ lexicon.vectors(known_others).T
        left[mine], right[theirs] = np.maximum(cosines.max(1), 0.0), np.maximum(cosines.max(0), 0.0)
    return left, right


def _raise_by_groups(found: Shares, words: Sequence[str], others: Sequence[str]) -> None:
    """Set words of the same base form, and synonyms."""
    bases = {lexicon.base(other) for other in others}
    groups = frozenset[int]().union(*(lexicon.alike().get(base, frozenset()) for base in bases))
    for place, word in enumerate(words):
        base = lexicon.base(word)
        if base in bases:
            found[place] = 1.0
        elif groups and not groups.isdisjoint(lexicon.alike().get(base, frozenset())):
            found[place] = max(found[place], SYNONYM)


def _raise_by_letters(left: Shares, right: Shares, words: Sequence[str], others: Sequence[str]) -> None:
    """Compare pairs of long words of which one is not in the table, and neither has found its like."""
    ranks = lexicon.ranks()
    mine = [place for place, word in enumerate(words) if left[place] < SLIP and _is_spelled(word)]
    theirs = [place for place, other in enumerate(others) if right[place] < SLIP and _is_spelled(other)]
    unknown = np.array([words[place] not in ranks for place in mine], bool)
    unknown_others = np.array([others[place] not in ranks for place in theirs], bool)
    if not unknown.any() and not unknown_others.any():
        return
    may_be = _may_be_alike([words[place] for place in mine], [others[place] for place in theirs])
    pairs = np.argwhere((unknown[:, np.newaxis] | unknown_others) & may_be).tolist()
    for one, other in pairs if len(pairs) <= MOST_PAIRS else ():
        near = _spelled_alike(words[mine[one]], others[theirs[other]])
        left[mine[one]] = max(left[mine[one]], near)
        right[theirs[other]] = max(right[theirs[other]], near)


def _is_spelled(word: str) -> bool:
    return 5 <= len(word) <= LONGEST_WORD and word.isalpha()


def _may_be_alike(words: Sequence[str], others: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each pair begins alike, or has nearly the same letters and length; shape (words, others)."""
    heads, letters, lengths = np.array([_shape(word) for word in words], np.uint32).reshape(-1, 3).T[:, :, np.newaxis]
    heads_2, letters_2, lengths_2 = np.array([_shape(other) for other in others], np.uint32).reshape(-1, 3).T
    shorter = np.minimum(lengths, lengths_2)
    most_differing = np.where(shorter < _LONG_WORD, 2, 4)
    slips = (np.bitwise_count(letters ^ letters_2) <= most_differing) & (np.maximum(lengths, lengths_2) <= shorter + 2)
    may_be: NDArray[np.bool_] = slips | (heads == heads_2)
    return may_be


@lru_cache(maxsize=4_096)
def _shape(word: str) -> tuple[int, int, int]:
    """Return the first four letters as a number, a bit for each letter (modulo 32), and the length."""
    return hash(word[:4]) & 0xFFFFFFFF, sum(1 << place for place in {ord(letter) % 32 for letter in word}), len(word)


def _spelled_alike(one: str, other: str) -> float:
    """Compare two words of which one is in no table; two words of lists are no slips: `compost` and `compose`."""
    if is_listed(one) and is_listed(other) and len(one) == len(other):
        return 0.0
    slip = 0.0 if is_listed(one) and is_listed(other) else misspelling(one, other)
    return max(slip, _same_trunk(one, other))


def _same_trunk(one: str, other: str) -> float:
    """0.7 for two long words that share all but their endings, as quote and quotation do."""
    shorter = min(len(one), len(other))
    return SAME_TRUNK if shorter >= 5 and one[: shorter - 1] == other[: shorter - 1] else 0.0


def misspelling(one: str, other: str) -> float:
    """0.95 where one long word is the other with a slip of one or two letters, else 0."""
    shorter, longer = sorted((one, other), key=len)
    if not _is_spelled(shorter) or not _is_spelled(longer) or len(longer) - len(shorter) > 2:
        return 0.0
    most = 1 if len(shorter) < _LONG_WORD else 2
    return SLIP if edits(shorter, longer, most) <= most else 0.0


def edits(one: str, other: str, most: int) -> int:
    """
    Count insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), up to `most`.

    More than `most` are `most + 1`: only places within `most` of the diagonal are looked at.
    """
    beyond = most + 1
    before: list[int] = []
    above = [place if place <= most else beyond for place in range(len(other) + 1)]
    for i, left in enumerate(one, start=1):
        row = [beyond] * (len(other) + 1)
        row[0] = min(i, beyond)
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != other[j - 1]))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == other[j - 1]:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) >= beyond:
            return beyond
        before, above = above, row
    return min(above[-1], beyond)
