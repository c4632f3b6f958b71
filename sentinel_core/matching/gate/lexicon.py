"""The shipped word table: how rare a word is, its base form, and how near two words are in meaning.

The table is the whole words of the embedder's own vocabulary, most frequent first, each with its vector as a
one-word prompt, reduced to 64 dimensions and eight bits.
"""

import json
import math
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentinel_core.matching.known_words import is_listed, listed
from sentinel_core.matching.known_words import ranks as ranks

_LEXICON = files("sentinel_core.matching.gate") / "lexicon_data"
_COMMON = 50
PARTICIPLE_ENDINGS = ("ed", "en", "wn", "ld", "nt", "ht", "de", "ng")
"""Of verbs in the passive: opened, broken, grown, sold, sent, bought, made, hung."""

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
    "species": "species", "fell": "fall", "fallen": "fall", "rose": "rise", "risen": "rise", "grew": "grow",
    "grown": "grow", "threw": "throw", "thrown": "throw", "ate": "eat", "eaten": "eat", "drank": "drink",
    "swam": "swim", "froze": "freeze", "frozen": "frozen", "hid": "hide", "hidden": "hidden", "rode": "ride",
    "ridden": "ride", "shook": "shake", "shaken": "shake", "wore": "wear", "worn": "wear", "torn": "tear",
    "fought": "fight", "caught": "catch", "sought": "seek", "felt": "feel", "slept": "sleep", "dealt": "deal",
    "meant": "mean", "lent": "lend", "bent": "bend", "fed": "feed", "led": "lead", "bled": "bleed", "sat": "sit",
    "stood": "stand", "understood": "understand", "forgot": "forget", "forgotten": "forget", "heard": "hear",
    "hung": "hang", "stuck": "stick", "struck": "strike", "swore": "swear", "drew": "draw", "drawn": "draw",
    "withdrew": "withdraw", "withdrawn": "withdraw", "blew": "blow", "blown": "blow", "shown": "show",
    "became": "become", "overcame": "overcome", "sank": "sink", "sunk": "sink", "dug": "dig",
    "shot": "shoot", "bitten": "bite", "beaten": "beat", "stung": "sting",
}  # fmt: skip


def lines(name: str) -> list[str]:
    return (_LEXICON / name).read_text(encoding="utf-8").split()


def table(name: str) -> Any:
    return json.loads((_LEXICON / name).read_text(encoding="utf-8"))


@cache
def _rows() -> NDArray[np.int8]:
    """One row of 64 for each word, in the order of `ranks`."""
    with (_LEXICON / "words.npy").open("rb") as file:
        rows: NDArray[np.int8] = np.load(file)
    return rows


def vectors(places: Sequence[int]) -> NDArray[np.float32]:
    """Return the unit vectors of the words in these places, shape (places, 64); all would be 10 ms of a cold start."""
    rows = _rows()[places].astype(np.float32)
    unit: NDArray[np.float32] = rows / np.sqrt((rows * rows).sum(axis=1, keepdims=True))
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
    """Return the dictionary form as far as suffixes show it, checked against the known words."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4:
        return word
    all_stems = _stems(word)
    stems = [stem for stem in all_stems if stem in ranks()] or list(filter(is_listed, all_stems))
    if len(stems) > 1 and stems[0] in listed("names"):  # `locke` of `locked`
        stems = stems[1:]
    return stems[0] if stems else _without_plural(word)


def _without_plural(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and word not in ranks() else word


def _stems(word: str) -> list[str]:
    if not word.endswith(_ENDINGS):
        return []
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
_ENDINGS = tuple(suffix for suffix, _ in _SUFFIXES)


def memberships(groups: Iterable[str]) -> dict[str, frozenset[int]]:
    """Return the places of the groups, of words with blanks between them, that each word belongs to."""
    found: dict[str, set[int]] = {}
    for place, group in enumerate(groups):
        for word in group.split():
            found.setdefault(word, set()).add(place)
    return {word: frozenset(places) for word, places in found.items()}


@cache
def siblings() -> dict[str, frozenset[int]]:
    """Return the groups of things of one kind, as frog and toad, that each word belongs to."""
    return memberships(table("contrasts.json")["siblings"])


@cache
def alike() -> dict[str, frozenset[int]]:
    """Return the groups of words with one meaning that each base form belongs to."""
    return memberships(" ".join(map(base, group.split())) for group in table("contrasts.json")["alike"])


@cache
def synonyms() -> dict[str, frozenset[int]]:
    """Return the pairs of WordNet's synonyms that are near in meaning, too, which each base form belongs to."""
    words = lines("synonyms.txt")
    return memberships(map(" ".join, zip(words[::2], words[1::2], strict=True)))
