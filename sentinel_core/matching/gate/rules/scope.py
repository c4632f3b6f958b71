"""Refusals over the words that a negation is about: not all of them, all of them not."""

from sentinel_core.matching.gate.reading import Difference, Reading, content_words, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_QUANTIFIERS = word_set("all both every each everyone everybody everything many much always only necessarily now")
_CLAUSES = word_set(
    "say says said tell told claim claims claimed know knows knew promise promised true sure prove write wrote"
)
"""Words before a clause of its own; who does not think that it is so thinks that it is not."""


@gate_rule(
    must_refuse=[
        ("why are not all seats free", "why are all seats not free", "not all", "all … not"),
        ("is it not true that tin rusts", "is it true that tin does not rust", "not … true", "true … not"),
    ],
    must_pass=[
        ("why is my card not working", "why is not my card working"),
        ("do all not all come", "do all not all of them come"),
        ("I do not think all of it is fair", "I think not all of it is fair"),
    ],
)
def scope(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a negation before a quantifier or a clause against the same negation behind it."""
    if "not" not in asked.vocabulary or "not" not in stored.vocabulary or asked.is_story or stored.is_story:
        return None
    if content_words(asked) != content_words(stored):
        return None
    for word, is_next in _before(asked).items():
        if word in _after(stored) and word not in _after(asked):
            return Difference(_negated(word, is_next=is_next), f"{word} … not")
    for word, is_next in _before(stored).items():
        if word in _after(asked) and word not in _after(stored):
            return Difference(f"{word} … not", _negated(word, is_next=is_next))
    return None


def _negated(word: str, *, is_next: bool) -> str:
    return f"not {word}" if is_next else f"not … {word}"


@fact
def _before(reading: Reading) -> dict[str, bool]:
    """Return quantifiers right behind the only "not", and words of clauses behind it; whether they are next."""
    words = reading.tokens
    if words.count("not") != 1:
        return {}
    at = words.index("not")
    following = words[at + 1 :]
    found = {word: False for word in following if word in _CLAUSES}
    return found | {word: True for word in following[:1] if word in _QUANTIFIERS}


@fact
def _after(reading: Reading) -> frozenset[str]:
    """Return the quantifiers and words of clauses before the only "not"."""
    words = reading.tokens
    if words.count("not") != 1:
        return frozenset()
    return (_QUANTIFIERS | _CLAUSES).intersection(words[: words.index("not")])
