"""Refuses prompts of the same words whose lines or indentation differ; double blanks in prose say nothing."""

from __future__ import annotations

import re

from sentinel_core.matching.canonical_text import comparable
from sentinel_core.matching.gate.reading import Difference, function_words

_QUOTED = re.compile(r"\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|`[^`\n]{0,200}`")
_SPACED_OPERATOR = re.compile(r"(?<=[\w)\]])\s*([-+*/^=<>])\s*(?=[\w(\[-])")
_ABOUT_LINES = re.compile(
    r"\b(?:lines?|rows?|columns?|verses?|stanzas?|poems?|haikus?|lyrics|lists?|tables?|newlines?|breaks?|indent\w*|print\w*"
    r"|outputs?|code|yaml|format\w*)\b"
)
_SENTENCE = re.compile(r"[^\W\d_][\w ,'\u2019/%$\u20ac\u00a3()-]*[.?!\u2026]{0,3}")
_SHOWN = 40


def white_space(asked: str, stored: str) -> Difference | None:
    """Compare lines and indentation where the words are the same, and shared lines where they are not."""
    left, right = asked.casefold().split(), stored.casefold().split()
    if left == right:
        return _layout(asked, stored)
    if "".join(left) == "".join(right):
        return _moved(asked, stored)
    return _indentation(asked, stored) if "\n" in asked.strip() and "\n" in stored.strip() else None


def _layout(asked: str, stored: str) -> Difference | None:
    """Lines must be the same, but for blank ones; blanks within quotes as well."""
    left, right = _lines(asked), _lines(stored)
    quoted_left, quoted_right = _QUOTED.findall(asked), _QUOTED.findall(stored)
    spaced = [one.lower() for one in quoted_left] != [other.lower() for other in quoted_right]
    if spaced and any(" ".join(span.split()) != span for span in (*quoted_left, *quoted_right)):
        return Difference(" ".join(quoted_left)[:_SHOWN], " ".join(quoted_right)[:_SHOWN])
    if left == right or (min(len(left), len(right)) == 1 and _is_one_sentence(asked) and _is_one_sentence(stored)):
        return None
    pairs = zip(left, right, strict=False)
    one, other = next(((one, other) for one, other in pairs if one != other), (left[-1], right[-1]))
    return Difference(_shown(one), _shown(other))


def _is_one_sentence(text: str) -> bool:
    """Whether a text is one sentence of prose, which may be broken off anywhere between two words."""
    lines = [line.strip() for line in text.strip().splitlines()]
    goes_on = all(line and line[0].islower() for line in lines[1:])
    sentence = " ".join(lines)
    is_prose = not function_words().isdisjoint(sentence.lower().split())
    return goes_on and is_prose and bool(_SENTENCE.fullmatch(sentence)) and not _ABOUT_LINES.search(sentence.lower())


def _lines(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """Each line that is not blank: how far it is indented beyond the least, and its words."""
    found = [(_indent(line), tuple(line.casefold().split())) for line in text.splitlines() if line.strip()]
    least = min((indent for indent, _ in found), default=0)
    return [(indent - least, words) for indent, words in found]


def _indent(line: str) -> int:
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())


def _shown(line: tuple[int, tuple[str, ...]]) -> str:
    return (" " * min(line[0], 8) + " ".join(line[1]))[:_SHOWN]


def _moved(asked: str, stored: str) -> Difference | None:
    """Blanks that part words elsewhere are two texts, but around operators, and where both are one spelling."""
    if comparable(asked) == comparable(stored):
        return None
    left, right = (" ".join(_SPACED_OPERATOR.sub(r" \1 ", text).casefold().split()) for text in (asked, stored))
    if left == right and not ("\n" in asked.strip() or "\n" in stored.strip()):
        return None
    one, other = _first_difference(asked.split(), stored.split())
    return Difference(one[:_SHOWN], other[:_SHOWN])


def _first_difference(left: list[str], right: list[str]) -> tuple[str, str]:
    pairs = zip(left, right, strict=False)
    return next(((one, other) for one, other in pairs if one.casefold() != other.casefold()), ("", ""))


def _indentation(asked: str, stored: str) -> Difference | None:
    """Refuse code of other depth: a line that both prompts have must stand as deep in both."""
    left, right = ({words: indent for indent, words in _lines(text)} for text in (asked, stored))
    for words in left.keys() & right.keys():
        if left[words] != right[words]:
            return Difference(_shown((left[words], words)), _shown((right[words], words)))
    return None
