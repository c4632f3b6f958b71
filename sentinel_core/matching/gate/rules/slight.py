"""Refusals over slight changes of role, sum or time, where nearly all other words are the same."""

from itertools import pairwise, takewhile

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading, by_group, content_apart, fact, is_content, word_set
from sentinel_core.matching.gate.rules.edits import may_be_one
from sentinel_core.matching.gate.rules.rule import gate_rule
from sentinel_core.support.patterns import has_any, lazy

_DETERMINERS = word_set("a an your my the")
_TOTAL = lazy(
    r"\b(?:(?P<total>in total|altogether|overall|in all|on the whole)"
    r"|(?P<each>(?:per|each|every) (?:second|minute|hour|day|night|week|month|quarter|year|person|head|unit|item)"
    r"|hourly|daily|weekly|monthly|yearly|annually))\b"
)
_IN_TOTALS = ("total", "alto", "overall", "in all", "on the whole", "per ", "each ", "every ", "hourly", "daily",
              "weekly", "monthly", "yearly", "annually")  # fmt: skip
"""Texts one of which stands in all that `_TOTAL` finds."""

_MOMENTS = word_set("before after until since within ago")
_FEW, _MANY = 1, 3
"""Words of content by which two prompts may differ besides."""

_CLOSE = 4
"""Words of any kind by which they may differ."""


@gate_rule(
    must_refuse=[
        ("my duties as a host when a guest is ill", "my duties as a guest when I am ill", "host", "guest"),
    ],
    must_pass=[
        ("what do I need as a kid", "what do I need as a child"),
        ("is it as good as a new one", "is it just as good as a new one"),
    ],
)
def as_role(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse the matter of one role against that of another: my rights as a tenant, as a landlord."""
    left, right = _role(asked), _role(stored)
    if not left or not right or len(content_apart(asked, stored)) > _MANY:
        return None
    return None if may_be_one(left, right) else Difference(left, right)


@gate_rule(
    must_refuse=[
        ("how much do I save in total for the trip", "how much do I save each week for the trip", "in total",
         "each week"),
    ],
    must_pass=[
        ("how much is it in total per month", "how much is it per month"),
        ("how much is it in total", "how much is it altogether"),
    ],
)  # fmt: skip
def total(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse an amount in total against the same for each time or person."""
    if len(content_apart(asked, stored)) > _MANY:
        return None
    left, right = _sums(asked), _sums(stored)
    if len(left) != 1 or len(right) != 1 or left.keys() == right.keys():
        return None
    return Difference(*left.values(), *right.values())


@gate_rule(
    must_refuse=[
        ("must I reply within ten days", "must I wait ten days before I reply", "within", "before"),
        ("wake me an hour before", "wake me in an hour", "before", ""),
    ],
    must_pass=[
        ("what do I do before I move", "what must I do before moving"),
        ("how do I get home after dark", "after it is dark, how do I get home"),
    ],
)
def moment(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse another word for a time, or none, where nearly nothing else differs: before, within, in."""
    left, right = asked.vocabulary & _MOMENTS, stored.vocabulary & _MOMENTS
    if left == right or left & right or asked.is_story or stored.is_story:
        return None
    if len(content_apart(asked, stored)) > _FEW or len(asked.vocabulary ^ stored.vocabulary) > _CLOSE:
        return None
    return Difference(" ".join(sorted(left)), " ".join(sorted(right)))


@fact
def _role(reading: Reading) -> str:
    """Return the base form of the role behind "as a", or nothing."""
    words = reading.tokens
    if "as" not in reading.vocabulary or reading.is_story:
        return ""
    places = (at for at, pair in enumerate(pairwise(words)) if pair[0] == "as" and pair[1] in _DETERMINERS)
    phrases = (list(takewhile(is_content, words[at + 2 : at + 5])) for at in places)
    return next((lexicon.base(phrase[-1]) for phrase in phrases if phrase), "")


@fact
def _sums(reading: Reading) -> dict[str, str]:
    """Return the words for a total and for each time or person."""
    is_told = not reading.is_story and has_any(reading.text, _IN_TOTALS)
    return by_group(_TOTAL, reading.text) if is_told else {}
