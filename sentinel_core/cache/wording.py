"""
Weighs the wording of a sentence: whether its answer depends on who asks, or does not last.

No list of rules is whole, so these are learned: a logistic regression over pieces of the sentence, fitted by
`python -m scripts.train.wording` to sentences of both sides (scripts/train/wordings). A piece is a word, or two or
three in a row, at the head, or at the end; words outside a small vocabulary are pieces by their form. Classes of
function words are pieces in all languages (word_classes.py). Words near to those of one side in meaning weigh for
it, also those of no sentence it was fitted to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise

from sentinel_core.cache import word_classes

NAME = "wording"
"""Of the rule, among those that can be switched off."""

PERSONAL, LIVE = "personal", "live"
_BORDERS = {PERSONAL: 0.5, LIVE: 0.8}
"""Log odds above which a sentence is of the kind. A wrong alarm of `live` costs the hits of all who ask."""

MOST_WORDS = 40
"""Words of a sentence that are read."""

_LETTER = r"[^\W_]|[\u0900-\u0903\u093a-\u094f\u0610-\u061a\u064b-\u065f]"
"""Signs of vowels count, which `\\w` leaves out: of Hindi and of Arabic."""

WORD = re.compile(
    rf"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|(?:{_LETTER})+(?:[.:/#-](?:{_LETTER})+)*(?:['’][^\W\d_]+)?"
)
_CLOCK = re.compile(r"\d{1,2}(?:[:.h]\d\d)?(?:am|pm)?|noon|midnight")
DAYS = frozenset({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"})
MONTHS = frozenset(
    {"january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december"}
)
_OPENINGS = frozenset(
    {
        "hi",
        "hello",
        "hey",
        "so",
        "and",
        "ok",
        "okay",
        "well",
        "please",
        "pls",
        "also",
        "but",
        "actually",
        "thanks",
        "sorry",
    }
)
_ENDINGS = ("ing", "ed", "ly", "er", "est")
_ENDS = (2, 3, 4)
"""Lengths of the ends of content words that are pieces: other languages say there who acts, and whose it is."""

_LENGTHS = (1, 2, 3, 4, 6, 9, 14)
"""Upper ends of the classes of length, in words."""


class Weights:
    """What each piece adds to the score, and each content word to the mean of those of a sentence."""

    def __init__(self, text: str) -> None:
        """Read the file of weights: five parts, of which two hold lines of `weight: piece|piece`, in hundredths."""
        base, vocabulary, grammar, pieces, words = text.split("\n\n")
        self.base = int(base) / 100
        self.vocabulary = frozenset(vocabulary.split())
        self.grammar = frozenset(grammar.split())
        self.pieces = _grouped(pieces)
        self.words = _grouped(words)

    def score(self, sentence: str) -> float:
        """Return the log odds that a sentence is of the kind."""
        pieces, content = read(sentence, self.vocabulary, self.grammar)
        if not pieces:
            return -math.inf
        mean = sum(self.words.get(word, 0.0) for word in content) / max(1, len(content))
        return self.base + mean + sum(self.pieces.get(piece, 0.0) for piece in pieces)


def _grouped(lines: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in lines.splitlines():
        weight, _, members = line.partition(": ")
        found.update(dict.fromkeys(members.split("|"), int(weight) / 100))
    return found


@cache
def weights(kind: str) -> Weights:
    """Return the shipped weights of a kind; they are read at the first use."""
    return Weights((files("sentinel_core.cache") / "wording_data" / f"{kind}.txt").read_text(encoding="utf-8").strip())


def load() -> None:
    """Read the classes of words and the weights of all kinds, so that the first prompt need not wait for it."""
    word_classes.table()
    for kind in _BORDERS:
        weights(kind)


def is_worded(kind: str, sentence: str) -> bool:
    """Whether a sentence is of a kind, by the shipped weights."""
    return weights(kind).score(sentence) > _BORDERS[kind]


def read(sentence: str, vocabulary: frozenset[str], grammar: frozenset[str]) -> tuple[set[str], list[str]]:
    """Return the pieces of a sentence, and its content words in lower case."""
    words = [found[0] for found in islice(WORD.finditer(sentence), MOST_WORDS)]
    if not words:
        return set(), []
    while len(words) > 2 and words[0].lower() in _OPENINGS:
        del words[0]
    low = [word.lower().replace("’", "'") for word in words]
    forms = [
        _form(word, small, place == 0, vocabulary) for place, (word, small) in enumerate(zip(words, low, strict=True))
    ]
    content = [word for word in (small.removesuffix("'s") for small in low) if word not in grammar and word.isalpha()]
    endings = {f"~{word[-size:]}" for word in content for size in _ENDS if len(word) > max(size, 3)}
    return _pieces(forms) | endings | word_classes.pieces(sentence, tuple(low)), content


def _pieces(forms: Sequence[str]) -> set[str]:
    count = len(forms)
    pairs = [f"{one} {two}" for one, two in pairwise(forms)]
    threes = [f"{pair} {last}" for pair, last in zip(pairs, forms[2:], strict=False)]
    heads = {f"^{' '.join(forms[:size])}" for size in range(1, min(count, 4) + 1)}
    ends = {f"{' '.join(forms[-size:])}$" for size in range(1, min(count, 3) + 1)}
    length = next((place for place, most in enumerate(_LENGTHS) if count <= most), len(_LENGTHS))
    return {f"#{length}", *forms, *pairs, *threes, *heads, *ends, *(f"{forms[0]}..{each}" for each in forms[1:])}


def _form(word: str, low: str, is_first: bool, vocabulary: frozenset[str]) -> str:
    """Return a word of the vocabulary itself, and the form of any other."""
    if low in vocabulary:
        return low
    if any(letter.isdigit() for letter in low):
        if low.isdigit():
            return "<number>" if len(low) < 4 else "<long>"
        return "<clock>" if _CLOCK.fullmatch(low) else "<id>"
    stem = low.removesuffix("'s")
    owner = "'s" if stem != low else ""
    if stem in DAYS or stem in MONTHS:
        return ("<day>" if stem in DAYS else "<month>") + owner
    if word[0].isupper() and not is_first:
        return f"<name>{owner}"
    ending = next((each for each in _ENDINGS if stem.endswith(each) and len(stem) > len(each) + 2), None)
    if ending is not None:
        return f"<{ending}>"
    return ("<s>" if stem.endswith("s") and not stem.endswith("ss") and len(stem) > 3 else "<w>") + owner
