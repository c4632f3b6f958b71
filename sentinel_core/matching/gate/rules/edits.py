"""Refusals where one prompt is the other with one thing replaced or added; and the changes the learned part weighs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import Difference, Reading, function_words, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.gate.rules.slots import slot
from sentinel_core.matching.language import is_english
from sentinel_core.matching.shared_run import shared_run, shared_runs

UNLIKE, UNLIKE_ALONE = 0.2, 0.6
"""
Nearness below which words standing in each other's place are two things; of one word in the place of one.

From 0.2 to 0.6 single words of users were 21 times right and 5 times wrong after everyday synonyms were listed, those
of other sources 45 and 38 times.
"""

_READ = 200
_MOST_MATCHES = 2_000
"""Pairs of equal words; difflib may look at each many times."""

NEUTRAL = word_set(
    "usually typically normally generally currently presently originally actually really right exactly "
    "correctly properly "
    "located available found order due please search time times different various specific particular given "
    "certain overall "
    "total instead back so far wondering idea seems work working information info details um uh hmm er leaving located "
    "yes well again always also already somewhere somehow anyway entire whole own out"
)


_PREFIXES = word_set(
    "ab auf aus ein um vor nach zu zur\u00fcck weg los mit her hin unter durch bei nieder fest hoch herunter heraus "
    "op uit in af om toe mee neer door over terug"
)
_RETURNING = word_set(
    "go going gone goes went come comes coming came reset revert return restore set switch put change get got"
)
"""Verbs that "back" changes little."""

_ABSTRACT = ("ship", "hood", "ism", "dom")
_FEW = 3
_NONE = frozenset[int]()
_TRUNK = 4
_ENDINGS = word_set(
    "e s y d t es ed ing al ial ally ly age ence ance ion tion ation sion ment ity ness ful ic ical ous ise ize"
) | {""}


@dataclass(frozen=True, slots=True)
class Edits:
    """Content words of each prompt left after what both have is taken out, and in how many places the two differ."""

    asked: tuple[str, ...]
    stored: tuple[str, ...]
    places: int
    inserted: bool

    @property
    def replaced(self) -> bool:
        return bool(self.asked and self.stored)


@lru_cache(maxsize=64)
def edits(asked: Reading, stored: Reading) -> Edits:
    one, other = asked.tokens[:_READ], stored.tokens[:_READ]
    changes = [code for code in _opcodes(one, other) if code[0] != "equal"]
    left = [token for _, start, end, _, _ in changes for token in one[start:end]]
    right = [token for _, _, _, start, end in changes for token in other[start:end]]
    inserted = len(changes) == 1 and changes[0][0] != "replace"
    return Edits(_content(left, right), _content(right, left), len(changes), inserted)


def _opcodes(one: Sequence[str], other: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return difflib's; of prompts that repeat their words, one change between the beginning and the end they share."""
    counts, counts_2 = Counter(one), Counter(other)
    if sum(count * counts_2[word] for word, count in counts.items()) <= _MOST_MATCHES:
        return list(SequenceMatcher(None, one, other, autojunk=False).get_opcodes())
    start, end = shared_runs(one, other)
    return [("replace", start, len(one) - end, start, len(other) - end)]


def nearness(found: Edits) -> float:
    """How near the least matched of the replaced words is to any on the other side; 1 where none were replaced."""
    if not found.replaced:
        return 1.0
    return min(*likeness.nearest(found.asked, found.stored), *likeness.nearest(found.stored, found.asked))


@gate_rule(
    must_refuse=[
        ("find my keys again", "find my dentist again", "keys", "dentist"),
        ("can I swallow the tablet whole", "can I swallow the tablet crushed", "whole", "crushed"),
        ("where do frogs sleep", "where do toads sleep", "frogs", "toads"),
        ("is there a fee for new guests", "is there a fee for existing guests", "new", "existing"),
        ("what share of trucks is electric", "what share of vehicles is electric", "trucks", "vehicles"),
        ("can I cook with butter", "can I cook with buttermilk", "butter", "buttermilk"),
    ],
    must_pass=[
        ("buy a ticket", "purchase a ticket"),
        ("show my current location", "show my present location"),
        ("how do I get additional cards", "how do I get extra cards"),
        ("what helps with suicide thoughts", "what helps with suicidal thoughts"),
    ],
)
def replacement(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same sentence with one thing replaced by an unlike one."""
    found = edits(asked, stored)
    if found.places != 1:
        return None
    pair = _one_word(asked, stored)
    near = 0.0 if pair and (_are_siblings(*pair) or not may_be_one(*pair)) else nearness(found)
    if near >= (UNLIKE_ALONE if pair else UNLIKE):
        return None
    return Difference(" ".join(found.asked), " ".join(found.stored))


def _one_word(asked: Reading, stored: Reading) -> tuple[str, str] | None:
    """Return one word in the place of one, where that is all that differs, but for articles."""
    found = slot(asked, stored)
    return (found.asked[0], found.stored[0]) if found and len(found.asked) == len(found.stored) == 1 else None


def _are_siblings(one: str, other: str) -> bool:
    """Whether both are things of one kind, as frog and toad, or a person and a state, as leader and leadership."""
    kinds, left, right = lexicon.siblings(), lexicon.base(one), lexicon.base(other)
    shorter, longer = sorted((left, right), key=len)
    if longer.startswith(shorter) and longer[len(shorter) :] in _ABSTRACT:
        return True
    return left != right and not kinds.get(left, frozenset()).isdisjoint(kinds.get(right, frozenset()))


def may_be_one(one: str, other: str) -> bool:
    """Whether two words are synonyms or forms of one; nearness says no more than that they may stand in one place.

    Of words that are near, and no more, single ones were 60 times right and 11 times wrong on 16 sources.
    """
    left, right = lexicon.base(one), lexicon.base(other)
    if left == right or not (_is_known(one) and _is_known(other)):
        return not _is_compound(one, other)
    groups = (lexicon.alike(), lexicon.synonyms())
    return any(not group.get(left, _NONE).isdisjoint(group.get(right, _NONE)) for group in groups) or _is_derived(
        left, right
    )


def _is_compound(one: str, other: str) -> bool:
    """Whether one word is the other with a word behind it: `butter` and `buttermilk`."""
    shorter, longer = sorted((one, other), key=len)
    end = longer.removeprefix(shorter)
    return len(shorter) >= _TRUNK and longer != end and len(end) >= _TRUNK and end not in _ENDINGS


def _is_known(word: str) -> bool:
    return is_content(word) and lexicon.base(word) in lexicon.ranks()


def _is_derived(one: str, other: str) -> bool:
    """Whether both are one trunk with endings that keep its meaning: `suicide` and `suicidal`."""
    start = shared_run(one, other)
    return start >= _TRUNK and one[start:] in _ENDINGS and other[start:] in _ENDINGS


@gate_rule(
    must_refuse=[
        ("how do I call a guest", "how do I call a guest back", "", "back"),
        ("covered by the warranty", "covered by the extended warranty", "", "extended"),
        ("Wie pflanze ich Tulpen?", "Wie pflanze ich Tulpen um?", "", "um"),
    ],
    must_pass=[
        ("how long does it take", "how long does it usually take"),
    ],
)
def addition(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same sentence with something more in one place."""
    found = edits(asked, stored)
    extra = [word for word in (*found.asked, *found.stored) if word not in NEUTRAL or _is_returned(word, asked, stored)]
    if not found.inserted or not extra:
        return _parted(asked, stored)
    return Difference(" ".join(found.asked), " ".join(found.stored))


def _is_returned(word: str, asked: Reading, stored: Reading) -> bool:
    """Whether it is the "back" that makes another deed of most verbs: to call someone, and to call back."""
    return word == "back" and _RETURNING.isdisjoint(asked.vocabulary | stored.vocabulary)


def _parted(asked: Reading, stored: Reading) -> Difference | None:
    """Find the prefix of a verb that German and Dutch put last, as of `umpflanzen`; no English word counts there."""
    left, right = asked.tokens, stored.tokens
    shorter, longer = sorted((left, right), key=len)
    if len(longer) != len(shorter) + 1 or longer[:-1] != shorter or longer[-1] not in _PREFIXES:
        return None
    if len(shorter) < _FEW or is_english(asked.text) or is_english(stored.text):
        return None
    return Difference(longer[-1], "") if longer is left else Difference("", longer[-1])


def _content(mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    moved = {lexicon.base(token) for token in theirs}
    return tuple(token for token in mine if token not in function_words() and lexicon.base(token) not in moved)
