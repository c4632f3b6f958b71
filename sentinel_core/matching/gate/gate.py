"""The check after cosine: does the answer stored for one prompt answer another?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from sentinel_core.matching.gate import scoring
from sentinel_core.matching.gate.features import features, left_over
from sentinel_core.matching.gate.reading import Difference, Reading, read
from sentinel_core.matching.gate.rules.registry import RULES
from sentinel_core.matching.gate.verdict import CONFIDENCE, Verdict

IDENTICAL = Verdict(passed=True, confidence=1.0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored prompt near the one asked, and their cosine."""

    prompt: str
    similarity: float


@dataclass(frozen=True)
class Gate:
    """`rules` are those switched on; `max_wrong` is the share of hits that may be wrong, from 0 to 1.

    Raises ValueError for a rule that does not exist and for a share outside its range.
    """

    rules: frozenset[str] = frozenset(RULES)
    max_wrong: float = 0.02
    needed: float = field(init=False)
    """The score a pair needs, from the shipped calibration."""

    def __post_init__(self) -> None:
        unknown = sorted(self.rules - set(RULES))
        if unknown:
            raise ValueError(f"no such rule: {', '.join(unknown)}")
        if not 0 < self.max_wrong <= 1:
            raise ValueError(f"max_wrong must be above 0 and at most 1, not {self.max_wrong}")
        object.__setattr__(self, "needed", scoring.needed_score(self.max_wrong))

    @property
    def retrieval_threshold(self) -> float:
        """The cosine from which candidates are worth judging."""
        return scoring.calibration().retrieval_threshold

    @property
    def default_threshold(self) -> float:
        """The cosine a hit needs where nobody says otherwise."""
        return scoring.calibration().default_threshold

    def judge(self, asked: str, stored: str, similarity: float) -> Verdict:
        """
        Judge raw prompts and the cosine of their comparable texts; the first rule that refuses ends it.

        The confidence of a refusal then rests on the cosine alone: comparing all words costs more than all rules.
        """
        return self._verdict(asked, stored, similarity, most=1)

    def examine(self, asked: str, stored: str, similarity: float) -> Verdict:
        """Judge as `judge` does, but ask every rule: for those who want to know why, or how sure of a refusal."""
        return self._verdict(asked, stored, similarity, most=len(RULES))

    def _verdict(self, asked: str, stored: str, similarity: float, most: int) -> Verdict:
        if asked == stored:
            return IDENTICAL
        left, right = read(asked), read(stored)
        refusals = list(islice(self._refusals(left, right), most))
        if refusals and most == 1:
            score = scoring.score_of_cosine(similarity)
        else:
            score = scoring.score(features(left, right, similarity))
        confidence = scoring.confidence(score, refusals=len(refusals))
        if refusals:
            (name, difference), *others = refusals
            also = tuple(other for other, _ in others)
            return Verdict(False, confidence, name, difference.asked, difference.stored, also)
        if score >= self.needed:
            return Verdict(True, confidence)
        return Verdict(False, confidence, CONFIDENCE, *left_over(left, right))

    def _refusals(self, asked: Reading, stored: Reading) -> Iterator[tuple[str, Difference]]:
        for name, rule in RULES.items():
            difference = rule(asked, stored) if name in self.rules else None
            if difference:
                yield name, difference
