"""Refusals over one thing and all of its kind, over whose it is, and over what is done and what has been done to it."""

from itertools import pairwise, takewhile

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_ONE, _ALL = word_set("this that current single"), word_set("all every each")
_ANY = word_set("all every everything everyone everybody any each nothing none nobody")
_BUT = word_set("but except")
_REACH, _FEW = 4, 2
"""Words between "all" and "but"; words of content by which two prompts may differ besides."""

_OWN = word_set("my our")
_OF = word_set("of my our the your these those a an")
_OWNERS = word_set("a an another other any someone somebody else everyone everybody anyone")
_NO_OWNERS = word_set(
    "it that this what who where how when there here one let today tomorrow yesterday driver day week month year"
)
_SKIPPED = word_set("leave leaving close keep save delete remove")
_LEADING = word_set("to i we you can do please should must may will could would")
_STATES = word_set(
    "is are was were be been being am have has had having get gets got getting not i we you it they who that which "
    "recently just already somebody someone people person"
)
_DONE = (*lexicon.PARTICIPLE_ENDINGS, "ut")


@gate_rule(
    must_refuse=[
        ("set a reminder for this event", "set a reminder for all events", "this", "all"),
        ("archive every thread", "archive this thread", "every", "this"),
    ],
    must_pass=[
        ("close all tabs of this window", "close every tab in this window"),
        ("archive my threads", "archive all my threads"),
    ],
)
def one_or_all(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse one thing that is at hand against all things of its kind: this event, all events."""
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        if _ONE.isdisjoint(mine.vocabulary) or _ALL.isdisjoint(theirs.vocabulary) or not _are_near(mine, theirs):
            continue
        one, every = _heads(mine, _ONE), _heads(theirs, _ALL)
        for head in one.keys() & every.keys():
            if _ALL.isdisjoint(mine.vocabulary) and _ONE.isdisjoint(theirs.vocabulary):
                pair = (one[head], every[head])
                return Difference(*(pair[::-1] if is_swapped else pair))
    return None


@gate_rule(
    must_refuse=[
        ("fill all cells but the last", "fill the last cell", "all but", ""),
        ("mute everyone except my boss", "mute my boss", "everyone except", ""),
    ],
    must_pass=[
        ("fill all cells but the last", "fill every cell except the last one"),
        ("is it all right but slow", "is it slow, but all right"),
    ],
)
def all_but(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse all things but one against the one: all columns but the first, the first column."""
    left, right = _excepted(asked), _excepted(stored)
    if bool(left) == bool(right) or not _are_near(asked, stored):
        return None
    other = stored if left else asked
    return Difference(left, right) if (_ANY | _BUT).isdisjoint(other.vocabulary) else None


@gate_rule(
    must_refuse=[
        ("how do I change a colleague's role", "how do I change my role", "colleague", "my"),
        ("can I delete my post", "can I delete someone else's post", "my", "else"),
    ],
    must_pass=[
        ("how do I find my phone's number", "how do I find my number"),
        ("what is a week's notice", "what is my notice"),
        ("how do I change my role", "how do I change one's role"),
    ],
)
def possessor(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a thing of another one against the same of the speaker: a colleague's role, my role."""
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        owners = _of_others(theirs)
        if not owners or _OWN.isdisjoint(mine.vocabulary) or not _are_near(mine, theirs):
            continue
        own, own_2 = _heads(mine, _OWN), _heads(theirs, _OWN)
        for head, owner in owners.items():
            if head in own and head not in own_2 and owner not in mine.vocabulary:
                return Difference(owner, own[head]) if is_swapped else Difference(own[head], owner)
    return None


@gate_rule(
    must_refuse=[
        ("how do I add a shared calendar", "how do I share a calendar", "shared", "share"),
        ("where do I send the signed lease", "where do I sign the lease", "signed", "sign"),
        ("how do I edit a sent mail", "how do I send an edited mail", "sent", "send"),
    ],
    must_pass=[
        ("how do I get my card activated", "how do I activate my card"),
        ("how do I return goods I bought", "how do I return bought goods"),
        ("how do I open a locked door", "how do I open a door that is locked"),
    ],
)
def done(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse doing something against something else with a thing it was done to: sign a lease, send a signed one."""
    if not _are_near(asked, stored):  # most pairs
        return None
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        things = _done_things(mine)
        deeds = _deeds(theirs) if things else {}
        for verb, word in things.items():
            if verb in deeds and verb not in _deeds(mine) and _deeds(mine):
                pair = (word, deeds[verb])
                return Difference(*(pair[::-1] if is_swapped else pair))
    return None


def _are_near(asked: Reading, stored: Reading) -> bool:
    """Whether both have nearly the same words that carry meaning; stories never have."""
    apart = content_apart(asked, stored) - _SKIPPED
    return not (asked.is_story or stored.is_story) and len(apart) <= _FEW


def _heads(reading: Reading, words: frozenset[str]) -> dict[str, str]:
    """Return those of `words` that stand before each thing, by its base form; one word may stand between."""
    found: dict[str, str] = {}
    for at, word in enumerate(reading.tokens):
        if word in words:
            rest = [each for each in reading.tokens[at + 1 : at + 5] if each not in _OF]
            found.update((lexicon.base(head), word) for head in takewhile(is_content, rest[:2]))
    return found


@fact
def _excepted(reading: Reading) -> str:
    """Return the words for all things but some, or nothing."""
    words = reading.tokens
    if _BUT.isdisjoint(reading.vocabulary) or _ANY.isdisjoint(reading.vocabulary) or reading.is_story:
        return ""
    pairs = ((one, at) for at, one in enumerate(words) if one in _ANY)
    found = ((one, but) for one, at in pairs for but in words[at + 1 : at + 1 + _REACH] if but in _BUT)
    return " ".join(next(((one, but) for one, but in found if "right" not in words), ()))


@fact
def _of_others(reading: Reading) -> dict[str, str]:
    """Return the owner of each thing, by the base form of the thing: `a colleague's role`; the speaker's are none."""
    if "'s" not in reading.text and "s'" not in reading.text:
        return {}
    words = reading.text.split()
    found: dict[str, str] = {}
    for at, word in enumerate(words):
        owner = word.removesuffix("'s") if word.endswith("'s") else word.removesuffix("'")
        if owner == word or owner in _NO_OWNERS or (words[at - 1] if at else "") not in _OWNERS:
            continue
        found.update((lexicon.base(thing), owner) for thing in takewhile(is_content, words[at + 1 : at + 3]))
    return found


@fact
def _done_things(reading: Reading) -> dict[str, str]:
    """Return the participles before a thing, `a signed lease`, by their verbs."""
    words = reading.tokens
    triples = zip(words, words[1:], words[2:], strict=False)
    return {
        lexicon.base(word): word
        for before, word, after in triples
        if word.endswith(_DONE)
        and not word.endswith("ing")
        and before not in _STATES
        and is_content(after)
        and lexicon.base(word) != word
    }


@fact
def _deeds(reading: Reading) -> dict[str, str]:
    """Return the verbs behind "to", "I" and the like, and at the beginning, by their bases."""
    pairs = pairwise(("to", *reading.tokens))
    return {
        lexicon.base(verb): verb
        for before, verb in pairs
        if before in _LEADING and (is_content(verb) or verb == "use") and lexicon.base(verb) == verb
    }
