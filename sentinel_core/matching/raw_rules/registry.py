"""Every raw rule by name, in the order they are asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import TypeAlias

from sentinel_core.matching.gate.reading import Difference
from sentinel_core.matching.raw_rules import code_text, letter_case, near_words, signs, speaker, white_space

RawRule: TypeAlias = Callable[[str, str], Difference | None]

LONGEST = 2_000
"""Characters of a text that are compared; a longer one is refused before."""

RAW_RULES: dict[str, RawRule] = {
    "signs": signs.signs,
    "pictures": signs.pictures,
    "lookalikes": signs.lookalikes,
    "code_text": code_text.code_text,
    "white_space": white_space.white_space,
    "letter_case": letter_case.letter_case,
    "opposite_prefix": near_words.opposite_prefix,
    "near_words": near_words.near_words,
    "speaker": speaker.speaker,
}


@lru_cache(maxsize=256)
def raw_difference(asked: str, stored: str, rules: Collection[str] = frozenset(RAW_RULES)) -> (
    tuple[str, Difference] | None
):  # fmt: skip
    """Return the first of `rules` that refuses the pair, with the difference it found."""
    for name, rule in RAW_RULES.items():
        difference = rule(asked, stored) if name in rules else None
        if difference is not None:
            return name, difference
    return None
