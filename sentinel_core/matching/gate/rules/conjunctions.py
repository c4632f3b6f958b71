"""Refusals over small words that join or limit: "and" or "or", and the word behind "only"."""

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_AND_OR = frozenset(
    frozenset(pair.split())
    for pair in (
        "and or", "both either", "und oder", "sowohl entweder", "et ou", "y o", "e o", "y u", "e ou", "en of",
        "och eller",
        "og eller", "i lub", "i albo", "oraz lub", "ve veya", "ve yahut", "ja tai", "a nebo",
        "\u00e9s vagy",
        "\u0219i sau", "dan atau", "v\u00e0 ho\u1eb7c", "\u0438 \u0438\u043b\u0438", "\u0456 \u0430\u0431\u043e",
        "\u03ba\u03b1\u03b9 \u03ae", "\u0914\u0930 \u092f\u093e", "\u0648 \u0623\u0648",
    )
)  # fmt: skip
"""Words that join two things, and those that let one choose, in 20 languages."""

_BOTH = word_set("both either")

_ONLY = word_set(
    "only solely exclusively nur solo s\u00f3lo seulement uniquement soltanto solamente somente apenas alleen slechts "
    "bara endast kun "
    "tylko \u0442\u043e\u043b\u044c\u043a\u043e"
)
_PASSED = word_set("a an the my our your his her its their to be")
_PREPOSITIONS = word_set(
    "by in at on with for from via through when if after before during until within about of as and but"
)


@gate_rule(
    must_refuse=[
        ("courses in maths and physics", "courses in maths or physics", "and", "or"),
        ("do I need both gloves and a mask", "do I need gloves or a mask", "and", "or"),
        ("Kimlik ve pasaport gerekir mi?", "Kimlik veya pasaport gerekir mi?", "ve", "veya"),
        ("Brauche ich Pass und Visum?", "Brauche ich Pass oder Visum?", "und", "oder"),
    ],
    must_pass=[
        ("courses in maths and physics", "courses in physics and maths"),
    ],
)
def conjunction(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same words, but for an "and" that is an "or"."""
    if abs(len(asked.tokens) - len(stored.tokens)) > 1:
        return None
    left, right = _joined(asked), _joined(stored)
    if len(left) != len(right):
        return None
    changed = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    if not changed or not all(frozenset(pair) in _AND_OR for pair in changed):
        return None
    return Difference(*changed[0])


@fact
def _joined(reading: Reading) -> tuple[str, ...]:
    return tuple(word for word in reading.tokens if word not in _BOTH) if "of" not in reading.tokens else reading.tokens


@gate_rule(
    must_refuse=[
        ("can only nurses order gloves", "can nurses only order gloves", "only nurses", "only order"),
        ("do I only pay the tax", "do only I pay the tax", "only pay", "only i"),
        ("can I only return items in store", "can I return only items bought in store", "only return", "only items"),
    ],
    must_pass=[
        ("can I only pay by card", "can I pay only by card"),
        ("is it only open on Sunday", "is it open only on Sunday"),
    ],
)
def only(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the same words, of which another one is the only one meant."""
    left, right = _focus(asked), _focus(stored)
    if not left or not right or lexicon.base(left) == lexicon.base(right):
        return None
    if left not in stored.vocabulary or right not in asked.vocabulary:
        return None
    apart = content_apart(asked, stored)
    return Difference(f"{_word(asked)} {left}", f"{_word(stored)} {right}") if len(apart) <= 1 else None


def _word(reading: Reading) -> str:
    return next(word for word in reading.tokens if word in _ONLY)


@fact
def _focus(reading: Reading) -> str:
    """Return the word behind "only", without articles; nothing where a preposition stands there."""
    if _ONLY.isdisjoint(reading.vocabulary) or reading.is_story:
        return ""
    words = reading.tokens
    at = next(at for at, word in enumerate(words) if word in _ONLY)
    after = next((word for word in words[at + 1 :] if word not in _PASSED), "")
    return after if after not in _PREPOSITIONS else ""
