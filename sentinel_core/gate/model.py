"""The learned correction of cosine and what its score is worth, from two readable files."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sentinel_core.gate import words
from sentinel_core.gate.alignment import FEATURES


@dataclass(frozen=True, slots=True)
class Correction:
    """Late fusion: cosine weighs most, for its order is the prior; what is learned only corrects it."""

    bias: float
    weights: tuple[float, ...]

    def score(self, values: Sequence[float]) -> float:
        return self.bias + sum(weight * value for weight, value in zip(self.weights, values, strict=True))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a score is worth on sources left out of the fit: `confidence[i]` at `scores[i]`, both rising.

    `operating_points` maps a share of wrong hits to the score that kept to it. `refused` is the most a
    prompt pair is worth that a rule has refused.
    """

    default_threshold: float
    retrieval_threshold: float
    refused: float
    scores: tuple[float, ...]
    confidence: tuple[float, ...]
    operating_points: tuple[tuple[float, float], ...]


@cache
def correction() -> Correction:
    shipped = words.table("model.json")
    if tuple(shipped["weights"]) != FEATURES:
        raise ValueError("model.json was fitted to other features than alignment computes")
    weights = tuple(shipped["weights"].values())
    return Correction(shipped["bias"], weights)


@cache
def calibration() -> Calibration:
    shipped = words.table("calibration.json")
    return Calibration(
        shipped["default_threshold"],
        shipped["retrieval_threshold"],
        shipped["refused"],
        tuple(shipped["scores"]),
        tuple(shipped["confidence"]),
        tuple((point["max_wrong"], point["score"]) for point in shipped["operating_points"]),
    )


def score(values: Sequence[float]) -> float:
    """Larger is likelier to share an answer; only the order and `confidence` give it a meaning."""
    return correction().score(values)


def confidence(score: float) -> float:
    """The probability that the answer is right, between the calibrated points on a straight line."""
    table = calibration()
    place = bisect_right(table.scores, score)
    if place in (0, len(table.scores)):
        return table.confidence[max(0, place - 1)]
    low, high = table.scores[place - 1], table.scores[place]
    share = (score - low) / (high - low)
    return table.confidence[place - 1] + share * (table.confidence[place] - table.confidence[place - 1])


def needed_score(max_wrong: float) -> float:
    """The score of the strictest point that allows no more than `max_wrong`; the strictest of all below that.

    Who allows every hit to be wrong gets every one that the rules let pass.
    """
    if max_wrong >= 1:
        return -math.inf
    points = sorted(calibration().operating_points)
    allowed = [needed for share, needed in points if share <= max_wrong]
    return allowed[-1] if allowed else points[0][1]
