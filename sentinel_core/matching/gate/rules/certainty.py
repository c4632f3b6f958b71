"""Refusals over how sure, how far and since when something is so, where all other words are the same."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, by_group, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule


def _kinds(**listed: str) -> dict[str, str]:
    return {word: kind for kind, words in listed.items() for word in words.split()}


_ALONE = _kinds(
    hearsay="allegedly reportedly supposedly purportedly rumored rumoured alleged",
    likely="likely probably perhaps possibly potentially might",
    sure="definitely certainly undoubtedly surely",
)
_FOLLOWED = _kinds(
    hearsay="said believed thought claimed reported presumed suspected accused assumed supposed",
    likely="expected predicted forecast",
    planned="planned scheduled proposed intended about set due meant plans planning intends hopes hoping wants",
    tried="try tries tried trying attempt attempts attempted attempting fail fails failed threaten threatens "
    "threatened refuse refuses refused",
    sure="sure certain bound guaranteed proven proved confirmed known",
)
"""Words that tell how sure something is before "to", "of" or "that"."""

_DOUBTING = frozenset(lexicon.base(word) for word in {**_ALONE, **_FOLLOWED}) | _ALONE.keys() | _FOLLOWED.keys()
_AFTER = word_set("to of that")
_POSSIBLE = word_set("may could")
_MAYBE = re.compile(r"^(?:which|what|who) .*?\b(may|could)\b|^(could) (?!you|someone|anyone|they)")
_FIRST = word_set("i we my our me us")

_THINKS = re.compile(
    r"\b(?:do|does|did|would) (?:the |most |many )?(?!you\b|people\b|they\b|i\b|we\b|it\b)\w+ (?:\w+ )?"
    r"(think|say|claim|argue)\b"
)
_THINKING = word_set("think say claim argue feel")
_OPINIONS = _THINKING | frozenset({"be"})

_ONCE = re.compile(
    r"\b(?:formerly|previously|originally|initially|historically|once(?! (?:a|an|per|every|in|more|and|again"
    r"|i|my|the|it|you|we|they|he|she|this|that|your|all)\b)"
    r"|at one (?:time|point)|in the past|used to|no longer|at first|back then)\b"
)
_ONCE_WORDS = word_set("formerly previously originally initially historically past longer point time")
_ONCE_HINTS = word_set(
    "formerly previously originally initially historically once time point past used longer first then"
)
_PRESENT = re.compile(r"\b(?:is|are|has|have|does|do|can)\b|^(?:who|which|what|where)(?: \w+){0,2} \w+s\b")
_USED_FOR = re.compile(r"\b(?:is|are|was|were|be|being|get|gets)(?: \w+){0,3} used to\b")
_BEGINNING = word_set("found establish create invent discover write build make come start begin sing record bear")

_DEGREE = re.compile(
    r"\b(?:(?P<too>too(?= \w))"
    r"|(?P<nearly>almost|nearly|practically|virtually|all but)"
    r"|(?P<barely>barely|hardly|scarcely)"
    r"|(?P<mostly>mostly|largely|mainly|for the most part)"
    r"|(?P<partly>slightly|partly|partially|somewhat|a bit|mildly|faintly|half|fairly|moderately|reasonably)"
    r"|(?P<fully>completely|totally|fully|entirely|wholly|absolutely|utterly|perfectly|thoroughly)"
    r"|(?P<very>very|extremely|highly|severely|heavily|incredibly|terribly|tightly|strongly|exceptionally))\b"
)
_DEGREE_WORDS = word_set(
    "mostly largely mainly too practically virtually all bit very almost nearly "
    "barely hardly scarcely slightly partly partially somewhat "
    "mildly faintly half fairly moderately "
    "reasonably completely totally fully entirely wholly absolutely utterly perfectly thoroughly extremely highly "
    "severely heavily incredibly terribly tightly strongly exceptionally"
)
_DEGREES = _DEGREE_WORDS - {"too", "all", "very"}


@gate_rule(
    must_refuse=[
        ("is the mine haunted", "is the mine said to be haunted", "", "said"),
        ("did he steal the ring", "was he accused of stealing the ring", "", "accused"),
        ("which planets have water", "which planets may have water", "", "may"),
        ("which cities will flood", "which cities might flood", "", "might"),
        ("is the drug proven to work", "is the drug believed to work", "proven", "believed"),
        ("who resigned", "who was about to resign", "", "about"),
        ("who robbed the bank", "who tried to rob the bank", "", "tried"),
    ],
    must_pass=[
        ("how do I return it", "I want to return it, how do I do it"),
        ("who is likely to win", "who will probably win"),
        ("is zinc proven to cure a cold", "does zinc cure a cold"),
        ("which cities are expected to flood", "which cities are likely to flood"),
    ],
)
def certainty(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse facts against hearsay, expectations, plans and attempts."""
    return _other_kind(asked, stored, _doubts(asked), _doubts(stored), _DOUBTING)


@fact
def _doubts(reading: Reading) -> dict[str, str]:
    """Return the words that tell how sure something is, by their kind; what one says of oneself is one's reason."""
    if reading.is_story or not _FIRST.isdisjoint(reading.vocabulary):
        return {}
    pairs = zip(reading.tokens, (*reading.tokens[1:], ""), strict=False)
    found = {
        _ALONE.get(word) or _FOLLOWED[word]: word
        for word, after in pairs
        if word in _ALONE or (word in _FOLLOWED and after in _AFTER)
    }
    maybe = None if _POSSIBLE.isdisjoint(reading.vocabulary) else _MAYBE.search(reading.text)
    return {**found, "likely": maybe[1] or maybe[2]} if maybe else found


@gate_rule(
    must_refuse=[
        ("do doctors think coffee is bad", "is coffee bad for doctors", "think", ""),
        ("what do critics say about the film", "what is the film about critics", "say", ""),
    ],
    must_pass=[
        ("do you think coffee is bad", "is coffee bad"),
        ("what do people say about the film", "what do people think about the film"),
    ],
)
def opinion(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the opinion of others about something against a question about the thing itself."""
    left, right = _opinion(asked), _opinion(stored)
    if bool(left) == bool(right) or not _THINKING.isdisjoint((stored if left else asked).vocabulary):
        return None
    if (frozenset(asked.content) ^ frozenset(stored.content)) - _OPINIONS:
        return None
    return Difference(left, right)


@fact
def _opinion(reading: Reading) -> str:
    """Return the verb by which someone who is named has an opinion, or nothing."""
    if reading.is_story or _THINKING.isdisjoint(reading.vocabulary):
        return ""
    found = _THINKS.search(reading.text)
    return found[1] if found else ""


@gate_rule(
    must_refuse=[
        ("who owns the hotel", "who formerly owned the hotel", "", "formerly"),
        ("what is the mill used for", "what was the mill once used for", "", "once"),
        ("where is the museum located", "where was the museum originally located", "", "originally"),
        ("which roads are tolled", "which roads are no longer tolled", "", "no longer"),
        ("which foods contain palm oil", "which foods used to contain palm oil", "", "used to"),
    ],
    must_pass=[
        ("where did jazz originally come from", "where does jazz come from"),
        ("how is a saw used to cut wood", "how does a saw cut wood"),
        ("who previously owned it", "who owned it in the past"),
    ],
)
def former(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a former state against the present one."""
    left, right = _once(asked), _once(stored)
    if bool(left) == bool(right) or asked.is_story or stored.is_story:
        return None
    if not _PRESENT.search((stored if left else asked).text) or not _are_alike(asked, stored, _ONCE_WORDS):
        return None
    if not _BEGINNING.isdisjoint((*asked.content, *stored.content, *map(lexicon.base, asked.tokens))):
        return None
    return Difference(left, right)


@fact
def _once(reading: Reading) -> str:
    if _ONCE_HINTS.isdisjoint(reading.vocabulary):
        return ""
    found = _ONCE.search(_USED_FOR.sub(" ", reading.text))
    return found[0] if found else ""


@gate_rule(
    must_refuse=[
        ("is it almost ready", "is it ready", "almost", ""),
        ("is the water barely warm", "is the water very warm", "barely", "very"),
        ("is the town fairly safe", "is the town completely safe", "fairly", "completely"),
        ("how hot is too hot for a cat", "how hot is hot for a cat", "too", ""),
    ],
    must_pass=[
        ("how do I become very rich", "how do I become rich"),
        ("is it nearly full", "is it almost full"),
        ("is it completely free", "is it totally free"),
    ],
)
def degree(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse nearly or too much against fully, and either against as it is."""
    left, right = _degrees(asked), _degrees(stored)
    if {*left, *right} <= {"very", "fully"}:
        return None
    return _other_kind(asked, stored, left, right, _DEGREES)


@fact
def _degrees(reading: Reading) -> dict[str, str]:
    if reading.is_story or _DEGREE_WORDS.isdisjoint(reading.vocabulary):
        return {}
    return by_group(_DEGREE, reading.text)


def _other_kind(
    asked: Reading, stored: Reading, left: dict[str, str], right: dict[str, str], words: frozenset[str]
) -> Difference | None:
    """Find one kind on one side, and none or another on the other, where all words but these are the same."""
    if left.keys() == right.keys() or len(left) > 1 or len(right) > 1 or {*left, *right} == {"sure"}:
        return None
    if not _are_alike(asked, stored, words):
        return None
    return Difference(" ".join(left.values()), " ".join(right.values()))


def _are_alike(asked: Reading, stored: Reading, but: frozenset[str]) -> bool:
    return frozenset(asked.content) - but == frozenset(stored.content) - but
