"""Refusals over two persons or things that have changed places, and over a plan against a deed."""

from itertools import pairwise

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

_SPEAKER = word_set("i we")
_LIGHT_DEEDS = word_set("see use find get give take know tell show help want need")
_FIRST, _SECOND = word_set("i me my mine we us our ours"), word_set("you your yours")
_PLANNING = word_set("want would plan planning wish intend hope am going like")
_HAVING = word_set("have had just already")
_BETWEEN = word_set("just already been also not never")
_SUFFERING = ({"i", "was"}, {"i", "am"}, {"i", "got"}, {"i", "were"})
_OWN_BE, _OTHERS_BE = word_set("am have be"), word_set("is has be")
_OWN_STATES, _THIRD = word_set("am have i we"), word_set("who he she that they")
_PASSED, _KINDS = word_set("a an the not my i"), {"am": "be", "is": "be", "be": "be", "has": "have", "have": "have"}
_TIMES = word_set("day hour minute week month year time night")
_REACH, _FEW = 6, 3
"""Words in which a verb follows its subject; words of content by which a plan and a deed may differ."""


@gate_rule(
    must_refuse=[
        ("what do nurses hear when I press it", "what do I hear when nurses press it", "nurses hear", "i hear"),
    ],
    must_pass=[
        ("what do I see when I press it", "what do I see when nurses press it"),
        ("can guests see the list I share", "is the list I share seen by guests"),
    ],
)
def crossed(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse two deeds of which the speaker does the one and another one the other, against the same turned round."""
    if _SPEAKER.isdisjoint(asked.vocabulary) or _SPEAKER.isdisjoint(stored.vocabulary):
        return None
    left, right = _doers(asked), _doers(stored)
    own = [verb for verb, one in left.items() if one in _SPEAKER and right.get(verb, "i") not in _SPEAKER]
    others = [verb for verb, one in right.items() if one in _SPEAKER and left.get(verb, "i") not in _SPEAKER]
    known = content_words(asked) & content_words(stored)
    if not all(lexicon.base(right[verb]) in known for verb in own):
        return None
    if not own or not others or not all(lexicon.base(left[verb]) in known for verb in others):
        return None
    verb = min(own + others)
    return Difference(f"{left[verb]} {verb}", f"{right[verb]} {verb}")


@gate_rule(
    must_refuse=[
        ("imagine that you are my guest", "imagine that I am your guest", "you my", "i your"),
    ],
    must_pass=[
        ("how do you delete your account", "how do I delete my account"),
        ("can I send you my form", "can you be sent my form by me"),
    ],
)
def persons(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same words, but for the speaker in the place of the one spoken to: you are mine, I am yours."""
    if asked.content != stored.content:
        return None
    left, right = _persons(asked), _persons(stored)
    if len(left) < len(("you", "i")) or len(left) != len(right):
        return None
    sides, sides_2 = [one in _FIRST for one in left], [one in _SECOND for one in right]
    is_turned = sides == sides_2 and len(set(sides)) > 1
    return Difference(" ".join(left), " ".join(right)) if is_turned else None


@gate_rule(
    must_refuse=[
        ("how many members may share a desk", "how many desks may a member share", "member", "desk"),
    ],
    must_pass=[
        ("how many sick days have I taken", "how many days of sick leave have I taken"),
        ("how many cars per household", "how many cars does a household have"),
    ],
)
def counted(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse how many of the one thing against how many of the other, where both are named in both."""
    left, right = _counted(asked), _counted(stored)
    if not left or not right or left == right:
        return None
    is_named = left in content_words(stored) and right in content_words(asked)
    phrases = [tuple(map(lexicon.base, pair)) for one in (asked, stored) for pair in pairwise(one.tokens)]
    is_one = (left, right) in phrases or (right, left) in phrases
    return Difference(left, right) if is_named and not is_one and not {left, right} & _TIMES else None


@gate_rule(
    must_refuse=[
        ("I want to rent out my barn", "I have rented out my barn", "plan", "deed"),
        ("I am going to cancel my trip", "I already cancelled my trip", "plan", "deed"),
    ],
    must_pass=[
        ("I want to rent out my barn", "I would like to rent out my barn"),
        ("I have lost my card", "I lost my card"),
    ],
)
def planned(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a deed that the speaker plans against the same one done."""
    left, right = _deeds(asked), _deeds(stored)
    if not left or not right or len(content_apart(asked, stored)) > _FEW:
        return None
    verb = next((verb for verb in left.keys() & right.keys() if left[verb] != right[verb]), None)
    return Difference(left[verb], right[verb]) if verb else None


@gate_rule(
    must_refuse=[
        ("I was hit by a cyclist", "I hit a cyclist", "was hit", "hit"),
    ],
    must_pass=[
        ("I was charged twice", "why was I charged twice"),
        ("I am registered", "I registered"),
    ],
)
def suffered(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a deed that the speaker suffers by another one against the same done by the speaker."""
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        verb = _suffered(mine)
        if verb and not _suffered(theirs) and verb in _done(theirs) and verb not in _done(mine):
            pair = (f"was {verb}", verb)
            return Difference(*(pair[::-1] if is_swapped else pair))
    return None


@gate_rule(
    must_refuse=[
        ("how do I write to a friend who is ill", "how do I write to a friend when I am ill", "is", "am"),
        ("how old must I be to rent a van", "how old must the van be to rent it", "i", "van"),
        ("what if my baby has a fever", "what if I have a fever and a baby", "has", "have"),
    ],
    must_pass=[
        ("is it normal that I am tired", "is it normal to be tired"),
        ("where am I located", "where is my location"),
    ],
)
def bearer(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a state of the speaker against the same of another one: a friend who is ill, when I am ill."""
    one, other = asked.vocabulary, stored.vocabulary
    if _OTHERS_BE.isdisjoint(one | other) or _OWN_BE.isdisjoint(one | other):
        return None
    if len(content_apart(asked, stored)) > 1:
        return None
    left, right = _states(asked), _states(stored)
    for state in left.keys() & right.keys():
        if (left[state] in _OWN_STATES) != (right[state] in _OWN_STATES):
            return Difference(left[state], right[state])
    return None


@fact
def _doers(reading: Reading) -> dict[str, str]:
    """Return the word before each verb, the speaker or a thing, by the base of the verb."""
    if reading.is_story or _SPEAKER.isdisjoint(reading.vocabulary):
        return {}
    pairs = [pair for pair in pairwise(reading.tokens) if is_content(pair[1]) or pair[1] in _LIGHT_DEEDS]
    return {lexicon.base(verb): one for one, verb in pairs if one in _SPEAKER or is_content(one)}


@fact
def _persons(reading: Reading) -> tuple[str, ...]:
    return () if reading.is_story else tuple(word for word in reading.tokens if word in _FIRST or word in _SECOND)


@fact
def _counted(reading: Reading) -> str:
    """Return the base form of the thing behind "how many"."""
    words = reading.tokens
    if "many" not in reading.vocabulary or reading.is_story:
        return ""
    triples = zip(words, words[1:], words[2:], strict=False)
    return next((lexicon.base(thing) for one, many, thing in triples if (one, many) == ("how", "many")), "")


@fact
def _deeds(reading: Reading) -> dict[str, str]:
    """Return whether the speaker plans or has done each deed, by the base of its verb."""
    words = reading.tokens
    if "i" not in reading.vocabulary or reading.is_story:
        return {}
    found: dict[str, str] = {}
    for at, word in enumerate(words):
        after = words[at + 1 : at + 1 + _REACH]
        if word != "i" or not after:
            continue
        if after[0] in _HAVING:
            verb = next((each for each in after if each not in _HAVING and each not in _BETWEEN), "")
            found.update({lexicon.base(verb): "deed"} if verb and lexicon.base(verb) != verb else {})
        elif after[0] in _PLANNING and "to" in after[:-1]:
            found[lexicon.base(after[after.index("to") + 1])] = "plan"
    return found


@fact
def _suffered(reading: Reading) -> str:
    """Return the verb of "I was hit by", or nothing."""
    if "by" not in reading.vocabulary or reading.is_story:
        return ""
    words = reading.tokens
    triples = zip(words, words[1:], words[2:], strict=False)
    return next((lexicon.base(verb) for one, was, verb in triples if {one, was} in _SUFFERING and is_content(verb)), "")


@fact
def _done(reading: Reading) -> frozenset[str]:
    """Return the verbs right behind the speaker."""
    return frozenset(
        lexicon.base(verb) for one, verb in pairwise(reading.tokens) if one in _SPEAKER and is_content(verb)
    )


@fact
def _states(reading: Reading) -> dict[tuple[str, str], str]:
    """Return the verb, or the subject, of each state and thing had, by the kind of the verb and the state."""
    words = reading.tokens if not reading.is_story else ()
    found: dict[tuple[str, str], str] = {}
    for at, verb in enumerate(words[:-1]):
        before = words[at - 1] if at else ""
        state = next((word for word in words[at + 1 : at + 4] if word not in _PASSED), "")
        if not state or not (is_content(state) or state == "to"):
            continue
        key = (_KINDS.get(verb, ""), lexicon.base(state))
        is_own = verb == "am" or (verb in ("have", "be") and before in _SPEAKER)
        is_other = verb in ("is", "has", "be") and (before in _THIRD or not before or is_content(before))
        if is_own or is_other:
            found[key] = before if verb == "be" else verb
    return found
