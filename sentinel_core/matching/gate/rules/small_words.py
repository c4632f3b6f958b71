"""Refusals over one small word in the place of another, or of none, where all other words are the same."""

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, content_apart, fact, is_content, word_set
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.matching.gate.rules.slots import slot

_GROUPS = lexicon.memberships(
    (
        "now currently today", "ever", "never", "even", "just only", "here", "there", "too also", "so very really",
        "some any", "all every each any", "both", "most", "many much more", "no", "one another other", "same", "enough",
        "and but", "or", "if when once whenever while whether", "because since as", "until till", "though although",
        "who which that whom", "whose", "what which", "where", "when", "why", "how", "me us", "you", "him", "her",
        "them", "mine ours", "yours", "twice", "seldom rarely hardly", "often", "usually mostly",
    )
)  # fmt: skip
"""Small words that say nearly the same, words of two groups say two things."""

_WH = word_set("who whom whose what which where when why how")
_BEGINNINGS = tuple((word,) for word in ("is", "was", "does", "do", "did", "can", "will", "should"))
_TELLING = word_set("only even both most same whose")
"""Small words that tell something where the other prompt has none; who asks again, or for now, asks the same."""

_LONG = word_set("long longer anymore")
_PHASES = {
    word: phase
    for phase, words in (
        ("still", "still anymore longer"),
        ("begun", "already yet"),
        ("again", "again"),
    )
    for word in words.split()
}


@gate_rule(
    must_refuse=[
        ("does the fee cover both rooms", "does the fee cover most rooms", "both", "most"),
        ("are refunds only for members", "are refunds for members", "only", ""),
        ("can beginners even enter", "can beginners enter", "even", ""),
    ],
    must_pass=[
        ("is it open if it rains", "is it open when it rains"),
        ("what happens if I lose all keys", "what happens if I lose any key"),
        ("how do I pay again", "how do I pay"),
        ("is it safe to use it now", "is it safe to use it"),
    ],
)
def small_word(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a quantifier, an adverb or a conjunction in the place of another one behind the first words."""
    found = slot(asked, stored)
    if found is None or len(found.asked) > 1 or len(found.stored) > 1:
        return None
    left, right = "".join(found.asked), "".join(found.stored)
    is_clause = found.before[:1] in _BEGINNINGS and {left, right} <= _WH
    if not is_clause and not any(map(is_content, found.before)):
        return None
    if not left or not right:
        return Difference(left, right) if left + right in _TELLING else None
    known, known_2 = _GROUPS.get(left), _GROUPS.get(right)
    return Difference(left, right) if known and known_2 and known.isdisjoint(known_2) else None


@gate_rule(
    must_refuse=[
        ("is the bakery still open", "is the bakery open yet", "still", "yet"),
        ("does she work there any longer", "does she work there already", "longer", "already"),
        ("is it raining again", "is it raining still", "again", "still"),
    ],
    must_pass=[
        ("why is it still not here", "why is it not here yet"),
        ("has it arrived yet", "has it already arrived"),
    ],
)
def phase(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse what still is against what already is and what is so again; what is not yet is still not."""
    left, right = _phases(asked), _phases(stored)
    if len(left) != 1 or len(right) != 1 or left.keys() == right.keys():
        return None
    if "not" in asked.vocabulary or "not" in stored.vocabulary or content_apart(asked, stored) - _LONG:
        return None
    return Difference(*left.values(), *right.values())


@fact
def _phases(reading: Reading) -> dict[str, str]:
    if reading.is_story or reading.vocabulary.isdisjoint(_PHASES):
        return {}
    return {_PHASES[word]: word for word in reading.tokens if word in _PHASES}
