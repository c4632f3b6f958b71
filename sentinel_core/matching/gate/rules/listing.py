"""Refusals over lists: things of another sort, and things one more relation away."""

from itertools import pairwise

from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import Difference, Reading, fact, is_content, sets_differ, word_set
from sentinel_core.matching.gate.rules.edits import NEUTRAL, edits
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.gate.rules.wanted import LIKE, things
from sentinel_core.matching.shared_run import shared_run


@gate_rule(
    must_refuse=[
        ("what cities are in Texas", "what are the major cities in Texas", "", "major"),
    ],
    must_pass=[
        ("list the friday night trains to Bonn", "list the trains to Bonn on friday night"),
    ],
)
def modifier(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse things of one sort against all such things: `major cities` and `cities`."""
    left, right = _modifiers(asked), _modifiers(stored)
    for head in left.keys() & right.keys():
        mine, theirs = _unlike(left[head], stored), _unlike(right[head], asked)
        if bool(mine) != bool(theirs):
            return Difference(" ".join(mine), " ".join(theirs))
    return None


@fact
def _modifiers(reading: Reading) -> dict[str, tuple[str, ...]]:
    """Return the words before each noun that is asked for, by its base form."""
    return {lexicon.base(phrase[-1]): phrase[:-1] for phrase in things(reading) if is_content(phrase[-1])}


def _unlike(words: tuple[str, ...], other: Reading) -> list[str]:
    apart = [
        word for word in words if word not in other.vocabulary and word not in NEUTRAL | _GRADED and is_content(word)
    ]
    near = likeness.nearest(apart, other.surfaces)
    trunks = {word[:_TRUNK] for word in other.surfaces if len(word) >= _TRUNK}
    return [word for word, share in zip(apart, near, strict=True) if share < LIKE and word[:_TRUNK] not in trunks]


_GRADED = word_set(
    "few several least lowest cheapest highest largest biggest smallest latest newest earliest easiest hardest best "
    "top beginning initial early"
)
"""Degrees, which other rules compare, and words for some."""

_TRUNK = 4
"""Letters that two forms of one word begin with: `rental` and `renting`."""


@gate_rule(
    must_refuse=[
        ("states the river runs through", "states that border states the river runs through", "", "state"),
    ],
    must_pass=[
        ("states that border the state with the most lakes", "which states are next to the state with the most lakes"),
    ],
)
def chain(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse things against things that are related to such things: `states` and `states that border states`."""
    left, right = _chained(asked), _chained(stored)
    return sets_differ(left, right) if not (asked.is_story or stored.is_story) else None


@fact
def _chained(reading: Reading) -> frozenset[str]:
    """Return the nouns that are related to others of their kind, as `states border states`, with their number."""
    places: dict[str, list[int]] = {}
    for at, word in enumerate(reading.tokens):
        if is_content(word):
            places.setdefault(lexicon.base(word), []).append(at)
    links = {word: sum(_is_link(reading, *pair) for pair in pairwise(found)) for word, found in places.items()}
    return frozenset(word * count for word, count in links.items() if count)


def _is_link(reading: Reading, start: int, end: int) -> bool:
    """Whether a verb stands between two nouns, right before the second but for articles and `to`."""
    between = [word for word in reading.tokens[start + 1 : end] if word not in _LIGHT]
    is_near = len(between) > 0 and end - start <= _FURTHEST
    if not is_near or between[-1] in _BESIDE:
        return is_near
    return is_content(between[-1]) and between[-1] not in _NO_VERBS and not between[-1].endswith("est")


_FURTHEST = 7
_LIGHT = word_set("the a an any all most other another some to that of by who which own same")
_BESIDE = word_set("next near beside adjacent")
_NO_VERBS = word_set("first last easiest hardest best new old")


@gate_rule(
    must_refuse=[
        ("can dogs that have had mange travel", "can dogs that have been exposed to mange travel", "had", "exposed"),
    ],
    must_pass=[
        ("do you have parking", "do you offer parking"),
    ],
)
def having(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse having a thing against doing something else with it: `has asthma` and `has outgrown asthma`."""
    found = edits(asked, stored)
    if found.places != 1 or bool(found.asked) == bool(found.stored) or asked.is_story or stored.is_story:
        return None
    light, heavy = (stored, asked) if found.asked else (asked, stored)
    words = [
        word for word in (*found.asked, *found.stored) if word not in NEUTRAL and lexicon.base(word) not in _HOLDING
    ]
    has = [word for word in _changed(light, heavy) if word in _HAVE]
    return Difference(" ".join(found.asked) or has[0], " ".join(found.stored) or has[0]) if has and words else None


def _changed(one: Reading, other: Reading) -> tuple[str, ...]:
    start = shared_run(one.tokens, other.tokens)
    end = shared_run(one.tokens[start:][::-1], other.tokens[start:][::-1])
    return one.tokens[start : len(one.tokens) - end]


_HAVE = word_set("have has had having")
_HOLDING = word_set(
    "offer provide contain include sell own hold possess experience suffer carry stock accept support get feature "
    "receive keep come boast show display feel exist hav find"
)
