"""Refusals over tense, where all other words are the same: what will be, is, was, or would have been."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_words, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_AHEAD = re.compile(r"\b(?:will|shall|is going to|are going to|am going to)\b")
_BACK = re.compile(r"\b(?:did|was|were|(has|have|had)(?: \w+){0,2} been)\b")
_PAST_VERBS = word_set("won went made came became began took happened sang wrote got")
_UNREAL = re.compile(r"\b(?:(would(?: \w+){0,2} have)|(had)) (?!to\b)\w")
_NOW = {"is": "was", "are": "were", "does": "did", "do": "did"}
_FOREIGN = {
    "ist": "war", "sind": "waren", "est": "\u00e9tait", "sont": "\u00e9taient", "es": "era", "son": "eran",
    "\u00e8": "era", "\u00e9": "era", "s\u00e3o": "eram", "is": "was", "zijn": "waren",
}  # fmt: skip
_PERSONAL = word_set("i my me mine we our us you your")
_HELD = word_set(
    "coach trainer manager captain president chairman chairwoman chair ceo cfo director head leader mayor governor "
    "minister king queen pope chancellor ambassador owner champion holder speaker principal editor boss price cost fee "
    "toll rate rent salary wage fare tax limit minimum maximum capital currency deadline rule policy weather "
    "temperature status name"
)
"""Offices and values that are held for a time."""

_HOLDING = word_set("own lead run manage hold rule govern coach sponsor control operate represent play work live")


@gate_rule(
    must_refuse=[
        ("Where did the fair take place?", "Where will the fair take place?", "did", "will"),
        ("What changed in the rules?", "What will change in the rules?", "changed", "will"),
        ("Will I be charged for this?", "Have I been charged for this?", "will", "have been"),
        ("Who is the coach of the team?", "Who was the coach of the team?", "is", "was"),
        ("Are the fountains on?", "Were the fountains on?", "are", "were"),
        ("Where does the singer live?", "Where did the singer live?", "does", "did"),
        ("Who owns the mill?", "Who owned the mill?", "owns", "owned"),
        ("What happens if guests pay late?", "What would have happened if guests had paid late?", "", "would have"),
        ("Wer ist der Trainer von Ajax?", "Wer war der Trainer von Ajax?", "ist", "war"),
    ],
    must_pass=[
        ("Will I get my money back?", "When am I going to get my money back?"),
        ("Did it arrive?", "Has it arrived?"),
        ("How will the refund be paid?", "How is the refund paid?"),
        ("What is yellow journalism?", "What was yellow journalism?"),
        ("Who is the author of the play?", "Who was the author of the play?"),
        ("Why is my card declined?", "Why was my card declined?"),
        ("Who is elected in 2017?", "Who was elected in 2017?"),
    ],
)
def tense(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the future against the past, and the present of what changes against both, where all other words agree."""
    if asked.is_story or stored.is_story or content_words(asked) != content_words(stored):
        return _now_or_then_elsewhere(asked, stored)
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        found = _will_or_did(mine, theirs) or _is_or_was(mine, theirs) or _would_have(mine, theirs)
        if found:
            return Difference(found.stored, found.asked) if is_swapped else found
    return None


def _will_or_did(mine: Reading, theirs: Reading) -> Difference | None:
    ahead, back = _AHEAD.search(mine.text), _past(theirs)
    apart = ahead and back and not _past(mine) and not _AHEAD.search(theirs.text)
    return Difference(ahead[0], back) if ahead and apart else None


def _is_or_was(mine: Reading, theirs: Reading) -> Difference | None:
    """Find the present of an office or a value, of a question for yes or no, or of what one does, against the past."""
    if (_PERSONAL & (mine.vocabulary | theirs.vocabulary)) or any(map(_has_number, (mine, theirs))):
        return None
    verbs = [(one, other) for one, other in zip(mine.tokens, theirs.tokens, strict=False) if one != other]
    if len(mine.tokens) != len(theirs.tokens) and not verbs:
        return None
    now, then = verbs[0] if verbs else ("", "")
    if _NOW.get(now) == then and (now in ("does", "do") or now == mine.tokens[0] or _HELD & mine.vocabulary):
        return Difference(now, then)
    holds = (
        len(verbs) == 1 and now != then and lexicon.base(now) == lexicon.base(then) and lexicon.base(now) in _HOLDING
    )
    return Difference(now, then) if holds and now.endswith("s") and not then.endswith("s") else None


def _has_number(reading: Reading) -> bool:
    return any(token[0].isdigit() for token in reading.tokens)


def _would_have(mine: Reading, theirs: Reading) -> Difference | None:
    unreal = _UNREAL.search(mine.text)
    if not unreal or not unreal[1] or _UNREAL.search(theirs.text) or _past(theirs):
        return None
    return Difference("would have", "")


def _now_or_then_elsewhere(asked: Reading, stored: Reading) -> Difference | None:
    """Find `ist` against `war` as the only difference, in other languages."""
    if len(asked.tokens) != len(stored.tokens) or asked.is_story:
        return None
    apart = [pair for pair in zip(asked.tokens, stored.tokens, strict=True) if pair[0] != pair[1]]
    if len(apart) != 1:
        return None
    one, other = apart[0]
    return Difference(one, other) if _FOREIGN.get(one) == other or _FOREIGN.get(other) == one else None


@fact
def _past(reading: Reading) -> str:
    """Return what tells of the past: an auxiliary, or the verb of a question after its subject."""
    found = _BACK.search(reading.text)
    if found:
        return f"{found[1]} been" if found[1] else found[0]
    verb = reading.tokens[1] if len(reading.tokens) > 2 and reading.tokens[0] in ("what", "who", "which") else ""
    return verb if verb in _PAST_VERBS or (verb.endswith("ed") and lexicon.base(verb) != verb) else ""
