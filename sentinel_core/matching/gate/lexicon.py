"""The shipped word table: how rare a word is, its base form, and how near two words are in meaning.

The table is the whole words of the embedder's own vocabulary, most frequent first, each with its vector as a
one-word prompt, reduced to 64 dimensions and eight bits.
"""

import json
import math
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEXICON = files("sentinel_core.matching.gate") / "lexicon_data"
_COMMON = 50
_SYNONYM = 0.9
_IRREGULAR = {
    "children": "child", "men": "man", "women": "woman", "people": "person", "persons": "person", "feet": "foot",
    "teeth": "tooth", "mice": "mouse", "went": "go", "gone": "go", "bought": "buy", "sold": "sell", "sent": "send",
    "paid": "pay", "lost": "lose", "found": "find", "made": "make", "took": "take", "taken": "take", "gave": "give",
    "given": "give", "got": "get", "gotten": "get", "won": "win", "wrote": "write", "written": "write",
    "sang": "sing", "sung": "sing", "ran": "run", "began": "begin", "begun": "begin", "came": "come", "did": "do",
    "done": "do", "had": "have", "has": "have", "was": "be", "were": "be", "is": "be", "are": "be", "been": "be",
    "am": "be", "said": "say", "told": "tell", "left": "left", "leaving": "leave", "leaves": "leave", "held": "hold",
    "kept": "keep", "met": "meet", "built": "build", "spent": "spend", "taught": "teach", "thought": "think",
    "brought": "bring", "chose": "choose", "chosen": "choose", "drove": "drive", "driven": "drive", "flew": "fly",
    "flown": "fly", "flies": "fly", "knew": "know", "known": "know", "saw": "see", "seen": "see", "stole": "steal",
    "stolen": "stolen", "broke": "break", "broken": "break", "spoke": "speak", "spoken": "speak", "died": "die",
    "dies": "die", "dying": "die", "lives": "live", "wives": "wife", "born": "bear", "news": "news",
    "species": "species",
}  # fmt: skip


def lines(name: str) -> list[str]:
    return (_LEXICON / name).read_text(encoding="utf-8").split()


def table(name: str) -> Any:
    return json.loads((_LEXICON / name).read_text(encoding="utf-8"))


@cache
def ranks() -> dict[str, int]:
    """Each known word's place by frequency, the most frequent first."""
    return dict(zip(words := lines("words.txt"), range(len(words)), strict=True))


@cache
def _rows() -> NDArray[np.int8]:
    """One row of 64 for each word, in the order of `ranks`."""
    with (_LEXICON / "words.npy").open("rb") as file:
        rows: NDArray[np.int8] = np.load(file)
    return rows


@lru_cache(maxsize=2_048)
def vector(place: int) -> NDArray[np.float32]:
    """The unit vector of the word in this place, made when it is asked for: all would be 10 ms of a cold start."""
    row = _rows()[place : place + 1].astype(np.float32)
    unit: NDArray[np.float32] = (row / np.linalg.norm(row, axis=1, keepdims=True))[0]
    return unit


@lru_cache(maxsize=4_096)
def rarity(word: str) -> float:
    """0 for the commonest words to 1 for the rarest known; unknown words are 1."""
    place = ranks().get(word)
    if place is None:
        return 1.0
    return math.log1p(place / _COMMON) / math.log1p(len(ranks()) / _COMMON)


@lru_cache(maxsize=4_096)
def base(word: str) -> str:
    """The dictionary form as far as suffixes show it, checked against the known words."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4:
        return word
    return next((stem for stem in _stems(word) if stem in ranks()), _without_plural(word))


def _without_plural(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and word not in ranks() else word


def _stems(word: str) -> list[str]:
    for suffix, endings in _SUFFIXES:
        if word.endswith(suffix):
            trunk = word[: -len(suffix)]
            if len(trunk) < 2:
                return []
            undoubled = [trunk[:-1]] if len(trunk) > 3 and trunk[-1] == trunk[-2] and trunk[-1] not in "sl" else []
            return (
                [*undoubled, *(trunk + ending for ending in endings)]
                if suffix in _VERBAL
                else [trunk + ending for ending in endings]
            )
    return []


_VERBAL = ("ing", "ed")
_SUFFIXES = (
    ("ies", ("y", "ie")),
    ("sses", ("ss",)),
    ("shes", ("sh",)),
    ("ches", ("ch",)),
    ("xes", ("x",)),
    ("ss", ()),
    ("us", ()),
    ("is", ()),
    ("s", ("",)),
    ("ying", ("y", "ie")),
    ("ing", ("e", "")),
    ("ied", ("y",)),
    ("eed", ()),
    ("ed", ("e", "")),
)


@lru_cache(maxsize=8_192)
def nearness(one: str, other: str) -> float:
    """Cosine of two words' vectors, 1 for the same base form, spelling alone where a word is not in the table."""
    if base(one) == base(other):
        return 1.0
    if _alike().get(base(one), frozenset()) & _alike().get(base(other), frozenset()):
        return _SYNONYM
    places = ranks().get(one), ranks().get(other)
    if places[0] is None or places[1] is None:
        return max(misspelling(one, other), _same_trunk(one, other))
    return float(vector(places[0]) @ vector(places[1]))


def _same_trunk(one: str, other: str) -> float:
    """0.7 for two long words that share all but their endings, as quote and quotation do."""
    shorter = min(len(one), len(other))
    return 0.7 if shorter >= 5 and one[: shorter - 1] == other[: shorter - 1] else 0.0


@cache
def _alike() -> dict[str, frozenset[int]]:
    """The groups of words with one meaning that each word belongs to."""
    found: dict[str, set[int]] = {}
    for place, group in enumerate(table("contrasts.json")["alike"]):
        for word in group.split():
            found.setdefault(base(word), set()).add(place)
    return {word: frozenset(places) for word, places in found.items()}


def misspelling(one: str, other: str) -> float:
    """0.95 where one long word is the other with a slip of one or two letters, else 0."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 5 or not shorter.isalpha() or not longer.isalpha() or len(longer) - len(shorter) > 2:
        return 0.0
    return 0.95 if edits(shorter, longer) <= (1 if len(shorter) < 8 else 2) else 0.0


def edits(one: str, other: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        row = [i]
        for j, right in enumerate(other, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
