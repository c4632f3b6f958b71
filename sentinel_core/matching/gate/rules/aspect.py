"""Refusals over the phase of the same verb: being done, done, and once done."""

from collections.abc import Mapping

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.gate.rules.slots import Slot, slot

_BE = word_set("is are am was were be been")
_HAVE = word_set("have has had")
_FIRST = word_set("i me my mine we our us you your")
_ASKING = word_set("who which what whose")
_TIMELESS = word_set(
    "sing write design mean invent discover compose found direct paint bear create develop originate feature star marry"
)
"""Verbs of deeds that stay: who sings a song is who sang it."""

_PLURALS = word_set("children men women people feet teeth mice")

_AFTER = tuple((word,) for word in (*_BE, *_HAVE, "get", "got", "being", "for", "of", "by", "to"))

_MOST = 4  # words back to the auxiliary
_DOING, _DONE, _STATE, _PRESENT, _PAST = "doing", "done", "state", "present", "past"
_APART = (
    frozenset({_DOING, _DONE}), frozenset({_DOING, _STATE}), frozenset({_DOING, _PAST}), frozenset({_PRESENT, _PAST}),
)  # fmt: skip


@gate_rule(
    must_refuse=[
        ("how does it calm a frightening dog", "how does it calm a frightened dog", "frightening", "frightened"),
        ("which stores are closed", "which stores are closing", "closed", "closing"),
        ("is the bridge being built", "is the bridge built", "built", "built"),
        ("are they repairing the lift", "have they repaired the lift", "repairing", "repaired"),
        ("who teaches Latin at the school", "who taught Latin at the school", "teaches", "taught"),
        ("which firms sponsor the race", "which firms sponsored the race", "sponsor", "sponsored"),
    ],
    must_pass=[
        ("who sings this song", "who sang this song"),
        ("who is teaching Latin", "who teaches Latin"),
        ("why is my card being declined", "why was my card declined"),
        ("which stores have closed", "which stores are closed"),
    ],
)
def aspect(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse things going on against things that are over, and deeds of others today against those of the past."""
    if not _are_comparable(asked, stored):
        return None
    left, right = _phases(asked), _phases(stored)
    found = slot(asked, stored) if left != right else None
    if found and len(found.asked) == len(found.stored) == 1 and _are_two_sides(found):
        return Difference(*found.asked, *found.stored)
    for verb, (word, phase) in left.items():
        other, other_phase = right.get(verb, (word, phase))
        if {phase, other_phase} in _APART and (_PAST not in (phase, other_phase) or _asks_who(asked, verb)):
            return Difference(word, other)
    return None


def _are_comparable(asked: Reading, stored: Reading) -> bool:
    if asked.content != stored.content or asked.is_story or stored.is_story:
        return False
    return _FIRST.isdisjoint(asked.vocabulary | stored.vocabulary)


def _asks_who(reading: Reading, verb: str) -> bool:
    return reading.tokens[0] in _ASKING and verb not in _TIMELESS


def _are_two_sides(found: Slot) -> bool:
    """Whether an adjective tells of one who does it and of one to whom it is done: a frightening, a frightened dog."""
    one, other = sorted((*found.asked, *found.stored), key=lambda word: word.endswith("ing"))
    if not other.endswith("ing") or not one.endswith(("ed", "en")) or lexicon.base(one) != lexicon.base(other):
        return False
    return bool(found.after) and is_content(found.after[0]) and found.before[-1:] not in _AFTER


@fact
def _phases(reading: Reading) -> Mapping[str, tuple[str, str]]:
    """Return the word and the phase of each verb, by its base form."""
    found: dict[str, tuple[str, str]] = {}
    for at, word in enumerate(reading.tokens):
        if is_content(word):
            found[lexicon.base(word)] = (word, _phase(word, reading.tokens[max(0, at - _MOST) : at]))
    return found


def _phase(word: str, before: tuple[str, ...]) -> str:
    if word.endswith("ing"):
        return _DOING if not _BE.isdisjoint(before) else ""
    if word.endswith("s") or not _is_past(word):
        return _PRESENT
    if "being" in before:
        return _DOING
    if not _HAVE.isdisjoint(before):
        return _DONE
    return _PAST if _BE.isdisjoint(before) else _STATE


def _is_past(word: str) -> bool:
    return lexicon.base(word) != word and word not in _PLURALS
