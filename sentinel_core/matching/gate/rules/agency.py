"""Refusals over who does something in a condition: `if the shop cancels it`, `if I cancel it`."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_PASSIVE = re.compile(
    r"\b([a-z]{3,}) by (?:(?:the|a|an|my|our|their|his|her|your|any|another) )?(?:\w+ )??([a-z]{2,})\b"
)
_OWN = re.compile(r"\b(i|we)(?: (?:have|had|will|would|do|did|can|could|choose to|decide to|want to))? ([a-z]{3,})\b")
_IF = re.compile(
    r"\bif (?:(?:the|an?|my|our|their|his|her|your|any) )?(\w+)(?: (?:have|has|had|will|would|can|could|do|did|does))? "
    r"(?:(?:want|wants|wanted|need|needs|needed) to )?(\w{3,})"
)
_ANYONE = word_set(
    "someone somebody anyone anybody one you they it he she this that there people person customer user client guest"
)
_DONE = (*lexicon.PARTICIPLE_ENDINGS, "ut", "ew")
_AUXILIARIES = word_set("can could may might must should shall will would do does did")
_DETERMINERS = word_set("a an the my our your his her their this that these")
_SPEAKER = word_set("i we")
_MEANS = word_set(
    "phone email mail post card mistake accident default law weight hand car train bus plane boat chance credit cash "
    "check cheque me us myself ourselves name number date size price far itself post bank-transfer transfer text error"
)


@gate_rule(
    must_refuse=[
        ("do I get a refund if it is cancelled by the school", "do I get a refund if I cancel it", "school", "i"),
        ("am I covered if it is damaged by a guest", "am I covered if I damage it", "guest", "i"),
        ("is there a fee if the bank closes my account", "is there a fee if I close my account", "bank", "i"),
    ],
    must_pass=[
        ("do I get a refund if I cancel it by phone", "do I get a refund if it is cancelled by phone"),
        ("what if the airline cancels my flight", "what if my flight is cancelled by the airline"),
        ("what if my account closes", "what if I close my account"),
    ],
)
def agent(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a deed of another one against the same of the speaker."""
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        for verb, own in _own(theirs).items():
            other = _agent_of(verb, mine)
            if other and verb not in _own(mine) and other not in theirs.vocabulary:
                return Difference(own, other) if is_swapped else Difference(other, own)
    return None


@gate_rule(
    must_refuse=[
        ("what happens if a dog ate grapes", "what happens if I ate grapes", "dog", "i"),
        ("what if my tenant leaves early", "what if I leave early", "tenant", "i"),
    ],
    must_pass=[
        ("what if someone steals my card", "what if I steal my card"),
        ("what if my card expires", "what do I do if my card expires"),
        ("what if a customer wants to pay", "what if I want to pay"),
    ],
)
def holder(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse what happens if the speaker does something against what happens if another one does."""
    left, right = _in_case(asked), _in_case(stored)
    if not left or not right or left[1] != right[1] or (left[0] in _SPEAKER) == (right[0] in _SPEAKER):
        return None
    one, other = left[0], right[0]
    apart = content_apart(asked, stored)
    return Difference(one, other) if apart <= {lexicon.base(one), lexicon.base(other)} else None


@fact
def _in_case(reading: Reading) -> tuple[str, str] | None:
    """Return the subject of a condition and the base of its verb; None where anyone may be meant."""
    found = None if "if" not in reading.vocabulary or reading.is_story else _IF.search(reading.text)
    if found is None or found[1] in _ANYONE or not is_content(found[2]):
        return None
    return found[1], lexicon.base(found[2])


@gate_rule(
    must_refuse=[
        ("can I sell my wife's car", "can my wife sell my car", "i", "wife"),
        ("should we visit the nurse at home", "should the nurse visit us at home", "we", "nurse"),
    ],
    must_pass=[
        ("can I pay by card", "may I pay by card"),
        ("can guests pay by card", "can I pay by card as a guest of the hotel"),
    ],
)
def subject(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a question whether the speaker may do something against the same of another one that both name."""
    if (
        frozenset(asked.content) != frozenset(stored.content)
        or asked.is_story
        or "be" in asked.vocabulary | stored.vocabulary
    ):
        return None
    left, right = _subject(asked), _subject(stored)
    is_other = bool(left and right) and (left in _SPEAKER) != (right in _SPEAKER)
    return Difference(left, right) if is_other else None


@fact
def _subject(reading: Reading) -> str:
    """Return the subject of a question for yes or no, or nothing."""
    words = reading.tokens[:4]
    if not words or words[0] not in _AUXILIARIES:
        return ""
    first = next((word for word in words[1:] if word not in _DETERMINERS), "")
    return first if first in _SPEAKER or (first and is_content(first)) else ""


@fact
def _own(reading: Reading) -> dict[str, str]:
    """Return the verbs of which the speaker is the subject, by their bases."""
    found = _OWN.findall(reading.text) if not reading.is_story else ()
    return {lexicon.base(verb): subject for subject, verb in found if is_content(verb)}


def _agent_of(verb: str, reading: Reading) -> str:
    """Return by whom it is done, or who does it; nothing where the prompt does not say."""
    if reading.is_story:
        return ""
    for done, other in _PASSIVE.findall(reading.text):
        if lexicon.base(done) == verb and done.endswith(_DONE) and other not in _MEANS and not other.endswith("ing"):
            return str(other)
    pairs = zip(reading.tokens, reading.tokens[1:], strict=False)
    return next((one for one, word in pairs if _does(word, verb) and is_content(one) and one.isalpha()), "")


def _does(word: str, verb: str) -> bool:
    return word != verb and word.endswith("s") and lexicon.base(word) == verb
