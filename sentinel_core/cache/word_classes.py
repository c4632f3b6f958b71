"""
Reads the classes of function words that 28 languages share: mine, how, already, nearest, turn off.

Weights of classes that were fitted to sentences in one language hold in the others, also in those with few sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain, pairwise

_SIGN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HANGUL, _KANA = re.compile("[\uac00-\ud7af]"), re.compile("[\u3040-\u30ff]")
_UNSPACED = ("zh", "ja", "ko")
"""Languages whose words are sought in the text."""

_ENDED = "my~"
"""In the file, endings of words that say whose a thing is, as Turkish and Arabic nouns have them."""

_UNSAID = "-"
"""In the file, words that only tell the language."""

_SHORTEST_ENDED = 4
_SPEAKER = frozenset({"my", "i", "me"})


@dataclass(frozen=True, slots=True)
class Classes:
    """
    The classes of words by language, in the order of the file: of a word that is known in two, the first counts.

    `phrases` has the words of a language without blanks as one pattern.
    """

    words: dict[str, dict[str, str]]
    endings: dict[str, tuple[str, ...]]
    phrases: dict[str, tuple[re.Pattern[str], dict[str, str]]]

    def sequence(self, sentence: str, words: Sequence[str]) -> list[str]:
        """Return the classes of a sentence's words in their order, in the language with the most of them."""
        if 2 * len(_SIGN.findall(sentence)) > len(words):
            unspaced = "ko" if _HANGUL.search(sentence) else "ja" if _KANA.search(sentence) else "zh"
            pattern, classes = self.phrases[unspaced]
            return [classes[found[0]] for found in pattern.finditer(sentence)]
        known = [self.words.get(word, {}) for word in words]
        counts = Counter(chain.from_iterable(known))
        if not counts:
            return []
        most = max(counts.values())
        language = next(each for each in self.endings if counts[each] == most)
        endings = self.endings[language]
        row = [
            each.get(language, "my")
            for word, each in zip(words, known, strict=True)
            if language in each or (len(word) >= _SHORTEST_ENDED and word.endswith(endings))
        ]
        return [name for name in row if name != _UNSAID]


@cache
def table() -> Classes:
    """Return the classes of all languages; they are read at the first use."""
    text = (files("sentinel_core.cache") / "wording_data" / "classes.txt").read_text(encoding="utf-8")
    words: dict[str, dict[str, str]] = {}
    endings: dict[str, tuple[str, ...]] = {}
    phrases: dict[str, tuple[re.Pattern[str], dict[str, str]]] = {}
    for section in text.strip().split("\n\n"):
        language, *lines = section.splitlines()
        named = dict(line.split(": ") for line in lines)
        endings[language] = tuple(named.pop(_ENDED, "").split())
        classes = {word: name for name in reversed(named) for word in named[name].split()}
        if language in _UNSPACED:
            longest_first = sorted(classes, key=len, reverse=True)
            phrases[language] = re.compile("|".join(map(re.escape, longest_first))), classes
        else:
            for word, name in classes.items():
                words.setdefault(word, {})[language] = name
    return Classes(words, endings, phrases)


@lru_cache(256)
def pieces(sentence: str, words: tuple[str, ...]) -> frozenset[str]:
    """
    Return pieces of the sequence of classes: one, two or three in a row, the first and the last, and what lacks.

    The latest are remembered, because weights of two kinds ask for those of the same sentence.
    """
    row = table().sequence(sentence, words)
    if not row:
        return frozenset({"@none", "@no speaker"})
    pairs = {f"@{one} {two}" for one, two in pairwise(row)}
    threes = {f"@{one} {two} {three}" for one, two, three in zip(row, row[1:], row[2:], strict=False)}
    ends = {f"@^{row[0]}", f"@^{' '.join(row[:2])}", f"@{row[-1]}$", *(f"@^{row[0]}..{each}" for each in row[1:])}
    lacking = () if _SPEAKER & set(row) else ("@no speaker",)
    return frozenset({*(f"@{each}" for each in row), *pairs, *threes, *ends, *lacking})
