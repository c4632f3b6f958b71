"""Refusals over a word whose plural is another thing: an arm and arms."""

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, fact, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule

_OTHERS = word_set(
    "arms goods customs glasses manners damages spirits grounds scales odds pains brains briefs shorts irons "
    "ashes wits premises authorities humanities ethics statistics economics politics classics spectacles compasses "
    "quarters minutes savings earnings regards airs draughts dominoes forces heavens"
)


@gate_rule(
    must_refuse=[
        ("where are arms sold", "where is an arm sold", "arms", "arm"),
        ("what damages can I claim for it", "what damage can it do", "damages", "damage"),
        ("how do I clear customs", "how do I clear a custom", "customs", "custom"),
    ],
    must_pass=[
        ("how do I clean my glasses", "how can I clean glasses"),
        ("where are cars sold", "where is a car sold"),
    ],
)
def plural(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a plural that is another thing than many of its singular."""
    if _OTHERS.isdisjoint(asked.vocabulary) and _OTHERS.isdisjoint(stored.vocabulary):
        return None
    left, right = _plurals(asked), _plurals(stored)
    if left.keys() == right.keys() or len(content_apart(asked, stored)) > 1:
        return None
    for mine, theirs, other in ((left, right, stored), (right, left, asked)):
        for single, word in mine.items():
            if single not in theirs and single in other.vocabulary:
                return Difference(word, single) if mine is left else Difference(single, word)
    return None


@fact
def _plurals(reading: Reading) -> dict[str, str]:
    return {lexicon.base(word): word for word in reading.tokens if word in _OTHERS}
