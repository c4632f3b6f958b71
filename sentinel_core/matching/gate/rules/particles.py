"""Refusals over a preposition or particle that one prompt has in the place of none or of another."""

from collections.abc import Sequence
from itertools import pairwise

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.gate.rules.slots import Slot, slot

_STRONG = {
    word: words.split()[0]
    for words in (
        "up", "down", "off", "out", "away", "over above", "under below beneath underneath", "behind", "outside",
        "near nearby beside alongside", "across", "along", "around round", "through", "against", "beyond past", "as",
        "between", "among amongst", "after", "before", "during", "inside within", "apart", "opposite", "without",
        "towards toward", "until till", "since",
    )
    for word in words.split()
}  # fmt: skip
"""Prepositions and particles that tell something wherever they stand; those of one line say the same."""

_WEAK = {
    word: words.split()[0]
    for words in ("in at on within", "to into onto", "for", "about on of", "with by via using", "from of", "like")
    for word in words.split()
}
"""Prepositions that tell something between a verb and its object only."""

_LEADING = word_set("what which to i you we they he she it who please do does did can could should will would must may")
_ASIDE = word_set("next front close")
_JOINING = word_set(
    "register subscribe enroll enrol book donate ticket visa pass fee refund discount gift answer solution key"
)
_APART = (
    frozenset({"for", "with"}), frozenset({"with", "from"}), frozenset({"to", "from"}), frozenset({"for", "from"}),
    frozenset({"by", "in"}),
    frozenset({"by", "from"}), frozenset({"by", "on"}), frozenset({"by", "for"}), frozenset({"by", "to"}),
)  # fmt: skip
"""Prepositions that tell another thing wherever they stand: a cake for someone, or with someone."""

_TALK = word_set("talk speak chat connect compare compete")
_SAME = (
    frozenset({"in", "at", "on", "within", "inside"}), frozenset({"to", "into", "onto", "in", "on"}),
    frozenset({"about", "on", "of"}), frozenset({"with", "by", "via", "using", "through"}),
    *(
        frozenset(pair.split())
        for pair in (
            "via over", "on through", "from of", "with of", "in during", "at during", "on during", "over during",
            "near by", "near around", "between among", "to until", "by before", "until before", "since from",
            "after beyond", "after upon", "after once", "after when", "off from", "out from", "out of", "over across",
            "around about", "out outside", "opposite across",
        )
    ),
)  # fmt: skip
"""Prepositions that mostly say the same where one stands for another."""

_ALIKE = frozenset(
    frozenset(pair.split())
    for pair in (
        "in of", "in on", "in at", "in to", "in into", "in for", "in within", "on for", "on about", "on at", "on of",
        "on to", "of at", "of from", "of to", "of about", "at for", "at from", "at to", "to for", "to into",
        "to onto", "into onto", "with using", "with via", "with by", "with about", "with through", "by via", "by using",
        "via using", "in with",
    )
)  # fmt: skip
"""Prepositions that say nearly the same behind some words, as in and of behind the best hotel."""

_IDLE = frozenset(
    pair
    for verbs, words in (
        ("wake stand get eat clean heat warm fold save wash tidy zip lock fill use finish end start open lift fix mix "
         "dry pack tear cut split settle link hook free sum speed rise climb dress shut close", "up"),
        ("sit lie fall write slow cool calm settle kneel break shut close burn", "down"),
        ("fill print help try clean test map sort wear stretch even rent seek", "out"),
        ("jump climb cross", "over"),
        ("learn know read hear think talk ask discuss explain describe inquire complain", "about"),
        ("know hear", "of"),
        ("search pay request order look hire prepare account revise study", "for"),
        ("contact access help ask call enter tell reply answer log login email phone reach return reset revert", "to"),
        ("enter fill hand logon type put key", "in"),
        ("contact meet visit consult chat discuss help work start continue", "with"),
        ("leave depart escape withdraw flee exit", "from"),
        ("emphasize start click press work focus improve elaborate comment", "on"),
        ("start finish pay sign turn day hour week time", "off"),
        ("bring", "along"),
        ("travel drive walk fly", "across through over"),
    )
    for word in words.split()
    for pair in ((verb, word) for verb in verbs.split())
)  # fmt: skip
"""Verbs that a particle changes little: to wake and to wake up."""


_HEADS = word_set(
    "take turn put call give get look set bring break run make cut hold pick work carry log sign back pay let drop "
    "throw hand point stand lay blow act kick pass knock wear"
)
_PHRASAL = word_set("up down off out over away on for after through against back")


@gate_rule(
    must_refuse=[
        ("who can call off a strike", "who can call for a strike", "call off", "call for"),
        ("who takes over the shop on Sundays", "who takes on staff on Sundays", "takes over", "takes on"),
        ("how do I look up a patient", "how do I look after the patients", "look up", "look after"),
    ],
    must_pass=[
        ("how do I take my coat off", "how do I take off my coat"),
        ("how do I call up a friend", "how do I call a friend for help"),
        ("how do I sign up for the course", "how do I sign up on the site"),
    ],
)
def phrasal(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same verb with another particle: to call off, to call for."""
    left, right = _phrasal(asked), _phrasal(stored)
    for verb in left.keys() & right.keys():
        one, other = left[verb], right[verb]
        if one[1] != other[1] and _more(one[1], asked, stored) and _more(other[1], stored, asked):
            return Difference(" ".join(one), " ".join(other))
    return None


def _more(word: str, one: Reading, other: Reading) -> bool:
    return one.text.split().count(word) > other.text.split().count(word)


@fact
def _phrasal(reading: Reading) -> dict[str, tuple[str, str]]:
    """Return the verb and the particle behind it of each phrasal verb, by the verb's base form."""
    words = reading.text.split() if not reading.is_story else []
    if _PHRASAL.isdisjoint(words):
        return {}
    pairs = pairwise(words)
    return {
        lexicon.base(word): (word, after) for word, after in pairs if after in _PHRASAL and lexicon.base(word) in _HEADS
    }


@gate_rule(
    must_refuse=[
        ("how do I back up a trailer", "how do I back a trailer", "up", ""),
        ("who took over the firm", "who took on the firm", "over", "on"),
        ("can I smoke on the balcony", "can I smoke under the balcony", "on", "under"),
        ("how do I report a colleague", "how do I report to a colleague", "", "to"),
        ("how do I apply to a bank", "how do I apply for a bank", "to", "for"),
        ("is there parking at the stadium", "is there parking behind the stadium", "at", "behind"),
        ("how do I bake a cake for my nephew", "how do I bake a cake with my nephew", "for", "with"),
        ("who did the company sue", "who did the company sue for", "", "for"),
        ("was the fort taken by the French", "was the fort taken from the French", "by", "from"),
        ("do you have a pen to write", "do you have a pen to write with", "", "with"),
        ("how do I drain water out of the cellar", "how do I drain water into the cellar", "out of", "into"),
        ("a novel by a young sailor", "a novel about a young sailor", "by", "about"),
        ("is the park free for children", "is the park free of children", "for", "of"),
    ],
    must_pass=[
        ("how do I wake up early", "how do I wake early"),
        ("how do I learn about hacking", "how do I learn hacking"),
        ("how do I change the oil in my car", "how do I change the oil for my car"),
        ("how do I pay with a card", "how do I pay by card"),
        ("reset to factory settings", "reset back to factory settings"),
        ("how do I sign up for the newsletter", "how do I sign up to the newsletter"),
        ("is the pool open in winter", "is the pool open during winter"),
        ("what is paper made of", "what is paper made out of"),
        ("what is my gas level", "what is my gas level at"),
        ("what can I do about rust", "what can I do with rust"),
    ],
)
def particles(asked: Reading, stored: Reading) -> Difference | None:
    """
    Refuse the same sentence with another preposition or particle, or with one more.

    After a verb each of them makes another verb or another role of it: to report someone, or to someone. Elsewhere
    only those do that name a place, a time or a direction.
    """
    found = slot(asked, stored)
    if found is None or not _are_small(found.asked) or not _are_small(found.stored):
        return None
    left, right = _meant(found.asked), _meant(found.stored)
    if left == right or not {left, right}.isdisjoint(_ASIDE) or _say_the_same(found, left, right):
        return None
    is_strong = any(word in _STRONG for word in (left, right)) or {left, right} in _APART
    if not is_strong and not _is_after_verb(found) and not _is_unlisted(found):
        return None
    return Difference(" ".join(found.asked), " ".join(found.stored))


def _are_small(words: Sequence[str]) -> bool:
    return all(word in _STRONG or word in _WEAK or word in _ASIDE for word in words)


def _meant(words: Sequence[str]) -> str:
    """Return the word that counts: of `out of` the first, of `next to` and `close to` nearness."""
    if words in (("next", "to"), ("close", "to")):
        return "near"
    if words == ("in", "front", "of"):
        return "front"
    word = next((word for word in words if word in _STRONG), words[0] if words else "")
    return _STRONG.get(word, word)


def _say_the_same(found: Slot, left: str, right: str) -> bool:
    before = found.before[-1] if found.before else ""
    if left and right:
        is_talk = {left, right} == {"to", "with"} and lexicon.base(before) in _TALK
        joins = {left, right} <= {"for", "to", "with", "at", "in"} and lexicon.base(before) in _JOINING
        return is_talk or joins or any({left, right} <= same for same in _SAME)
    return not before or not is_content(before) or (lexicon.base(before), left or right) in _IDLE


def _is_unlisted(found: Slot) -> bool:
    """Whether one preposition stands for another that nowhere says nearly the same: a song about him, or by him."""
    is_one_each = len(found.asked) == len(found.stored) == 1
    return is_one_each and bool(found.before) and frozenset(found.asked + found.stored) not in _ALIKE


def _is_after_verb(found: Slot) -> bool:
    """Whether the place follows a verb: the first word that carries meaning, or the last of `who did it sue for`."""
    *lead, verb = found.before or ("",)
    if not verb or not is_content(verb):
        return False
    if found.after:
        return bool(lead) and lead[-1] in _LEADING and not any(map(is_content, lead))
    if lead and lead[-1] == "to" and "with" in (found.asked, found.stored)[not found.asked]:
        return True  # a pen to write with
    return lead[:1] in (["who"], ["what"], ["which"]) and not {"do", "does", "did"}.isdisjoint(lead)
