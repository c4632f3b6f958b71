"""Refusals over the active against the passive in the same words: `the dog bites`, `the dog is bitten`."""

import re
from collections.abc import Iterator

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_words, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_BE = word_set("is are was were am be been being get gets got getting")
_DO = word_set("do does did")
_SKIPPED = word_set(
    "do does did have has had can could may might must should shall will would not ever never often always usually "
    "sometimes also still already first once a an the"
)
_ENDS = word_set("by to of that who whom which what if when")
_PRONOUNS = word_set("i we he she it they you")
_DONE = (*lexicon.PARTICIPLE_ENDINGS, "en", "un", "unk", "ung", "um", "ot", "it", "ut", "ew", "et")
_LIVING = word_set(
    "dog cat puppy kitten horse pony cow sheep goat pig bird hen chicken parrot rabbit hamster rat mouse snake spider "
    "bee wasp fish shark whale bear wolf fox deer lion tiger elephant monkey owl eagle hawk frog child baby toddler "
    "boy girl man woman teacher pupil student player driver worker employee manager landlord tenant guest patient "
    "doctor nurse neighbour neighbor soldier king queen lawyer witness suspect officer passenger"
)
_PERSONS = word_set("he she they")
_APT = re.compile(
    r"\b(?:enough|ready|easy|hard|fit|good|afraid|likely|allowed|eager|free|old|young|big|small|strong|weak|set) "
    r"to (be )?(\w{3,})"
)
_ONESELF = word_set(
    "register verify certify enroll enrol list pay involve interest start marry change dress use move retire train "
    "graduate divorce relate connect license insure qualify prepare separate allow stress worry turn stop leave"
)
"""Verbs of deeds that living things do to themselves."""

_FAR = 5
"""Words between a form of `be` and its participle, at the most."""


@gate_rule(
    must_refuse=[
        ("which towns did the rebels burn", "which towns were the rebels burned by", "burn", "burned"),
        ("is the dog ready to eat", "is the dog ready to be eaten", "eat", "be eaten"),
        ("are they loved", "do they love", "loved", "love"),
        ("who did the board hire", "who was the board hired by", "hire", "hired"),
        ("what do I do if my horse kicks", "what do I do if my horse is kicked", "kicks", "kicked"),
        ("which hens did the fox kill", "which foxes was the hen killed by", "kill", "killed"),
        ("is the bee eaten by the bird", "does the bee eat the bird", "eaten", "eat"),
    ],
    must_pass=[
        ("which towns did the rebels burn", "which towns were burned by the rebels"),
        ("is the shop closed on Sunday", "does the shop close on Sunday"),
        ("what if the airline cancels my flight", "what if my flight is cancelled by the airline"),
        ("who hired the board", "who was the board hired by"),
        ("can a guest be registered here", "can a guest register here"),
    ],
)
def voice(asked: Reading, stored: Reading) -> Difference | None:
    """
    Refuse the active against the passive of one verb with one subject.

    Only where an agent is named or asked for, or the subject is a living thing: a shop that is closed closes. Who asks
    for the agent asks for another thing than `which hens did the fox kill`.
    """
    if asked.is_story or stored.is_story or not (_BE & asked.vocabulary or _BE & stored.vocabulary):
        return None
    apt = _apt(asked, stored)
    if apt:
        return apt
    if content_words(asked) != content_words(stored):
        return None
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        has_agent = "by" in mine.vocabulary and "by" not in theirs.vocabulary
        for verb, (done, subject) in _passives(mine).items():
            does, other = _actives(theirs).get(verb, ("", ""))
            is_one = subject != "" and subject == other and (has_agent or _is_done_to(subject, verb))
            asks_for_agent = mine.tokens[-1] == "by" and not _DO.isdisjoint(theirs.tokens[1:])
            if does != done and does and (is_one or asks_for_agent):
                return Difference(does, done) if is_swapped else Difference(done, does)
    return None


def _apt(asked: Reading, stored: Reading) -> Difference | None:
    """Find `ready to eat` against `ready to be eaten`."""
    one, other = _APT.search(asked.text), _APT.search(stored.text)
    if not one or not other or bool(one[1]) == bool(other[1]) or lexicon.base(one[2]) != lexicon.base(other[2]):
        return None
    return Difference(f"{one[1] or ''}{one[2]}", f"{other[1] or ''}{other[2]}")


def _is_done_to(subject: str, verb: str) -> bool:
    return (subject in _LIVING or subject in _PERSONS) and verb not in _ONESELF


@fact
def _passives(reading: Reading) -> dict[str, tuple[str, str]]:
    """Return each participle behind a form of `be`, with the base of its subject, by the verb."""
    return {verb: (word, subject) for verb, word, subject, is_passive in _verbs(reading) if is_passive}


@fact
def _actives(reading: Reading) -> dict[str, tuple[str, str]]:
    """Return each word that may be a verb, with the base of its subject, by its own base."""
    return {verb: (word, subject) for verb, word, subject, is_passive in _verbs(reading) if not is_passive}


def _verbs(reading: Reading) -> Iterator[tuple[str, str, str, bool]]:
    words = reading.tokens
    for at, word in enumerate(words):
        if not is_content(word):
            continue
        verb = lexicon.base(word)
        be = _be_before(words, at) if verb != word and word.endswith(_DONE) and not word.endswith("ing") else None
        yield verb, word, _subject(words, at) if be is None else _passive_subject(words, be, at), be is not None


def _be_before(words: tuple[str, ...], at: int) -> int | None:
    """Return the place of the form of `be` that a participle belongs to, or None."""
    for place in range(at - 1, max(-1, at - 2 - _FAR), -1):
        if words[place] in _BE:
            return place
        if words[place] in _ENDS:
            return None
    return None


def _passive_subject(words: tuple[str, ...], be: int, at: int) -> str:
    between = [word for word in words[be + 1 : at] if word not in _SKIPPED and not word.endswith("ly")]
    return lexicon.base(between[-1]) if between else _subject(words, be)


def _subject(words: tuple[str, ...], at: int) -> str:
    """Return the base of the last word before a verb that can be its subject, or nothing."""
    before = (word for word in reversed(words[:at]) if word not in _SKIPPED | _BE and not word.endswith("ly"))
    word = next(before, "")
    return lexicon.base(word) if word in _PRONOUNS or (word and is_content(word)) else ""
