"""The gate's verdict on two prompts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CONFIDENCE = "confidence"
"""The `rule` of a verdict where no rule refused but the answer is too likely to be wrong."""


class Zone(StrEnum):
    """
    What follows a verdict: nothing, or a judge's verdict.

    `GREY` is before the answer, `LEFT` after it, for the next caller; `PROBED` after it too, only to learn from it.
    """

    DECIDED = "decided"
    GREY = "grey"
    LEFT = "left"
    PROBED = "probed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    `confidence` is the probability that the stored answer is right; `rule` and the spans say why it was refused.

    `also` names the other rules that refuse, where all were asked. `known_by` is who labelled a pair that is known
    and was not judged now (`pairs.Labeller`). `zone`, `stratum`, the expected `share` of equal pairs in it, and
    `learned_from`, the number of a judge's words behind that, are set where a judge is asked (`cache/odds.py`).
    A refusal `is_close` where little more would have made it a pass (`cache/shared_answer.py`).
    """

    passed: bool
    confidence: float
    rule: str | None = None
    asked_span: str = ""
    stored_span: str = ""
    also: tuple[str, ...] = ()
    known_by: str | None = None
    zone: Zone = Zone.DECIDED
    stratum: str = ""
    learned_from: int = 0
    share: float = 0.0
    is_close: bool = False
