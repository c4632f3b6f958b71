"""How two prompts in another language ask for two things: another question, duty, negation, tense or order of words."""

from __future__ import annotations

from collections.abc import Iterable

from sentinel_core.matching.other_languages import unspaced
from sentinel_core.matching.other_languages.comparison import asks_the_same, is_one_word
from sentinel_core.matching.other_languages.reading import LONGEST, QUESTIONS, SURE, Request, read, shared_languages
from sentinel_core.matching.other_languages.tables import Language
from sentinel_core.matching.shared_run import shared_run

_DUTIES = frozenset({"can", "may", "must"})
_ASKED = QUESTIONS - {"what", "which", "explain"}
"""Question words that no other one stands for."""

_OF_MONEY = frozenset({"howmany", "cost"})
"""Question words that may ask for the same: `c'est combien`."""

_TRUNK = 3
_MOST = 12
"""Words; the sentences of a longer text may stand in another order."""

Spans = tuple[str, str]


def difference(asked: str, stored: str) -> Spans | None:
    """Return the two spans that differ where these languages tell two requests apart; None where they tell nothing."""
    if max(len(asked), len(stored)) > LONGEST or asked == stored:
        return None
    if unspaced.is_unspaced(asked) and unspaced.is_unspaced(stored):
        return None if unspaced.asks_the_same(asked, stored) else unspaced.difference(asked, stored)
    spoken, speaking = shared_languages(asked, stored)
    if not spoken:
        return None
    language = spoken[0]
    left, right = read(asked, language.name), read(stored, language.name)
    if speaking < SURE and not (left.marks and right.marks):
        return None
    found = _of_marks(left, right) or _of_tense(left, right, language) or _of_order(left, right, language)
    return None if found is None or asks_the_same(asked, stored) else found


def _of_marks(left: Request, right: Request) -> Spans | None:
    """Return other question words, duties and persons, and a negation that one prompt has."""
    same_words = left.words == right.words
    for kinds in (_ASKED, _DUTIES, frozenset({"he", "she"})):
        one, other = left.marks & kinds, right.marks & kinds
        if one and other and one.isdisjoint(other) and not (same_words and one | other == _OF_MONEY):
            return _joined(one), _joined(other)
    if left.mentioned and right.mentioned and left.mentioned != right.mentioned:
        return _joined(left.mentioned), _joined(right.mentioned)
    if ("not" in left.marks) != ("not" in right.marks):
        return ("not", "") if "not" in left.marks else ("", "not")
    return None


def _of_tense(left: Request, right: Request, language: Language) -> Spans | None:
    """Return a verb of which one prompt has the present and the other another tense: `kauft`, `kaufte`."""
    lone, lone_2 = set(left.words) - set(right.words), set(right.words) - set(left.words)
    for word in sorted(lone):
        for word_2 in sorted(lone_2):
            shared = shared_run(word, word_2)
            pasts = [_is_past(each, shared, language.past) for each in (word, word_2)]
            if shared >= _TRUNK and pasts[0] != pasts[1] and len(max(word, word_2, key=len)) - shared <= _LONGEST:
                return word, word_2
    return None


_LONGEST = 5


def _is_past(word: str, shared: int, endings: Iterable[str]) -> bool:
    """Whether a word ends in the ending of another tense, which the shared letters do not have."""
    return any(word.endswith(ending) and len(word) - len(ending) <= shared for ending in endings)


def _of_order(left: Request, right: Request, language: Language) -> Spans | None:
    """Return the words of two prompts that have the same ones in another order, or with their prepositions swapped."""
    one, other = left.words, right.words
    if one == other or len(one) != len(other) or len(one) > _MOST:
        return None
    if left.is_fronted != right.is_fronted and not left.marks & {"who", "whom"}:
        return None
    bare, bare_2 = ([word.rpartition(" ")[2] for word in words] for words in (one, other))
    if bare == bare_2:
        return next((pair for pair in zip(one, other, strict=True) if _leads_elsewhere(*pair, language)), None)
    if not _are_the_same(bare, bare_2, language):
        return None
    return " ".join(one), " ".join(other)


def _leads_elsewhere(word: str, word_2: str, language: Language) -> bool:
    """Whether one word has two prepositions, or only one prompt has one of direction: `in Berlin`, `nach Berlin`."""
    place, place_2 = word.rpartition(" ")[0], word_2.rpartition(" ")[0]
    return place != place_2 and bool((place and place_2) or {place, place_2} & language.towards)


def _are_the_same(words: list[str], others: list[str], language: Language) -> bool:
    """Whether each word has a form of itself among `others`."""
    left = list(others)
    for word in words:
        found = next((each for each in left if each == word or is_one_word(word, each, language)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _joined(marks: Iterable[str]) -> str:
    return " ".join(sorted(marks))
