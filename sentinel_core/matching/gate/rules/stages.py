"""Refusals over two steps in the life of the same thing."""

from functools import cache

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.reading import Difference, Reading
from sentinel_core.matching.gate.rules.polarity import only_here
from sentinel_core.matching.gate.rules.rule import gate_rule


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
