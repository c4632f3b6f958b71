"""Refusals over what joins two clauses of the same words: a condition, a concession, a reason or a purpose."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, by_group, content_words, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_JOINS = re.compile(
    r"\b(?:(?P<only>only (?:if|when)|if and only if)"
    r"|(?P<even>even (?:if|when|though|after|as)|although|though|despite|in spite of|regardless of|irrespective of"
    r"|no matter)"
    r"|(?P<unless>unless|except (?:if|when))"
    r"|(?P<reason>because(?: of)?|due to|owing to|thanks to|on account of|as a result of|given that)"
    r"|(?P<purpose>so that|in order (?:to|that)|so as to|so(?= (?:the|i|it|they|we|he|she|my|that|you))|lest|for fear)"
    r"|(?P<instead>instead of|rather than|in place of|in lieu of)"
    r"|(?P<condition>(?<=\w )(?:if|when|whenever|where|wherever|in case|provided(?: that)?|as long as|so long as"
    r"|on condition that|assuming|supposing)(?! (?:not|possible|needed)\b)))\b"
)
_JOINTS = word_set(
    "if when even although though despite spite regardless irrespective matter unless except because due owing thanks "
    "account result given so that order lest fear instead rather place lieu whenever where wherever case provided long "
    "condition assuming supposing"
)
_JOINING = word_set(
    "even despite spite regardless irrespective matter unless except due owe thanks account result order fear place "
    "instead rather lieu next top together addition along "
    "well alongside besides plus extra case provide provided long condition assume suppose "
    "lest because reason"
)
_WORD = re.compile(r"[^\W_]+")
_CAUSING = re.compile(r"\b(?:to )?(?:cause|lead to|result in|bring about|trigger|produce)\b")


@gate_rule(
    must_refuse=[
        ("is the trip refunded if it rains", "is the trip refunded even if it rains", "if", "even if"),
        ("is school open when it snows", "is school open although it snows", "when", "although"),
        ("am I paid if I am ill", "am I paid unless I am ill", "if", "unless"),
        ("what do I do if the alarm rings", "what do I do so the alarm rings", "if", "so"),
        ("are bees dying because of pesticides", "are bees dying despite pesticides", "because of", "despite"),
        ("did the dam fail because of the flood", "did the dam fail to cause the flood", "because of", "to cause"),
        ("can I wear a scarf instead of a coat", "can I wear a scarf under a coat", "instead of", ""),
        ("did the strike end because wages rose", "did wages rise because the strike ended", "rise wage", "end strike"),
        ("may I fish there only if I pay", "may I fish there if I pay", "only if", "if"),
    ],
    must_pass=[
        ("what do I do if my card is lost", "what do I do when my card is lost"),
        ("why did wages rise because the strike ended", "why did wages rise due to the end of the strike"),
        ("was it late because of snow", "was it late due to snow"),
        ("is it fine as long as I pay", "is it fine provided that I pay"),
        ("does the flood cause the dam to fail", "did the dam fail because of the flood"),
    ],
)
def clauses(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same words joined by a condition against a concession, an exception, a reason or a purpose."""
    left, right = _joins(asked), _joins(stored)
    if left and left.keys() == right.keys() and not asked.is_story:
        return _changed_places(asked, stored)
    if (not left and not right) or left.keys() == right.keys() or asked.is_story or stored.is_story:
        return None
    if content_words(asked) - _JOINING == content_words(stored) - _JOINING:
        if len(left) == len(right) == 1 or {*left, *right} == {"instead"}:
            return Difference(" ".join(left.values()), " ".join(right.values()))
        return None
    return _cause_or_effect(asked, stored)


@fact
def _joins(reading: Reading) -> dict[str, str]:
    """Return the words of each kind of joint in a prompt, by its kind."""
    if _JOINTS.isdisjoint(reading.vocabulary):
        return {}
    return by_group(_JOINS, reading.text)


def _changed_places(asked: Reading, stored: Reading) -> Difference | None:
    """Find two clauses that stand where the other stood, around the same joint."""
    left, right = _parts(asked), _parts(stored)
    if not left or not right or left[0] == left[1] or left != right[::-1]:
        return None
    return Difference(" ".join(sorted(left[1])), " ".join(sorted(right[1])))


@fact
def _parts(reading: Reading) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the words that carry meaning before the only joint of a prompt, and behind it."""
    joints = list(_JOINS.finditer(reading.text))
    if len(joints) != 1:
        return None
    before, after = reading.text[: joints[0].start()], reading.text[joints[0].end() :]
    parts = tuple(frozenset(map(lexicon.base, filter(is_content, _WORD.findall(part)))) for part in (before, after))
    return (parts[0], parts[1]) if all(parts) else None


def _cause_or_effect(asked: Reading, stored: Reading) -> Difference | None:
    """Find `because of the flood` against `to cause the flood`, where all other words are in the same order."""
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        reason, effect = _joins(mine).get("reason"), _CAUSING.search(theirs.text)
        if reason and effect and "reason" not in _joins(theirs):
            words = set(effect[0].split())
            if _without(mine, _JOINING) == _without(theirs, frozenset(words)):
                return Difference(effect[0], reason) if is_swapped else Difference(reason, effect[0])
    return None


def _without(reading: Reading, words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word for word in reading.content if word not in words)
