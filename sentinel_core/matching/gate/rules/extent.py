"""Refusals where all other words are the same: a part or all, with or without, done or avoided."""

import re
from collections.abc import Iterable

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_words, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_PART = word_set("part parts partial partially several few couple half single one pair handful a an")
_WHOLE = word_set("all every each entire entirely whole full fully completely complete")
_MANY = word_set("dozens hundreds thousands many lots multiple plenty numerous countless")
_FEW = word_set("few couple single one pair handful")
_LISTING = re.compile(
    r"^(?:(?:can|could) (?:you|i) |please |i (?:need|want|would like) )*"
    r"(?:show|list|find|give|need|want|get|see|what|which)"
)
_EXCEPT = re.compile(
    r"\b(?:apart from|aside from|other than|leaving out|omitting|omit|minus|save for|excluding|exclude|except(?: for)?"
    r"|ignoring|leave out)\b"
)
_EVEN = re.compile(r"\b(?:including|include|along with|together with|as well as|plus|with)\b")
_AVOID = re.compile(
    r"\b(avoid|avoids|avoiding|avoided|refuse|refuses|refused|refusing|refrain(?:ing)? from|abstain(?:ing)? from"
    r"|forbidden|prohibited)\b"
)
_NEGATED = re.compile(
    r"\b(?:not|no|never|without|un\w+|prevent\w*|stop\w*|keep from|deny|denied|reject\w*|declin\w*)\b"
)
_LIGHT = word_set("take use do have eat drink allow get accept recognise recognize be to from")


@gate_rule(
    must_refuse=[
        ("how do I pay part of my bill", "how do I pay all of my bill", "part", "all"),
        ("delete a message in the thread", "delete every message in the thread", "a", "every"),
        ("may I bring a few bottles", "may I bring dozens of bottles", "few", "dozens"),
    ],
    must_pass=[
        ("I need a flight to Oslo", "list all flights to Oslo"),
        ("how do I pay the whole bill", "how do I pay my full bill"),
        ("can a guest see all rooms", "can all guests see the rooms of a guest"),
        ("how do I delete all messages", "how do I delete messages"),
    ],
)
def extent(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a part against the whole, a few against many; of a list asked for, one is as good as all."""
    if _LISTING.search(asked.text) or _LISTING.search(stored.text) or not _are_alike(asked, stored, _AMOUNTS):
        return None
    return _against(asked, stored, _PART, _WHOLE) or _against(asked, stored, _FEW, _MANY)


@gate_rule(
    must_refuse=[
        ("count the users apart from admins", "count the users including admins", "apart from", "including"),
        ("the price with tax", "the price minus tax", "with", "minus"),
        ("book rooms along with suites", "book rooms other than suites", "along with", "other than"),
    ],
    must_pass=[
        ("count the users except admins", "count the users apart from admins"),
        ("how do I deal with the users apart from admins", "what about users other than admins"),
    ],
)
def exception(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse what is left out on one side against the same counted in on the other."""
    left, right = _EXCEPT.search(asked.text), _EXCEPT.search(stored.text)
    even = _EVEN.search((stored if left else asked).text)
    if bool(left) == bool(right) or even is None or not _are_alike(asked, stored, _EXCEPTIONS):
        return None
    return Difference(left[0] if left else even[0], right[0] if right else even[0])


@gate_rule(
    must_refuse=[
        ("what should I eat with gout", "what should I avoid eating with gout", "", "avoid"),
        ("which states recognise the treaty", "which states refuse to recognise the treaty", "", "refuse"),
    ],
    must_pass=[
        ("how can I avoid fees", "how do I not pay fees"),
        ("how do I avoid jet lag", "how can I avoid jet lag"),
    ],
)
def avoidance(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse something avoided or refused on one side, and done on the other."""
    left, right = _AVOID.search(asked.text), _AVOID.search(stored.text)
    if bool(left) == bool(right) or _NEGATED.search((stored if left else asked).text):
        return None
    if not _are_alike(asked, stored, _AVOIDING):
        return None
    return Difference(left[1] if left else "", right[1] if right else "")


def _against(asked: Reading, stored: Reading, less: frozenset[str], more: frozenset[str]) -> Difference | None:
    for left, right in ((less, more), (more, less)):
        mine, theirs = left & asked.vocabulary - stored.vocabulary, right & stored.vocabulary - asked.vocabulary
        if mine and theirs and not (left & stored.vocabulary or right & asked.vocabulary):
            return Difference(_first(asked, mine), _first(stored, theirs))
    return None


def _first(reading: Reading, words: frozenset[str]) -> str:
    return next(word for word in reading.tokens if word in words)


def _are_alike(asked: Reading, stored: Reading, but: frozenset[str]) -> bool:
    """Whether both have the same words that carry meaning, apart from those a rule compares; stories never are."""
    return not (asked.is_story or stored.is_story) and content_words(asked) - but == content_words(stored) - but


def _bases(words: Iterable[str]) -> frozenset[str]:
    return frozenset(form for word in words for form in (word, lexicon.base(word)))


_AMOUNTS = _bases(_PART | _WHOLE | _MANY | _FEW)
_EXCEPTIONS = _bases(
    word_set(
        "apart aside other along together well leave leaving omit "
        "omitting minus save exclude excluding include including plus ignoring"
    )
)
_AVOIDING = _LIGHT | _bases(
    word_set("avoid avoids refuse refuses refrain abstain forbidden prohibited avoiding avoided refused")
)
