"""Refusals over lines that show the task: solved examples, lines taken out of a text or put into it."""

import re

from sentinel_core.matching.gate.reading import Difference, Reading, fact
from sentinel_core.matching.gate.rules.rule import gate_rule

_ARROW = re.compile(r"^[ \t]*([^\n]{1,200}?)[ \t]*(?:-+>|=+>|\u2192|=)[ \t]*([^\n]{1,200}?)[ \t]*$", re.MULTILINE)
_LABELLED = re.compile(
    r"^[ \t]*[^\W\d]\w{0,19}[ \t]?:[ \t]*([^\n]{1,200})\n[ \t]*[^\W\d]\w{0,19}[ \t]?:[ \t]*([^\n]{1,200})$",
    re.MULTILINE,
)
_TO_BE_FILLED = re.compile(r"(?:[^\W\d]\w{0,19}[ \t]?:|->|=>|\u2192|=)\s*\Z")
_CHANGED = re.compile(r"^([+-])[ \t]*(?=[^\s+-])", re.MULTILINE)
_SHOWN = 40


@gate_rule(
    must_refuse=[
        ("fast -> faster\nold ->", "fast -> fastest\nold ->", "faster", "fastest"),
        ("Input: ox\nOutput: oxen\nInput: cow\nOutput:", "Input: ox\nOutput: OX\nInput: cow\nOutput:", "oxen", "OX"),
        ("chanter => chante\nrire =>", "chanter => chantait\nrire =>", "chante", "chantait"),
    ],
    must_pass=[
        ("fast -> faster\nold ->", "fast -> faster\nold => "),
        ("fast -> faster\nbig -> bigger\nold ->", "fast -> faster\nlow -> lower\nold ->"),
        ("x = 1\nwhat is x", "x = 2\nwhat is x"),
    ],
)
def sample(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse a task that solved examples show against the same examples solved in another way."""
    left, right = _samples(asked), _samples(stored)
    for given in left.keys() & right.keys():
        if left[given] != right[given]:
            return Difference(left[given][:_SHOWN], right[given][:_SHOWN])
    return None


@fact
def _samples(reading: Reading) -> dict[str, str]:
    """Return the answer to each thing shown; nothing where no last one is left to be filled in."""
    if "\n" not in reading.raw or not _TO_BE_FILLED.search(reading.raw[-_SHOWN:]):
        return {}
    return dict([*_ARROW.findall(reading.raw), *_LABELLED.findall(reading.raw)])


@gate_rule(
    must_refuse=[
        ("review:\n+ lock.release()", "review:\n- lock.release()", "+", "-"),
        ("what changed?\n-a = 1\n+a = 2", "what changed?\n+a = 1\n-a = 2", "- +", "+ -"),
    ],
    must_pass=[
        ("review:\n+ lock.release()", "please review:\n+  lock.release()"),
        ("pack:\n- shoes\n- socks", "pack:\n* shoes\n* socks"),
    ],
)
def patch(asked: Reading, stored: Reading) -> Difference | None:
    """Refuse lines that are put in against the same lines taken out."""
    left, right = _changes(asked), _changes(stored)
    return Difference(left[:_SHOWN], right[:_SHOWN]) if left and right and left != right else None


@fact
def _changes(reading: Reading) -> str:
    return " ".join(_CHANGED.findall(reading.raw)) if "\n" in reading.raw else ""
