"""Writes the gate's opposites and synonyms from WordNet: `python -m scripts.train.opposites FOLDER`.

FOLDER holds WordNet 3.0's `data.noun`, `data.verb`, `data.adj` and `data.adv`, as Debian's package `wordnet-base` has
them under `/usr/share/wordnet`. Kept are direct antonyms of which both are words of the gate's table: 631 pairs, 10 KB.
Antonyms of similar adjectives (3,828 pairs) were tried: on 15 labelled sources they refuse 8 right pairs and 1 wrong.

Synonyms are words of one synset, or of two similar adjectives, which the gate's table has as near: 1,600 pairs, 26 KB.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import function_words
from sentinel_core.matching.gate.rules import edits

PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
_MARKER = re.compile(r"\(.*\)")

Key = tuple[str, str]
Pointer = tuple[Key, int, int]


def pairs(folder: Path) -> list[tuple[str, str]]:
    """Return each pair once, both in alphabetical order."""
    synsets = dict(synset for part in PARTS for synset in _synsets(folder / f"data.{part}", PARTS[part]))
    found = set()
    for words, pointers in synsets.values():
        for key, source, target in pointers:
            one, other = words[source - 1], synsets[key][0][target - 1]
            if one != other and _is_known(one) and _is_known(other):
                found.add((min(one, other), max(one, other)))
    return sorted(found)


def synonyms(folder: Path) -> list[tuple[str, str]]:
    """Return each pair of base forms once, both in alphabetical order."""
    synsets = dict(synset for part in PARTS for synset in _synsets(folder / f"data.{part}", PARTS[part], "&"))
    found: set[tuple[str, str]] = set()
    for words, pointers in synsets.values():
        near = [word for key, _, _ in pointers for word in synsets[key][0]]
        for one in words:
            found.update((min(one, other), max(one, other)) for other in (*words, *near))
    bases = {tuple(sorted(map(lexicon.base, pair))) for pair in found if all(map(_is_known, pair))}
    return sorted((one, other) for one, other in bases if _is_near(one, other))


def _is_near(one: str, other: str) -> bool:
    """Whether two words that are not listed by hand are near enough for a replacement."""
    known = one != other and one in lexicon.ranks() and other in lexicon.ranks()
    listed = lexicon.alike().get(one, frozenset()) & lexicon.alike().get(other, frozenset())
    return known and not listed and likeness.nearest([one], [other])[0] >= edits.UNLIKE_ALONE


def _is_known(word: str) -> bool:
    return len(word) > 2 and word in lexicon.ranks() and word not in function_words()


def _synsets(path: Path, part: str, symbol: str = "!") -> Iterator[tuple[Key, tuple[list[str], list[Pointer]]]]:
    """Yield each synset of a file (wndb(5WN)): its words, and its antonyms as synset and places of both words.

    By another symbol, other relations; those of whole synsets have the places 0.
    """
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("  "):
            fields = line.split("|")[0].split()
            count = int(fields[3], 16)
            words = [_MARKER.sub("", word).lower() for word in fields[4 : 4 + 2 * count : 2]]
            rest = fields[5 + 2 * count :]
            yield (part, fields[0]), (words, list(_pointers(rest, int(fields[4 + 2 * count]), symbol)))


def _pointers(fields: list[str], count: int, wanted: str) -> Iterator[Pointer]:
    for at in range(0, 4 * count, 4):
        symbol, offset, part, places = fields[at : at + 4]
        source, target = int(places[:2], 16), int(places[2:], 16)
        if symbol == wanted and (wanted == "&" or (source and target)):
            yield ("a" if part == "s" else part, offset), source, target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    data = Path(str(files("sentinel_core.matching.gate") / "lexicon_data"))
    for name, found in (("opposites.txt", pairs(folder)), ("synonyms.txt", synonyms(folder))):
        (data / name).write_text("".join(f"{one} {other}\n" for one, other in found), encoding="utf-8")
        print(f"{name}: {len(found)} pairs")


if __name__ == "__main__":
    main()
