"""Refusals over the words that a negation is about: not all of them, all of them not."""

from itertools import takewhile

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import (
    Difference,
    Reading,
    content_apart,
    content_words,
    fact,
    is_content,
    word_set,
)
from sentinel_core.matching.gate.rules.rule import gate_rule

_QUANTIFIERS = word_set("all both every each everyone everybody everything many much always only necessarily now")
_CLAUSES = word_set(
    "say says said tell told claim claims claimed know knows knew promise promised true sure prove write wrote"
)
"""Words before a clause of its own; who does not think that it is so thinks that it is not."""


@gate_rule(
    must_refuse=[
        ("why are not all seats free", "why are all seats not free", "not all", "all … not"),
        ("is it not true that tin rusts", "is it true that tin does not rust", "not … true", "true … not"),
    ],
    must_pass=[
        ("why is my card not working", "why is not my card working"),
        ("do all not all come", "do all not all of them come"),
        ("I do not think all of it is fair", "I think not all of it is fair"),
    ],
)
def scope(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a negation before a quantifier or a clause against the same negation behind it."""
    if "not" not in asked.vocabulary or "not" not in stored.vocabulary or asked.is_story or stored.is_story:
        return None
    if content_words(asked) != content_words(stored):
        return None
    for word, is_next in _before(asked).items():
        if word in _after(stored) and word not in _after(asked):
            return Difference(_negated(word, is_next=is_next), f"{word} … not")
    for word, is_next in _before(stored).items():
        if word in _after(asked) and word not in _after(stored):
            return Difference(f"{word} … not", _negated(word, is_next=is_next))
    return None


def _negated(word: str, *, is_next: bool) -> str:
    return f"not {word}" if is_next else f"not … {word}"


@fact
def _before(reading: Reading) -> dict[str, bool]:
    """Return quantifiers right behind the only "not", and words of clauses behind it; whether they are next."""
    words = reading.tokens
    if words.count("not") != 1:
        return {}
    at = words.index("not")
    following = words[at + 1 :]
    found = {word: False for word in following if word in _CLAUSES}
    return found | {word: True for word in following[:1] if word in _QUANTIFIERS}


@fact
def _after(reading: Reading) -> frozenset[str]:
    """Return the quantifiers and words of clauses before the only "not"."""
    words = reading.tokens
    if words.count("not") != 1:
        return frozenset()
    return (_QUANTIFIERS | _CLAUSES).intersection(words[: words.index("not")])


@gate_rule(
    must_refuse=[
        ("the film has no sound", "the film has sound but no picture", "no sound", "no picture"),
        ("what if it goes through but is not paid", "what if it does not go through but is paid", "not paid", "not go"),
        ("what if it opens but does not close", "what if it does not open but closes", "not close", "not open"),
        ("the sauce is sweet but not hot", "the sauce is hot but not sweet", "not hot", "not sweet"),
    ],
    must_pass=[
        ("my card does not work", "I cannot get my card to work"),
        ("my order did not arrive", "no order has arrived"),
        ("the app does not open and nothing loads", "nothing loads and the app does not open"),
    ],
)
def denied(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a thing that one prompt denies and the other states."""
    left, right = _denied(asked), _denied(stored)
    if not left or not right or len(content_apart(asked, stored)) > _FEW:
        return None
    for mine, theirs in ((left, right), (right, left)):
        if not mine.keys() & theirs.keys() and mine.keys() & _said(stored if mine is left else asked):
            return Difference(" ".join(left.values()), " ".join(right.values()))
    return None


_NEGATIONS = word_set("not no without never")
_LEADING = word_set(
    "need have want able seem get going yet allowed possible do done make made take know receive received find come "
    "came work show sure"
)
"""Words behind a negation that say little of the thing denied."""

_SUBJECTS = word_set("i you we they he she it there my your our his her their the a an this that these those")
"""Words that follow a negation in a question, as in `why is not my card working`, where the verb comes later."""

_NEAR = 4
_FEW = 3
_PARTS = word_set("but and though although however while if when because so")


@fact
def _denied(reading: Reading) -> dict[str, str]:
    """Return the base form of the first word of meaning behind each negation, with the negation."""
    if reading.is_story or reading.vocabulary.isdisjoint(_NEGATIONS):
        return {}
    words, found = reading.tokens, {}
    for at, sign in enumerate(words):
        if at and sign in _NEGATIONS and _SUBJECTS.isdisjoint(words[at + 1 : at + 2]):
            near = takewhile(lambda word: word not in _PARTS, words[at + 1 : at + 1 + _NEAR])
            rest = [word for word in near if word not in _LEADING]
            word = next(filter(is_content, rest), "".join(rest[:1]))
            if word:
                found[lexicon.base(word)] = f"{sign} {word}"
    return found


@fact
def _said(reading: Reading) -> frozenset[str]:
    """Return the base forms of all words of the parts of a sentence that have no negation."""
    parts: list[list[str]] = [[]]
    for word in reading.tokens:
        if word in _PARTS:
            parts.append([])
        parts[-1].append(word)
    plain = (part for part in parts if _NEGATIONS.isdisjoint(part))
    return frozenset(lexicon.base(word) for part in plain for word in part)
