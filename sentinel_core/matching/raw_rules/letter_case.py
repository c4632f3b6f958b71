"""Refuses prompts whose words differ in letter case, unless the case is a habit of the writer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, word_set
from sentinel_core.matching.raw_rules.word_lists import has_two_cases, is_name

Habit: TypeAlias = Literal["lower", "upper", "title", "mixed"]

UNIT = 2
"""Letters up to which a word in capitals is a unit or a code (mW, MB), not an emphasised word."""

SYMBOL = 4
"""Letters up to which two ways of writing with capitals are two symbols (Mb and MB), not one name (Javascript)."""

TITLE_WORDS = 3

_WORD = re.compile(r"[^\W\d_]\w*")
_STARTS = re.compile(r"(?:\A|[.!?:;\u2026\n]|[-*\u2022]\s)[\s\"'\u201c\u2018(\[\u00bf\u00a1*_#>-]*\Z")
_PAIR = re.compile(r"\b([^\W\d_]+)(?= ([^\W\d_]+)\b)")
_AFTER_NUMBER = re.compile(r"\d\s?\Z")
"""`5 MB` and `5 mb`, `8 AM` and `8 am` are the same; `5 Mb` is not."""

_PROGRAMMING = re.compile(
    r"\b(?:functions?|methods?|class(?:es)?|variables?|identifiers?|keywords?|parameters?|constructors?|constants?"
    r"|interfaces?|structs?|enums?|commands?|flags?|operators?|regex|columns?|modules?|packages?|hooks?|python|java"
    r"|javascript|typescript|golang|kotlin|swift|rust|ruby|perl|php|haskell|scala|bash|shell|linux|unix|sql|html|css"
    r"|react|node|django|pandas|numpy|git|docker|kubernetes|c\+\+|c#|api|json|yaml|xml)(?!\w)|`|\(\)",
    re.IGNORECASE,
)


_LANGUAGES = word_set("javascript typescript postgresql mysql github graphql fastapi numpy pytorch latex")
"""Names that are written with capitals in several places."""

_TYPES = word_set("set map list object string number")

_NO_CODE = word_set("my we of to by an if so up our your the but for with have how what why when")
"""Words that are none else in capitals."""

_NO_OTHER_WORD = _NO_CODE | word_set("me is it on or and")
"""Words that are none else with a first capital."""

_EVERYDAY = word_set("atm id hr pc tv cv sim faq pin")
"""Abbreviations that people write small; `pin` only beside a word of `_SECRET`."""

_SECRET = word_set(
    "card code number enter entered bank atm account phone sim change reset forgot forgotten wrong correct new"
)
_SHOUTED = re.compile(r"(?<![^\W\d_])(?:[A-Z']+[\s,!?.-]+){3,60}[A-Z']+(?![^\W_])")


@dataclass(frozen=True, slots=True)
class _Writing:
    """How one prompt is written. `forms` are the ways each word stands in it, but for the first word of a sentence."""

    text: str
    forms: Mapping[str, frozenset[str]]
    habit: Habit
    opens_lower: bool


def letter_case(asked: str, stored: str) -> Difference | None:
    """
    Refuse a word that both prompts have in other case, as `polish` and `Polish`, `Mb` and `MB`, `map` and `Map`.

    The first letter of a sentence says nothing, nor does a prompt in capitals, in small letters, or with capitals
    on all its words.
    """
    left, right = _writing(asked), _writing(stored)
    if left.habit in {"upper", "title"} or right.habit in {"upper", "title"}:
        return _symbols(left, right) if "upper" not in {left.habit, right.habit} else None
    if left.opens_lower != right.opens_lower and "lower" in {left.habit, right.habit}:
        return None
    programming = bool(_PROGRAMMING.search(asked) or _PROGRAMMING.search(stored))
    for word in sorted(left.forms.keys() & right.forms.keys()):
        one, other = left.forms[word], right.forms[word]
        if (
            (not one & other or len(word) <= UNIT or has_two_cases(word))
            and one != other
            and _tells(word, left, right, programming)
            and (programming or not _is_habit(word, left, right))
        ):
            return Difference(min(one - other or one), min(other - one or other))
    return None


def _symbols(left: _Writing, right: _Writing) -> Difference | None:
    """Short words with capitals inside still differ where all words begin with one."""
    for word in sorted(left.forms.keys() & right.forms.keys()):
        one, other = min(left.forms[word]), min(right.forms[word])
        if not left.forms[word] & right.forms[word] and len(word) <= SYMBOL and not {one, other} & {word}:
            return Difference(one, other)
    return None


def _tells(word: str, left: _Writing, right: _Writing, programming: bool) -> bool:
    """Whether the two ways of writing `word` are two things."""
    forms = left.forms[word] | right.forms[word]
    if word not in forms:
        return len(word) <= SYMBOL or (programming and word not in _LANGUAGES) or has_two_cases(word)
    if has_two_cases(word) or (len(word) <= UNIT and not forms <= {word, word.upper()}):
        return True
    if all(form in {word, word.upper()} for form in forms):
        return len(word) <= UNIT or (programming and not is_name(word) and word in lexicon.ranks())
    return programming and (not is_name(word) or word in _TYPES) and word in lexicon.ranks()


def _is_habit(word: str, left: _Writing, right: _Writing) -> bool:
    """Whether people write `word` both ways and mean one thing: `It`, `atm`, `MY`, the name `apple pay`."""
    forms = left.forms[word] | right.forms[word]
    if forms <= {word, word.capitalize()} and word in _NO_OTHER_WORD:
        return True
    if forms <= {word, word.capitalize(), word.upper()} and word in _NO_CODE:
        return True
    if forms <= {word, word.upper()} and word in _EVERYDAY:
        return word != "pin" or not _SECRET.isdisjoint(left.forms.keys() | right.forms.keys())
    names, small = _neighbours(left.text)
    names_2, small_2 = _neighbours(right.text)
    both = (names & small_2) | (names_2 & small)
    return any(word in pair for pair in both)


@lru_cache(maxsize=64)
def _writing(text: str) -> _Writing:
    found: defaultdict[str, set[str]] = defaultdict(set)
    opening: list[str] = []
    inner: list[str] = []
    has_files = ".js" in text.lower()
    if not text.isupper():
        text = _SHOUTED.sub(lambda found: found[0].lower(), text)
    for match in _WORD.finditer(text):
        word, at = match[0], match.start()
        if has_files and text[match.end() : match.end() + 3].lower() == ".js":
            continue
        starts = _starts_a_sentence(text, at)
        (opening if starts else inner).append(word)
        lower = word.lower()
        if not (starts and (word == lower or word == word.capitalize())) and lower != "i":
            counted = word.isupper() and _AFTER_NUMBER.search(text, max(0, at - 2), at)
            found[lower].add(lower if counted else word)
    forms = {word: frozenset(written) for word, written in found.items()}
    return _Writing(text, forms, _habit(opening, inner), bool(opening) and opening[0][:1].islower())


def _neighbours(text: str) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """Return pairs of words with only a blank between them: those with two capitals, and those with none."""
    names: set[tuple[str, str]] = set()
    small: set[tuple[str, str]] = set()
    for pair in _PAIR.finditer(text):
        one, other = pair[1], pair[2]
        kind = names if one[0].isupper() and other[0].isupper() else small if (one + other).islower() else None
        if kind is not None:
            kind.add((one.lower(), other.lower()))
    return frozenset(names), frozenset(small)


def _starts_a_sentence(text: str, at: int) -> bool:
    if at > 1 and text[at - 1] == " " and text[at - 2].isalnum():  # most words
        return False
    return at == 0 or _STARTS.search(text, max(0, at - 8), at) is not None


def _habit(opening: list[str], inner: list[str]) -> Habit:
    words = [word for word in (*opening, *inner) if word not in {"I", "A"}]
    if len(words) > 1 and all(word.isupper() for word in words):
        return "upper"
    if all(word.islower() for word in words):
        return "lower"
    capitals = [word for word in inner if word[0].isupper() and word not in {"I", "A"}]
    if len(capitals) >= TITLE_WORDS and all(word[0].isupper() for word in inner if len(word) > TITLE_WORDS):
        return "title"
    return "mixed"
