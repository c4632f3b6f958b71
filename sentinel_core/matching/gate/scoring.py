"""The learned correction of cosine and what its score is worth, from two readable files."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.gate.features import FEATURES


@dataclass(frozen=True, slots=True)
class Correction:
    """Late fusion: cosine weighs most, for its order is the prior; what is learned only corrects it."""

    bias: float
    weights: tuple[float, ...]

    def score(self, values: Sequence[float]) -> float:
        return self.bias + sum(weight * value for weight, value in zip(self.weights, values, strict=True))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a score is worth on sources left out of the fit: the log-odds are `slope * score + offset`.

    In the confidence told of a refused pair a refusal counts `refusal`, another one `second_refusal` on top.
    `operating_points` maps a share of wrong hits to the score that kept to it.
    """

    default_threshold: float
    retrieval_threshold: float
    slope: float
    offset: float
    refusal: float
    second_refusal: float
    operating_points: tuple[tuple[float, float], ...]


_EVEN_COSINE = 0.86
"""The cosine that most pairs need whose other features are in the middle."""


@cache
def correction() -> Correction:
    shipped = lexicon.table("model.json")
    if tuple(shipped["weights"]) != FEATURES:
        raise ValueError("model.json was fitted to other features than alignment computes")
    weights = tuple(shipped["weights"].values())
    return Correction(shipped["bias"], weights)


@cache
def calibration() -> Calibration:
    shipped = lexicon.table("calibration.json")
    return Calibration(
        shipped["default_threshold"],
        shipped["retrieval_threshold"],
        shipped["slope"],
        shipped["offset"],
        shipped["refusal"],
        shipped["second_refusal"],
        tuple((point["max_wrong"], point["score"]) for point in shipped["operating_points"]),
    )


def score(values: Sequence[float], odds: float = 1.0) -> float:
    """
    Larger is likelier to share an answer; only the order and `confidence` give it a meaning.

    `odds` are above 0; they multiply the odds that the score stands for.
    """
    return correction().score(values) + math.log(odds) / calibration().slope


def score_of_cosine(similarity: float) -> float:
    """Return the score of a pair of which nothing but the cosine is known, as if the rest spoke neither way."""
    return correction().weights[FEATURES.index("similarity")] * (similarity - _EVEN_COSINE)


def confidence(score: float, *, refusals: int = 0) -> float:
    """Return the probability that the answer is right, of prompts that so many rules refuse; a third adds nothing."""
    table = calibration()
    lost = table.refusal * (refusals > 0) + table.second_refusal * (refusals > 1)
    odds = table.slope * (score - lost) + table.offset
    return (1 + math.tanh(odds / 2)) / 2


def needed_score(max_wrong: float) -> float:
    """Return the score of the strictest point that allows no more than `max_wrong`; the strictest of all below that.

    Who allows every hit to be wrong gets every one that the rules let pass.
    """
    if max_wrong >= 1:
        return -math.inf
    points = sorted(calibration().operating_points)
    allowed = [needed for share, needed in points if share <= max_wrong]
    return allowed[-1] if allowed else points[0][1]
