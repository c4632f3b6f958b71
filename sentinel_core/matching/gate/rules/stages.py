"""Refusals over two steps in the life of the same thing."""

import re
from functools import cache

from sentinel_core.matching.gate import lexicon, likeness
from sentinel_core.matching.gate.reading import Difference, Reading
from sentinel_core.matching.gate.rules.polarity import only_here
from sentinel_core.matching.gate.rules.rule import gate_rule

_STATUS = re.compile(
    r"\b(?:says?|said|shows?|shown|reads|marked|listed|flagged|displays?|(?:status|state) is)"
    r" (?:(?:as|it is|it was|it has been|that it is|that it was|as being) )?(\w+(?:ed|en|ent|ld|id|aid|ight|ost))\b"
)
_LOST = 0.75
"""Nearness from which two states are one."""


@gate_rule(
    must_refuse=[
        ("how do I join the union", "how do I found a union", "join", "found"),
        ("how do I draft a will", "how do I revoke a will", "draft", "revoke"),
        ("how do I provision a server", "how do I decommission a server", "provision", "decommission"),
    ],
    must_pass=[
        ("how do I leave the club", "how do I quit the club"),
        ("how do I found a club", "how do I set up a club"),
        ("how do I join and leave a club", "how do I leave and join a club"),
    ],
)
def stages(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse two steps in the life of the same thing: found, join, leave and dissolve a club."""
    known = _steps()
    theirs = [word for word in only_here(stored, asked) if word in known]
    for left in only_here(asked, stored) if theirs else ():
        right = next((word for word in theirs if known.get(left, {}).keys() & known[word].keys()), None)
        if right and all(known[left][life] != known[right][life] for life in known[left].keys() & known[right].keys()):
            return Difference(left, right)
    return None


@cache
def _steps() -> dict[str, dict[int, int]]:
    """Return of each word its step in each life it belongs to; words of one step mean alike things."""
    found: dict[str, dict[int, int]] = {}
    for life, steps in enumerate(lexicon.table("contrasts.json")["stages"]):
        for step, words in enumerate(steps.split(" | ")):
            for word in words.split():
                found.setdefault(word, {})[life] = step
    return found


@gate_rule(
    must_refuse=[
        ("my bag is shown as loaded", "my bag is shown as lost", "loaded", "lost"),
        ("the site says shipped, what now", "the site says it was returned, what now", "shipped", "returned"),
    ],
    must_pass=[
        ("my flight is marked as cancelled", "my flight is shown as cancelled"),
        ("what if the bank said hundred", "what if the bank says thousand"),
    ],
)
def status(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse one state that a page shows against another one."""
    left, right = _STATUS.findall(asked.text), _STATUS.findall(stored.text)
    if len(left) != 1 or len(right) != 1 or lexicon.base(left[0]) == lexicon.base(right[0]):
        return None
    return Difference(left[0], right[0]) if likeness.nearest(left, right)[0] < _LOST else None
