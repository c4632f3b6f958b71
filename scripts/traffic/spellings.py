"""Pairs of two spellings of one question."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from sentinel_core.matching.gate import lexicon

TwoTexts: TypeAlias = tuple[str, str]


def _upper(random: Random, question: str) -> TwoTexts:
    return question, question.upper()


def _lower(random: Random, question: str) -> TwoTexts:
    return question, question.lower()


def _first(random: Random, question: str) -> TwoTexts:
    return question, question[0].lower() + question[1:]


def _blanks(random: Random, question: str) -> TwoTexts:
    words = question.split()
    place = random.randrange(1, len(words))
    end = random.choice(("", "\n", "\n\n", " "))
    return question, f"{' '.join(words[:place])}  {' '.join(words[place:])}{end}"


def _line_end(random: Random, question: str) -> TwoTexts:
    return question, question + random.choice(("\n", "\r\n", "\n\n", " \n"))


def _quotes(random: Random, question: str) -> TwoTexts:
    words = question.rstrip("?").split()
    place = random.randrange(1, len(words))
    return tuple(" ".join([*words[:place], f"{left}{words[place]}{right}", *words[place + 1 :]]) + "?"
                 for left, right in (('"', '"'), ("“", "”")))  # type: ignore[return-value]  # fmt: skip


def _misspelled(random: Random, question: str) -> TwoTexts:
    """Two inner letters of a common word swapped, one left out, or one doubled."""
    words = question.rstrip("?").split()
    long = [place for place, word in enumerate(words) if len(word) >= 6 and 0 <= lexicon.ranks().get(word, -1) < 6_000]
    if not long:
        return question, question
    place = random.choice(long)
    word, cut = words[place], random.randrange(2, len(words[place]) - 2)
    slip = random.choice(
        (
            word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :],
            word[:cut] + word[cut + 1 :],
            word[:cut] + word[cut] + word[cut:],
        )
    )
    return question, " ".join([*words[:place], slip, *words[place + 1 :]]) + "?"


def _squared(random: Random, question: str) -> TwoTexts:
    number = random.randrange(2, 40)
    one, other = random.sample([f"{number}²", f"{number} squared", f"{number}^2", f"{number} ^ 2"], 2)
    return f"What is {one}?", f"What is {other}?"


KINDS: dict[str, Callable[[Random, str], TwoTexts]] = {
    "keep/upper": _upper, "keep/lower": _lower, "keep/first": _first, "keep/blanks": _blanks,
    "keep/line_end": _line_end,
    "keep/quotes": _quotes, "keep/misspelled": _misspelled, "keep/squared": _squared,
}  # fmt: skip
