"""Refusals over lists: things of another sort, and things one more relation away."""

import re
from itertools import pairwise, takewhile

from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import (
    Difference,
    Reading,
    content_words,
    fact,
    is_content,
    sets_differ,
    word_set,
)
from sentinel_core.matching.gate.rules.edits import NEUTRAL, edits
from sentinel_core.matching.gate.rules.quantities import EXTREMES
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.gate.rules.wanted import ANYTHING, LIKE, SAME, listed
from sentinel_core.matching.shared_run import shared_runs


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
    for head in left.keys() & right.keys() - _OPEN_HEADS:
        mine, theirs = _unlike(left[head], stored), _unlike(right[head], asked)
        if bool(mine) != bool(theirs):
            return Difference(" ".join(mine), " ".join(theirs))
    return None


@fact
def _modifiers(reading: Reading) -> dict[str, tuple[str, ...]]:
    """Return the words before each noun that is asked for, by its base form."""
    return {lexicon.base(phrase[-1]): phrase[:-1] for phrase in listed(reading) if is_content(phrase[-1])}


def _unlike(words: tuple[str, ...], other: Reading) -> list[str]:
    apart = [
        word for word in words if word not in other.vocabulary and word not in NEUTRAL | _GRADED and is_content(word)
    ]
    near = likeness.nearest(apart, other.surfaces)
    trunks = {word[:_TRUNK] for word in other.surfaces if len(word) >= _TRUNK}
    return [word for word, share in zip(apart, near, strict=True) if share < LIKE and word[:_TRUNK] not in trunks]


_OPEN_HEADS = word_set(
    "difference fact example quote act reason cause effect advantage disadvantage benefit purpose function feature way "
    "tip thing idea book movie song film age"
)
"""Things of which a whole list is seldom wanted: words before them say how good they should be."""

_GRADED = word_set(
    "good great interesting main important well effective famous favorite developed "
    "few several least lowest cheapest highest largest biggest smallest latest newest earliest easiest hardest best "
    "word term top beginning initial early current present common frequent popular"
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
    if len(content_words(reading)) == len(reading.content):  # no noun stands twice
        return frozenset()
    places: dict[str, list[int]] = {}
    for at, word in enumerate(reading.tokens):
        if is_content(word):
            places.setdefault(lexicon.base(word), []).append(at)
    links = {word: sum(_is_link(reading, *pair) for pair in pairwise(found)) for word, found in places.items()}
    return frozenset(word * count for word, count in links.items() if count)


def _is_link(reading: Reading, start: int, end: int) -> bool:
    """Whether one verb relates two nouns, behind a relative pronoun or the thing asked for; `next to` does, too."""
    words = reading.tokens
    between = words[start + 1 : end]
    relating = [word for word in between if word not in _LIGHT]
    if len(relating) != 1 or relating[0].endswith("est") or relating[0] in _NO_VERBS:
        return False
    is_asked = start <= _LEAD and words[0] in _ASKING
    return (is_asked or not _RELATIVE.isdisjoint(between)) and (is_content(relating[0]) or relating[0] in _BESIDE)


_LEAD = 3
_ASKING = word_set("what which who list show find give name tell get display return")
_RELATIVE = word_set("that which who")
_LIGHT = word_set("the a an any all most other another some to that of by who which own same is are was were")
_BESIDE = word_set("next near beside adjacent")
_NO_VERBS = word_set("first last easiest hardest best new old and or each every")


@gate_rule(
    must_refuse=[
        (
            "the highest point of the smallest state",
            "the highest point of the state with the smallest population",
            "state",
            "population",
        ),
        ("which river crosses the most states", "which state has the most rivers", "state", "river"),
    ],
    must_pass=[
        ("the state with the largest population", "the largest state by population"),
        ("the cheapest one way flight", "the cheapest flight that is one way"),
    ],
)
def peak(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an extreme of one thing against the same of another: the smallest state, the smallest population."""
    left, right = _peaks(asked), _peaks(stored)
    shared = left.keys() & right.keys()
    if not shared or asked.is_story or stored.is_story or _BY.search(asked.text) or _BY.search(stored.text):
        return None
    for word in shared:
        one, other = left[word], right[word]
        if one != other and likeness.nearest([one], [other])[0] < LIKE:
            return Difference(one, other)
    return None


_NO_PEAKS = word_set("often frequently recently likely number amount count total quantity common popular frequent")
_PEAKED = frozenset({"most", *(word for word in EXTREMES if word.endswith("est"))})
_BY = re.compile(r"\b(?:by|in terms of|according to|ranked|based on|of all|among)\b")


@fact
def _peaks(reading: Reading) -> dict[str, str]:
    """Return the noun behind each extreme, the last word before a function word."""
    found: dict[str, str] = {}
    if _PEAKED.isdisjoint(reading.vocabulary):
        return found
    words = reading.tokens
    for at, word in enumerate(words):
        if word in _PEAKED:
            phrase = list(takewhile(is_content, words[at + 1 : at + 5]))
            if phrase and phrase[-1] not in _NO_PEAKS:
                found[word] = lexicon.base(phrase[-1])
    return found


@gate_rule(
    must_refuse=[
        ("what are the type and id of the club", "what is the type of the club", "id", ""),
        ("list the names and sizes of the dogs", "list the names of the dogs", "size", ""),
        ("what are the gains and losses of it", "what are some gains of it", "loss", ""),
        ("what state has the shortest river", "what is the shortest river", "state", ""),
    ],
    must_pass=[
        ("list the names and sizes of the dogs", "show the size and name of each dog"),
        ("what are the pros and cons of it", "what are its cons and pros"),
    ],
)
def column(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse one more thing asked for beside the same ones: the type and the id against the type."""
    left, right = _heads(asked), _heads(stored)
    if len(left) == len(right) == 1:
        return _further_off(asked, stored, *left, *right) or _further_off(stored, asked, *right, *left, is_swapped=True)
    if not left & right:
        return None
    mine, theirs = _absent(left - right, stored), _absent(right - left, asked)
    return Difference(" ".join(mine), " ".join(theirs)) if mine or theirs else None


@fact
def _heads(reading: Reading) -> frozenset[str]:
    return frozenset(lexicon.base(phrase[-1]) for phrase in listed(reading) if phrase[-1] not in _NO_THINGS)


def _further_off(
    one: Reading, other: Reading, wanted: str, known: str, *, is_swapped: bool = False
) -> Difference | None:
    """Find a thing asked for by another one, as the state that has the shortest river, against that one."""
    more = content_words(one) - content_words(other)
    if (
        wanted == known
        or wanted in ANYTHING
        or more != {wanted}
        or content_words(other) - content_words(one)
        or known not in one.content
    ):
        return None
    return Difference("", wanted) if is_swapped else Difference(wanted, "")


_NO_THINGS = word_set(
    "why how when where who minimum maximum use this that these those it them something anything everything thing "
    "information detail info all"
)


def _absent(words: frozenset[str], other: Reading) -> list[str]:
    ordered = sorted(words - frozenset(map(lexicon.base, other.tokens)))
    near = likeness.nearest(ordered, other.tokens)
    return [word for word, share in zip(ordered, near, strict=True) if share < SAME]


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
    if _HAVE.isdisjoint(asked.vocabulary ^ stored.vocabulary):
        return None
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
    start, end = shared_runs(one.tokens, other.tokens)
    return one.tokens[start : len(one.tokens) - end]


_HAVE = word_set("have has had having")
_HOLDING = word_set(
    "offer provide contain include sell own hold possess experience suffer carry stock accept support get feature "
    "receive keep come boast show display feel exist hav find happen take"
)
