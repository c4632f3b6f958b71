"""Refusals over a norm against a fact: how much one should sleep, how much one sleeps."""

from itertools import pairwise

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_LEAD = 6
"""Words in which the verb of a question stands."""

_NORMS = word_set("should ought supposed must can allowed permitted expected shall")
_NO_FACTS = _NORMS | word_set(
    "can could would need needs needed have has had best better good recommended ok okay safe right due"
)
_NORM_WORDS = frozenset(map(lexicon.base, ("supposed", "allowed", "permitted", "expected", "ought", "shall"))) | {
    "people"
}
_PAST = word_set("did was were")
_PERFECT = word_set("have has had")
_PRESENT = word_set("do does is are am")
_SUBJECTS = word_set("i we you he she they it my our your the")
_AMOUNTS = word_set("much many often long far old big high heavy tall fast late early")


@gate_rule(
    must_refuse=[
        ("how many bags am I allowed to take", "how many bags did I take", "can", "did"),
        ("what am I supposed to do this week", "what have I done this week", "supposed", "have"),
        ("should I prune my rose in autumn", "do I prune my rose in autumn", "should", "do"),
        ("how much should I sleep", "how much do I sleep", "should", "do"),
        ("what should my pulse be", "what is my pulse", "should", "is"),
    ],
    must_pass=[
        ("what should I do after a bite", "what do I do after a bite"),
        ("should I bring a towel", "do I need to bring a towel"),
        ("how should I water a fern", "how do I water a fern"),
        ("where should I put it", "where do I put it"),
        ("should I have to pay", "do I have to pay"),
    ],
)
def norm(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a duty or a permission against a fact: how much I should sleep, how much I sleep."""
    if not content_apart(asked, stored) <= _NORM_WORDS:  # most pairs
        return None
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        wanted, is_whether = _norm(mine)
        found = _past(theirs) or (_present(theirs) if is_whether else "")
        if wanted and found:
            return Difference(found, wanted) if is_swapped else Difference(wanted, found)
    return None


@fact
def _norm(reading: Reading) -> tuple[str, bool]:
    """Return the word of a duty or a permission, and whether the prompt asks for yes or no, or for an amount."""
    word = next((word for word in reading.tokens[:_LEAD] if word in _NORMS), "")
    if not word or reading.is_story or not _PAST.isdisjoint(reading.vocabulary):
        return "", False
    first = reading.tokens[0]
    is_amount = first == "how" and reading.tokens[1:2] and reading.tokens[1] in _AMOUNTS
    return word, first == word == "should" or bool(is_amount) or reading.tokens[-1:] == ("be",)


@fact
def _past(reading: Reading) -> str:
    """Return the word of a question for the past, without a duty."""
    if reading.is_story or not _NORMS.isdisjoint(reading.vocabulary):
        return ""
    pairs = pairwise(reading.tokens[:_LEAD])
    return next((one for one, after in pairs if after in _SUBJECTS and (one in _PAST or one in _PERFECT)), "")


@fact
def _present(reading: Reading) -> str:
    """Return the word of a question for the present, without a duty or a judgement."""
    if reading.is_story or not _NO_FACTS.isdisjoint(reading.vocabulary):
        return ""
    return next((word for word in reading.tokens[:4] if word in _PRESENT), "")
