"""The manner of a prompt: about oneself, asking for a way, for a fact, or for yes or no.

Alike prompts about oneself mostly want one answer; alike questions for a fact mostly want two.
"""

import re

from sentinel_core.matching.gate.reading import Reading, fact

MANNERS = ("both_personal", "one_personal", "both_how_to", "both_factual", "both_yes_or_no")
"""In the order of `manners`."""

_SELF = re.compile(r"\b(?:i|my|mine|myself|we|our|us)\b")
_ASKING = re.compile(
    r"\bi (?:want|need|would like|am looking|would)\b|\bcan i (?:see|get)\b|\b(?:show|give|tell|find) (?:me|us)\b"
)
_HOW_TO = re.compile(
    r"^(?:how (?:do|can|to|would|should|could)\b|can i|may i|could i|is it possible|what (?:do|should|can) i)"
)
_FACT = re.compile(
    r"^(?:who|whose|when|where|which|in which|what (?:year|date|time|country|city|state)|at what|on what)\b"
)
_YES_OR_NO = re.compile(r"^(?:is|are|was|were|do|does|did|has|have|can|could|will|would|should)\b")


def manners(asked: Reading, stored: Reading) -> tuple[float, ...]:
    """Return 1 or 0 for each of `MANNERS`; symmetric in the two prompts."""
    personal = _is_personal(asked) + _is_personal(stored)
    both = (_matches(pattern, asked, stored) for pattern in (_HOW_TO, _FACT, _YES_OR_NO))
    return (float(personal == 2), float(personal == 1), *both)


@fact
def _is_personal(reading: Reading) -> bool:
    """Whether the author speaks of themselves, and not only to ask."""
    return bool(_SELF.search(_ASKING.sub(" ", reading.text)))


def _matches(pattern: re.Pattern[str], asked: Reading, stored: Reading) -> float:
    return float(bool(pattern.search(asked.text)) and bool(pattern.search(stored.text)))
