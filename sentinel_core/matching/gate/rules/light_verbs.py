"""Refusals over verbs of little meaning, which other words decide: to make, take, keep or win a thing."""

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_words, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.gate.rules.slots import slot

_GROUPS = lexicon.memberships(
    (
        "need use take want require like", "have own possess get need find do", "have show", "do take use",
        "get take find receive obtain acquire do", "do make perform carry", "have hold keep", "go come travel get",
        "give provide offer", "give find", "say tell give show", "show display list find see get tell view",
        "keep stay remain", "become get turn grow go", "put place set", "let allow", "stop end quit", "win", "lose",
        "make create build", "find know see learn", "use run apply", "try", "see watch view", "make have", "go use",
        "know get have need want",
    )
)  # fmt: skip
"""Verbs that say nearly the same to many people, with some nouns; verbs of no common group do not."""

_BOTH = word_set("other another")
_THIRD = word_set("him her them us")
_SELVES = word_set("themselves ourselves yourselves himself herself itself myself yourself oneself")
_HINTS = _SELVES | _BOTH


@gate_rule(
    must_refuse=[
        ("how do I make a call", "how do I take a call", "make", "take"),
        ("how do I get a loan", "how do I give a loan", "get", "give"),
        ("how do I keep bread soft", "how do I make bread soft", "keep", "make"),
        ("how do I stay warm", "how do I get warm", "stay", "get"),
        ("how do I win a bet", "how do I make a bet", "win", "make"),
    ],
    must_pass=[
        ("how do I get a visa", "how do I obtain a visa"),
        ("what gas does my car use", "what gas does my car need"),
        ("show me the hotels", "find the hotels for me"),
        ("can I have my own room", "can I get my own room"),
    ],
)
def light_verb(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a light verb in the place of another one, where all other words are the same."""
    found = slot(asked, stored)
    if found is None or len(found.asked) != 1 or len(found.stored) != 1 or not found.before or not found.after:
        return None
    left, right = _GROUPS.get(lexicon.base(found.asked[0])), _GROUPS.get(lexicon.base(found.stored[0]))
    if left is None or right is None or not left.isdisjoint(right):
        return None
    return Difference(found.asked[0], found.stored[0])


@gate_rule(
    must_refuse=[
        ("how do bees clean themselves", "how do bees clean each other", "themselves", "other"),
        ("did he hurt himself", "did he hurt him", "himself", ""),
    ],
    must_pass=[
        ("how do they help one another", "how do they help each other"),
        ("how do I fix it myself", "how do I fix it"),
    ],
)
def reflexive(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse what one does to oneself against the same done to each other, or to another one."""
    if _HINTS.isdisjoint(asked.vocabulary) and _HINTS.isdisjoint(stored.vocabulary):
        return None
    left, right = _selves(asked), _selves(stored)
    if left == right or asked.is_story or content_words(asked) - _SELVES != content_words(stored) - _SELVES:
        return None
    if not (left and right) and not (left + right in _SELVES and (stored if left else asked).tokens[-1] in _THIRD):
        return None
    return Difference(left, right)


@fact
def _selves(reading: Reading) -> str:
    words = reading.tokens
    one = next((word for word in words if word in _SELVES), "")
    is_mutual = ("each" in words or "one" in words) and not _BOTH.isdisjoint(words)
    return one or ("other" if is_mutual else "")
