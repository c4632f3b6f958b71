"""Whether two prompts in another language ask the same: the same kind of question about the same words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from sentinel_core.matching.other_languages import unspaced
from sentinel_core.matching.other_languages.reading import LONGEST, QUESTIONS, SURE, Request, read, shared_languages
from sentinel_core.matching.other_languages.tables import Language, languages
from sentinel_core.matching.shared_run import shared_run
from sentinel_core.support.patterns import lazy

_SHORTEST_TRUNK = 3
_LONGEST_ENDING = 8
_QUOTED = lazy(
    r"[\"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300e]([^\"\u201c\u201d\u201e\u00ab\u00bb\u300d\u300f]{1,80})"
    r"|(?<!\w)['\u2018\u201a](\w[^'\u2018\u2019]{0,40})['\u2018\u2019](?!\w)"
)
_CODE = lazy(r"```.*?```", re.DOTALL)
_PERSONS = frozenset({"he", "she"})
_DOUBLED = lazy(r"([a-z])\1")
_SUBJECT_OR_OBJECT = frozenset({"who", "what", "which", "whom"})
"""Question words after which the order of words may tell who does it: `qui aime Paul`, `qui Paul aime-t-il`."""

_ONE = lazy(r"\b(?:quel(?:le)? est|cu[aá]l es|qual [èé]|wer ist|qui est|qui[eé]n es|chi è|quem é|wie is|vem är)\b")
_MANY = lazy(
    r"\b(?:quel(?:le)?s sont|cu[aá]les son|quali sono|quais são|wer sind|qui sont|qui[eé]nes son|chi sono|quem são"
    r"|wie zijn|vilka är)\b"
)
"""Questions after one and after several of a kind, which have other answers; not definitions, `was ist`."""

_WHO = frozenset({"who", "whom"})
"""Question words of which the order of all words tells who does it, where endings do not."""

_CIRCUMSTANCES = frozenset({"why", "when", "where", "how", "howoften"})
_INVERTING = frozenset({"es", "it", "pt"})
"""Languages whose subject may stand behind verb and object: `por qué duermen tanto los gatos`."""

_FEW = 2

_GERMANIC = frozenset({"de", "nl"})


def asks_the_same(asked: str, stored: str) -> bool:
    """Whether both are the same request in another language, in other frames, forms of words or order."""
    if "```" in asked and _CODE.findall(asked) == _CODE.findall(stored):
        asked, stored = _CODE.sub(" ", asked), _CODE.sub(" ", stored)
    if max(len(asked), len(stored)) > LONGEST:
        return False
    is_unspaced = unspaced.is_unspaced(asked) and unspaced.is_unspaced(stored)
    spoken, speaking = ((), 0) if is_unspaced else shared_languages(asked, stored)
    if not (is_unspaced or spoken) or _QUOTED.findall(asked) != _QUOTED.findall(stored):
        return False  # most pairs: both are in English
    if _is_after_one(asked) != _is_after_one(stored) and _is_after_many(asked) != _is_after_many(stored):
        return False
    if is_unspaced:
        return unspaced.asks_the_same(asked, stored)
    return all(_asks_the_same(asked, stored, language, speaking) for language in spoken)


def _asks_the_same(asked: str, stored: str, language: Language, speaking: int) -> bool:
    left, right = read(asked, language.name), read(stored, language.name)
    if left.mentioned != right.mentioned:
        return False
    is_sure = speaking >= SURE or left.marks & QUESTIONS or (left.marks and speaking > 1)
    return bool(is_sure) and _has_same_marks(left, right) and _has_same_words(left, right, language)


def _is_after_one(text: str) -> bool:
    return _ONE.search(text.lower()) is not None


def _is_after_many(text: str) -> bool:
    return _MANY.search(text.lower()) is not None


def _has_same_marks(left: Request, right: Request) -> bool:
    persons = left.marks & _PERSONS, right.marks & _PERSONS
    lone = left.marks ^ right.marks
    is_symptom = lone == {"remedy"} and not (left.marks & right.marks & QUESTIONS)
    if lone - _PERSONS and not is_symptom:
        return False
    return persons[0] == persons[1] or (not all(persons) and min(len(left.words), len(right.words)) > 1)


def _has_same_words(left: Request, right: Request, language: Language) -> bool:
    one, other = left.words, right.words
    if not any(len(word) > 1 for word in one) or len(one) != len(other):
        return False
    if left.marks & _WHO and not language.is_free and (one != other or left.is_fronted != right.is_fronted):
        return left.is_fronted == right.is_fronted and _are_alike(one, other, left, language)
    if sorted(one) == sorted(other) and (language.is_free or _bare(one) == _bare(other)):
        return True
    if _are_alike(one, other, left, language):
        return True
    if "remedy" in left.marks & right.marks and language.name in _GERMANIC and one[0] == other[0]:
        return sorted(one) == sorted(other)  # `der Drucker druckt nicht mehr`, `wenn der Drucker nicht mehr druckt`
    if not left.marks & QUESTIONS or len(one) == 1:
        return False
    if left.marks & _SUBJECT_OR_OBJECT and left.is_fronted == right.is_fronted:
        return False
    rotated = [(*other[1:], other[0]), (other[-1], *other[:-1])]
    return any(_are_alike(one, each, left, language) and _is_explained(left, right, each, language) for each in rotated)


def _bare(words: tuple[str, ...]) -> list[str]:
    """Return the words without a preposition; others may stand anywhere: `wie lange gilt ... in Deutschland`."""
    return [word for word in words if " " not in word]


def _is_explained(left: Request, right: Request, rotated: tuple[str, ...], language: Language) -> bool:
    """Whether a word has moved for a reason: the topic to the front, the verb to the end, or the subject behind it."""
    if left.marks & _CIRCUMSTANCES and (
        language.name in _INVERTING or (language.name == "fr" and len(rotated) <= _FEW)
    ):
        return True
    return left.is_fronted != right.is_fronted or left.is_framed != right.is_framed or left.words != rotated


def _are_alike(one: tuple[str, ...], other: tuple[str, ...], request: Request, language: Language) -> bool:
    pairs = [(word, word_2) for word, word_2 in zip(one, other, strict=True) if word != word_2]
    if one[0] != other[0] and request.marks & {"how", "where"} and _ends_in(one[0], other[0], language.first):
        pairs = pairs[1:]
    bent = [pair for pair in pairs if not _is_one_verb(*pair, request, language)]
    return all(is_one_word(*pair, language) for pair in bent) and (
        not language.has_cases or sum(not _ends_in_any(*pair, language.adjectives) for pair in bent) <= 1
    )


@cache
def _infinitives(name: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of endings of which one is an infinitive's, for verbs whose stem changes: `pido`, `pedir`."""
    return frozenset(pair for pair in languages()[name].endings if any(each.endswith("r") for each in pair))


def _endings(word: str, word_2: str) -> Iterator[tuple[str, str]]:
    """Yield the endings of two words behind each trunk that both have, the longest trunk first."""
    shared = shared_run(word, word_2)
    for cut in range(shared, max(_SHORTEST_TRUNK, shared - _LONGEST_ENDING) - 1, -1):
        yield word[cut:], word_2[cut:]


def _ends_in(word: str, word_2: str, endings: Collection[tuple[str, str]]) -> bool:
    """Whether two words share all but a pair of `endings`."""
    return any(pair in endings for pair in _endings(word, word_2))


def _ends_in_any(word: str, word_2: str, endings: Collection[str]) -> bool:
    """Whether two words share all but their endings, both of `endings`."""
    return any(left in endings and right in endings for left, right in _endings(word, word_2))


def _is_one_verb(word: str, word_2: str, request: Request, language: Language) -> bool:
    """Whether two verbs after a question word differ in person or voice only, in Turkish."""
    if not request.marks & QUESTIONS or not language.verbs:
        return False
    shared = shared_run(word, word_2)
    cuts = range(shared, 1, -1)
    return any(word[cut:] in language.verbs and word_2[cut:] in language.verbs for cut in cuts)


def is_one_word(word: str, word_2: str, language: Language) -> bool:
    """Whether two words are forms of one: they share all but a pair of endings."""
    if " " in word or " " in word_2:
        *places, word = word.split()
        *places_2, word_2 = word_2.split()
        if places != places_2:
            return False
    if language.name == "nl":
        word, word_2 = _DOUBLED.sub(r"\1", word), _DOUBLED.sub(r"\1", word_2)
    if word == word_2 or _ends_alike(word, word_2, language):
        return True
    for strong, weak in language.stems:
        plain, plain_2 = (each.replace(strong, weak, 1) for each in (word, word_2))
        if (plain, plain_2) != (word, word_2) and _ends_in(plain, plain_2, _infinitives(language.name)):
            return True
    return False


def _ends_alike(word: str, word_2: str, language: Language) -> bool:
    for endings in _endings(word, word_2):
        if endings in language.endings or (language.cases and _are_cases(*endings, language)):
            # A German or Dutch trunk in -t may be the past tense: `kauft`, `kaufte`.
            is_past = word.removesuffix(endings[0]).endswith("t") and "" in endings
            return not (language.name in _GERMANIC and is_past)
    return word == word_2


def _are_cases(ending: str, ending_2: str, language: Language) -> bool:
    return (ending in language.cases or not ending) and (ending_2 in language.cases or not ending_2)
