"""Refusals over who does something and who or what it is done to."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_words, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_PASSIVE = re.compile(r"who (?:is|was|are|were|(?:has|have|had) been|gets|got) (\w+)")
_SUBJECTS = word_set("what who which")
_BY_WHOM = word_set("who whom what by")
_PERSONS = word_set("who whom which")
_ASKED = _SUBJECTS | {"whom"}
_DOES = word_set("does do did can could will would")
_LIGHT = word_set("makes made comes came takes took gives gave gets got uses used needs needed means follows")
_BEING = word_set(
    "is are was were am be been has have had can could will would shall should may might must else in at on of and or"
)
_MUTUAL = word_set("marry engage relate divorce")
"""Who does these to another one has them done by the other."""


@gate_rule(
    must_refuse=[
        ("What causes anemia?", "What does anemia cause?", "causes", "cause"),
        ("What makes bees?", "What do bees make?", "makes", "make"),
        ("Which word precedes it?", "Which word does it precede?", "precedes", "precede"),
        ("Who killed Oswald?", "Who did Oswald kill?", "killed", "kill"),
        ("Who did Byron kiss in May?", "Who kissed Byron in May?", "kiss", "kissed"),
        ("Who beat Ajax in 2001?", "Who did Ajax beat in 2001?", "beat", "beat"),
        ("Whom does the clerk answer to?", "Who answers to the clerk?", "answer", "answers"),
        ("To whom does the clerk write?", "Who writes to the clerk?", "write", "writes"),
        ("Who was Ali beaten by?", "Who was beaten by Ali?", "by whom", "by"),
        ("Who has been appointed chair?", "Who appoints the chair?", "appointed", "appoints"),
    ],
    must_pass=[
        ("What does anemia cause?", "What can anemia cause?"),
        ("Who was Ali beaten by?", "By whom was Ali beaten?"),
        ("Who is married to the king?", "Who married the king?"),
        ("What helps with a cold?", "What does help with a cold?"),
        ("What is the cause of anemia?", "What causes anemia?"),
    ],
)
def role(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a question after the one who does something against a question after the one it is done to."""
    if {_asks_by_whom(asked), _asks_by_whom(stored)} == {True, False} and content_words(asked) == content_words(stored):
        return Difference(*("by whom" if _asks_by_whom(one) else "by" for one in (asked, stored)))
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        doing, done = _doing(mine), _done(theirs) or _suffered(theirs)
        if doing is not None and lexicon.base(doing) in done and _asks_alike(mine, theirs):
            pair = (doing, done[lexicon.base(doing)])
            return Difference(*(pair[::-1] if is_swapped else pair))
    return None


def _asks_by_whom(reading: Reading) -> bool | None:
    """Whether a passive asks who does it, `who was he seen by`, or names that one; None without a passive."""
    words = reading.tokens
    if "by" not in words or words[0] not in _BY_WHOM:
        return None
    return words[-1] == "by" or words[1] in ("who", "whom", "what")


def _asks_alike(mine: Reading, theirs: Reading) -> bool:
    """Whether both ask after a person, where one does."""
    return mine.tokens[0] != "who" or not _PERSONS.isdisjoint(theirs.tokens[:2])


@fact
def _doing(reading: Reading) -> str | None:
    """Return the verb of a question after its subject: "what causes", "who killed"."""
    words = reading.tokens
    if len(words) < 3 or words[0] not in _SUBJECTS or words[1] in _DOES:
        return None
    is_of_one = words[0] == "which" and words[1] not in _LIGHT and lexicon.base(words[1]) == words[1]
    verb = words[2] if is_of_one else words[1]
    if words[0] == "who":
        return verb if verb not in _BEING else None
    is_inflected = verb.endswith("ed") or lexicon.base(verb) != verb
    return verb if is_inflected and (is_content(verb) or verb in _LIGHT) else None


@fact
def _done(reading: Reading) -> dict[str, str]:
    """Return the words that may be the verb of a question after its object, "what does … cause", by their bases."""
    words = reading.tokens
    if words[1:2] == ("whom",):
        words = (*words[1:], words[0])  # "to whom does she report"
    at = 2 if words[:1] == ("which",) and len(words) > 3 and words[1] not in _DOES else 1
    if len(words) < 4 or words[0] not in _ASKED or words[at] not in _DOES:
        return {}
    first = next(
        (at for at, word in enumerate(words[at + 1 :], at + 1) if is_content(word) or word == "it"), len(words)
    )
    return {lexicon.base(word): word for word in words[first + 1 :]}


@fact
def _suffered(reading: Reading) -> dict[str, str]:
    """Return the verb of a question after the one it is done to, by its base: `who was appointed`."""
    found = _PASSIVE.match(reading.text)
    verb = found[1] if found else ""
    return (
        {lexicon.base(verb): verb}
        if verb.endswith(("ed", "en")) and lexicon.base(verb) not in _MUTUAL and " by" not in reading.text
        else {}
    )
