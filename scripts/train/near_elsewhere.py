"""Writes the pairs of words that look like one word with a slip: `python -m scripts.train.near_elsewhere`.

Needs wordfreq 3.1.1 and simplemma 2.0.0 in the environment. wordfreq's licence for its data (CC BY-SA 4.0) goes on
with the list; the notice lies beside it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from sentinel_core.matching.plain_letters import without_accents
from sentinel_core.matching.raw_rules.slips_elsewhere import LONG, SHORTEST, SPANISH
from sentinel_core.matching.raw_rules.spanish_slips import sound_of

LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "sv", "pl")
MOST = 100_000
"""Words of a language, the most frequent ones."""
_FREQUENT = 3.0
"""Zipf frequency from which a word that the lemmatiser does not know is one nonetheless; the shortest ones are."""


def main() -> None:
    found = {one for language in LANGUAGES for one in _confusable(language)}
    folder = Path(str(files("sentinel_core.matching.raw_rules") / "word_data"))
    lines = textwrap.wrap(" ".join(sorted(found)), 118, break_long_words=False, break_on_hyphens=False)
    (folder / "near_elsewhere.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _confusable(language: str) -> Iterator[str]:
    """Yield one of each two words of a language that are a slip apart: the shorter, or the first of both in order."""
    frequencies, lemmas = import_module("wordfreq"), import_module("simplemma")
    words = [word for word in frequencies.top_n_list(language, MOST) if word.isalpha() and len(word) >= SHORTEST]
    real = {
        word
        for word in words
        if len(word) == SHORTEST
        or lemmas.is_known(word, language)
        or frequencies.zipf_frequency(word, language) >= _FREQUENT
    }
    if language == SPANISH:
        yield from _said_alike(word for word in words if word in real)
    for word in words:
        yield from (min((slip, word), key=lambda one: (len(one), one)) for slip in _slips(word) if {slip, word} <= real)


def _said_alike(words: Iterable[str]) -> Iterator[str]:
    """Yield of words that are said alike all but the most frequent one, which comes first."""
    first: dict[str, str] = {}
    for word in words:
        if without_accents(first.setdefault(sound_of(word), word)) != without_accents(word):
            yield word


def _slips(word: str) -> Iterator[str]:
    """Yield a word with two letters swapped, one of a doubled letter, or one letter of a long word left out."""
    for at in range(1, len(word) - 1):
        if word[at] != word[at + 1]:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if len(word) > SHORTEST and (word[at] == word[at - 1] or (len(word) >= LONG and 1 < at < len(word) - 3)):
            yield word[:at] + word[at + 1 :]


if __name__ == "__main__":
    main()
