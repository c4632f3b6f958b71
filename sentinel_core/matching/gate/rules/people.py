"""Refusals over whose matter it is: his or hers, another person's or one's own."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import (
    Difference,
    Reading,
    content_apart,
    fact,
    is_content,
    sets_differ,
    word_set,
)
from sentinel_core.matching.gate.rules.rule import gate_rule

_THIRD = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she"}
_OTHERS = word_set(
    "mother father mum mom dad brother sister son daughter husband wife grandmother grandfather grandma grandpa uncle "
    "aunt cousin colleague boss friend neighbor neighbour boyfriend girlfriend child children kid kids baby parents"
)
_EVERYONE = re.compile(
    r"\b(?:(?:us|them|you) all|all of (?:us|you|them)|everyone|everybody|(?:all )?(?:humans|humanity|mankind))\b"
)
_ALL = word_set("all everyone everybody humans humanity mankind")
_ASKING = re.compile(r"\b(?:tell|show|give|let|help|remind|teach|find|get|send|bring) (?:me|us)\b")

_PERSONS = {
    form: forms.split()[0]
    for forms in ("i me", "we us", "you", "he him", "she her", "they them")
    for form in forms.split()
}
_WANTING = word_set(
    "want wanted need needed like liked try tried plan planned have had has to do did can could will would should may "
    "might must ever just already also never to"
)
_SPEAKER, _DOERS = word_set("i we"), word_set("i we you they he she")
_RECEIVERS = word_set("me us")
_CONCERNED, _STRANGERS = _RECEIVERS | {"my"}, word_set("who person people they someone somebody anyone others")
_BEING = word_set("is are am was were be been being get gets got by")


@gate_rule(
    must_refuse=[
        ("what is his name", "what is her name", "he", "she"),
        ("will the comet kill me", "will the comet kill us all", "me", "us all"),
    ],
    must_pass=[
        ("how do I pay", "how can I pay"),
    ],
)
def person(asked: Reading, stored: Reading) -> Difference | None:
    """He against she, another person against oneself, or oneself against everyone."""
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        everyone = None if _ALL.isdisjoint(mine.vocabulary) else _EVERYONE.search(mine.text)
        own = _suffers(theirs) if everyone else ""
        if everyone and own and not _EVERYONE.search(theirs.text) and not _suffers(mine):
            return Difference(own, everyone[0]) if is_swapped else Difference(everyone[0], own)
    left, right = _third(asked), _third(stored)
    if left == right or not (left or _first(asked)) or not (right or _first(stored)):
        return None
    return Difference(" ".join(sorted(left)) or "i", " ".join(sorted(right)) or "i")


@gate_rule(
    must_refuse=[
        ("my results", "my mother and my results", "", "mother"),
    ],
    must_pass=[
        ("my mother and my results", "the results of my mother and my own"),
    ],
)
def relation(asked: Reading, stored: Reading) -> Difference | None:
    """Another person's matter on one side alone: my mother's, my colleague's."""
    left, right = _others(asked), _others(stored)
    if bool(left) == bool(right) or not _first(asked) or not _first(stored):
        return None
    return sets_differ(left, right)


@fact
def _suffers(reading: Reading) -> str:
    """Return the word for the speaker to whom something is done; not of one who is to be answered."""
    words = _ASKING.sub(" ", reading.text).split()
    return next((word for word in words[1:] if word in ("me", "myself")), "")


@fact
def _others(reading: Reading) -> frozenset[str]:
    return _OTHERS & (reading.vocabulary | frozenset(map(lexicon.base, reading.tokens)))


def _third(reading: Reading) -> frozenset[str]:
    return frozenset(_THIRD[token] for token in reading.tokens if token in _THIRD)


def _first(reading: Reading) -> bool:
    return bool(reading.vocabulary & {"i", "my", "me", "mine", "myself"})


@gate_rule(
    must_refuse=[
        ("what do they owe me", "what do I owe them", "they me", "i them"),
        ("should he apologise to her", "should she apologise to him", "he her", "she him"),
        ("may we sit with you", "may you sit with us", "we you", "you us"),
    ],
    must_pass=[
        ("do you charge me for it", "am I charged by you for it"),
        ("can you send me a card", "can I get a card sent by you"),
    ],
)
def mutual(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse two people who have changed places around the same words: what they owe me, what I owe them."""
    if len(asked.tokens) != len(stored.tokens) or asked.is_story:
        return None
    left, right = _persons(asked), _persons(stored)
    if len(left) != 2 or len(right) != 2:
        return None
    if asked.tokens.index(left[0]) != stored.tokens.index(right[0]):
        return None
    one, other = ([_PERSONS[word] for word in words] for words in (left, right))
    if one != other[::-1] or one == other or not _BEING.isdisjoint(asked.vocabulary ^ stored.vocabulary):
        return None
    return Difference(" ".join(left), " ".join(right)) if asked.content == stored.content else None


@gate_rule(
    must_refuse=[
        ("what if I overtake a cyclist", "what if a cyclist overtakes me", "i overtake", "overtakes me"),
        ("if a firm wants to hire me, what is asked", "if I want to hire a firm, what is asked", "hire me", "i hire"),
        ("do we owe the guests", "do the guests owe us", "we owe", "owe us"),
        ("can the nurse hear me when I knock", "can I hear the nurse when they knock", "hear me", "i hear"),
        ("see who rated my photo", "can people see that I rated their photo", "rated my", "i rated"),
        ("how will my dad forgive me", "how do I forgive my dad", "forgive me", "to forgive"),
    ],
    must_pass=[
        ("why was I charged twice", "why did you charge me twice"),
        ("can you help me pay", "I need help to pay"),
        ("what if my dog follows me", "what if I am followed by my dog"),
    ],
)
def receiver(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a deed of the speaker against the same done to the speaker: I overtake it, it overtakes me."""
    if _CONCERNED.isdisjoint(asked.vocabulary) and _CONCERNED.isdisjoint(stored.vocabulary):
        return None
    apart = content_apart(asked, stored) - _WANTING
    if asked.is_story or stored.is_story or len(apart) > 1:
        return None
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        does, done = _deeds(mine), _done_to_speaker(theirs)
        for verb in does.keys() & done.keys():
            if verb not in _done_to_speaker(mine) and verb not in _deeds(theirs):
                pair = (does[verb], done[verb])
                return Difference(*pair[::-1]) if is_swapped else Difference(*pair)
    return None


@fact
def _deeds(reading: Reading) -> dict[str, str]:
    """Return the verbs right behind "I", "we" or "how to", with them, by their base forms; of a passive none."""
    found: dict[str, str] = {}
    words = reading.tokens
    for at, one in enumerate(words):
        before = words[at - 1] if at else ""
        if (one in ("i", "we") and before not in _BEING) or (before, one) == ("how", "to"):
            verb = next((word for word in words[at + 1 : at + 5] if word not in _WANTING), "")
            if verb and is_content(verb):
                found[lexicon.base(verb)] = f"{one} {verb}"
    return found


@fact
def _done_to_speaker(reading: Reading) -> dict[str, str]:
    """Return the verbs right before "me" or "us", with them, by their base forms."""
    triples = zip(("", *reading.tokens), reading.tokens, reading.tokens[1:], strict=False)
    return {
        lexicon.base(verb): f"{verb} {one}"
        for before, verb, one in triples
        if is_content(verb) and (one in _RECEIVERS or (one == "my" and before in _STRANGERS))
    }


@fact
def _persons(reading: Reading) -> list[str]:
    return [word for word in reading.tokens if word in _PERSONS]


@gate_rule(
    must_refuse=[
        ("can I get a refund for lessons I missed", "can I get a refund for lessons you moved", "i", "you"),
        ("do I pay for a visit I called off", "do I pay for a visit they called off", "i", "they"),
    ],
    must_pass=[
        ("how do I return goods I bought", "how do you return goods you bought"),
        ("do I pay for a visit I called off", "do I have to pay for a visit that I called off"),
    ],
)
def deed(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a thing that the speaker did something to against one that another one did it to: lessons you moved."""
    if not _first(asked) or not _first(stored) or asked.is_story or stored.is_story:
        return None
    left, right = _done_to_things(asked), _done_to_things(stored)
    for thing in left.keys() & right.keys():
        if (left[thing] in _SPEAKER) != (right[thing] in _SPEAKER):
            return Difference(left[thing], right[thing])
    return None


@fact
def _done_to_things(reading: Reading) -> dict[str, str]:
    """Return who did something to each thing, by the thing: `lessons I missed`; a speaker stands elsewhere too."""
    found = {}
    for thing, one, verb in zip(reading.tokens, reading.tokens[1:], reading.tokens[2:], strict=False):
        if one in _DOERS and is_content(thing) and verb not in _WANTING:
            found[lexicon.base(thing)] = one
    own = sum(word in ("i", "my", "we", "our") for word in reading.tokens)
    return found if own > sum(one in _SPEAKER for one in found.values()) else {}
