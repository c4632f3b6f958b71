"""Refusals over exchanges: one thing for another, things given away and things got."""

import re

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, content_words, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_SUBSTITUTED = re.compile(
    r"\b(swap|exchang|substitut|replac|trad|us|switch|convert|turn|chang)(?:e|es|ed|ing|s|ped|ping)? "
    r"((?:(?!for\b|with\b|by\b|instead\b|in place\b|rather\b|into\b)\w+ ){1,4})"
    r"(for|with|by|instead of|in place of|rather than|into) ((?:\w+ ?){1,4})"
)
_GIVING = word_set("give lend pass hand sell transfer donate loan rent lease gift bequeath")
_GETTING = word_set("get buy book order request purchase reserve obtain acquire borrow apply")
_SUBJECTS = word_set("i we")
_RECEIVERS = word_set("me us you in up")
_HELPING = word_set("please just also still even then now to")


@gate_rule(
    must_refuse=[
        (
            "can I swap lime for lemon in a pie? I only have lemon",
            "can I swap lemon for lime in a pie? I only have lime",
            "lime for lemon",
            "lemon for lime",
        ),
        ("use oat milk instead of milk, there is milk", "use milk instead of oat milk, there is oat milk",
         "oat milk instead of milk", "milk instead of oat milk"),
    ],
    must_pass=[
        ("can I swap lime for lemon? I only have lemon", "may I swap lime for lemon? I have only lemon"),
        ("can I replace lime with lemon", "can I use lemon instead of lime"),
    ],
)  # fmt: skip
def substitution(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse one thing in place of another against the other in place of the one, said with the same words."""
    for left in _substituted(asked):
        for right in _substituted(stored):
            is_turned = left[0] == right[0] and left[2] == right[2] and left[1] != right[1]
            if is_turned and _starts(left[3], right[1]) and _starts(right[3], left[1]):
                return Difference(*(f"{one} {how} {other}" for _, one, how, other in (
                    (*left[:3], right[1]), (*right[:3], left[1]))))  # fmt: skip
    return None


def _starts(text: str, words: str) -> bool:
    return f"{text} ".startswith(f"{words} ")


@fact
def _substituted(reading: Reading) -> list[tuple[str, str, str, str]]:
    """Return the stem of each verb, the thing behind it, the word between, and the words that follow."""
    plain = " ".join(word for word in reading.tokens if word not in ("a", "an", "the", "my", "some"))
    found = _SUBSTITUTED.findall(plain)
    return [(verb, one.strip(), how, other.strip()) for verb, one, how, other in found]


@gate_rule(
    must_refuse=[
        ("can I give my permit to a guest", "can I order a permit for a guest", "give", "order"),
        ("how do I sell a season pass", "how do I buy a season pass", "sell", "buy"),
    ],
    must_pass=[
        ("can you give me a discount", "can I get a discount"),
        ("how do I transfer a balance", "how do I get a balance transfer"),
        ("can I give blood", "where can I donate blood"),
    ],
)
def handing(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a thing that the speaker gives away against the same thing that the speaker gets."""
    if len(content_apart(asked, stored)) > len(("given", "got")):
        return None
    for mine, theirs, is_swapped in ((asked, stored, False), (stored, asked, True)):
        given, got = _deed(mine, _GIVING), _deed(theirs, _GETTING)
        if not given or not got or given in content_words(theirs) or got in content_words(mine):
            continue
        if content_words(mine) - {given} == content_words(theirs) - {got}:
            return Difference(got, given) if is_swapped else Difference(given, got)
    return None


def _deed(reading: Reading, verbs: frozenset[str]) -> str:
    return next((verb for verb in _deeds(reading) if verb in verbs), "")


@fact
def _deeds(reading: Reading) -> tuple[str, ...]:
    """Return the verbs right behind "I", "we" or "to", without those done to the speaker."""
    words = [word for word in reading.tokens if word not in _HELPING or word == "to"]
    found = zip(words, words[1:], [*words[2:], ""], strict=False)
    return tuple(
        lexicon.base(verb)
        for before, verb, after in found
        if (before in _SUBJECTS or before == "to") and after not in _RECEIVERS
    )
