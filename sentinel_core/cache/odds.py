"""The odds that a candidate's answer is right, learned from a judge's verdicts on the traffic at hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from sys import intern
from typing import NamedTuple

from sentinel_core.cache.agreements import Agreements, Label
from sentinel_core.cache.pairs import Labeller, Relation
from sentinel_core.cache.said_words import Words
from sentinel_core.cache.verdict import CONFIDENCE, Verdict, Zone

LEARNED, JUDGED, OUTRUN = "learned", "judge", "outrun"
"""The `rule` of a verdict that this traffic's odds refuse, the judge refuses, or the provider was faster than."""

RECENT, MOST_DIFFERENT = 20, 3
"""Of the latest so many words on passed pairs, so few may be "different"; more are a change of domain, or nearly."""

FEW = 8
"""Verdicts on refused pairs of a stratum before its odds decide whether the judge is asked."""

ENOUGH = 20
"""Verdicts on passed pairs of a stratum before the gate is believed on this traffic without the judge."""

MOST_STRATA = 200
"""Strata of one namespace: rules, and twenty steps of confidence each for passed and refused pairs."""

SURE = 0.97
"""Belief in a pair called the same above which the judge is not asked about it again, in the other order."""

REPEATED = 0.2
"""Assumed share of a judge's mistaken "same" that it repeats in the other order; 0.02 if errors were independent."""

LIKELY = 0.4
"""Expected share of equal pairs from which a request's second doubtful pair is asked about, after a "different"."""

AGREED_WEIGHT, AGREED_MOST = 0.1, 0.5
"""Words of the judge that one weak label stands for, and the most of them in all, for each word that was spoken."""

_PRIOR_SHARE, _PRIOR_WEIGHT = 0.3, 10.0
_PASSED_WEIGHT = 20.0
_STEPS = 20


@dataclass(frozen=True, slots=True)
class JudgeErrors:
    """The share of different pairs that a judge accepts, and of equal pairs that it rejects."""

    accepts: float = 0.02
    rejects: float = 0.08

    def true_share(self, called_same: float) -> float:
        """
        Return the share of equal pairs among those of which a judge calls this share the same.

        Rogan and Gladen (1978): the apparent share, corrected for both errors.
        """
        share = (called_same - self.accepts) / (1 - self.accepts - self.rejects)
        return min(0.999, max(0.001, share))

    def belief(self, share: float, *, is_repeated: bool = False) -> float:
        """Return the probability that a pair called the same, once or in both orders, is equal (Bayes' rule)."""
        right, wrong = share * (1 - self.rejects), (1 - share) * self.accepts
        if is_repeated:
            right, wrong = right * (1 - self.rejects), wrong * max(REPEATED, self.accepts)
        return right / (right + wrong)


@dataclass(frozen=True, slots=True)
class Steering:
    """
    How far learning may go.

    A pair called the same is served where at most `doubt` of such pairs are expected to be different. Passed pairs
    of a stratum are served without the judge while at most `max_wrong` are expected to be. `probes` is the share of
    decided pairs that are judged all the same. A `frozen` steering learns nothing more.
    """

    doubt: float = 0.07
    max_wrong: float = 0.03
    least_share: float = 0.05
    probes: float = 0.1
    is_frozen: bool = False


class _Place(NamedTuple):
    """
    The odds of one stratum until the next word: to compute them takes 10 µs, and a semantic hit asks four times.

    `probed` and `others` are the zones of pairs that are drawn for probes and of the others; `belief` is of a pair
    that the judge calls the same, and `known` the verdict on it.
    """

    is_trusted: bool
    probed: Zone
    others: Zone
    words: int
    asks_again: bool
    belief: float
    known: Verdict
    share: float

    def zone(self, *, is_probe: bool) -> Zone:
        return self.probed if is_probe else self.others


@dataclass(slots=True)
class Odds:
    """Words of the judge on one namespace's pairs, by stratum, and weak labels by agreement of answers."""

    errors: JudgeErrors = field(default_factory=JudgeErrors)
    steering: Steering = field(default_factory=Steering)
    agreements: Agreements = field(default_factory=Agreements)
    _places: dict[str, _Place] = field(default_factory=dict, repr=False, compare=False)
    _placed_by: Steering | None = field(default=None, repr=False, compare=False)
    _said: dict[str, Words] = field(default_factory=dict)

    def note(self, stratum: str, *, is_same: bool) -> None:
        """Count one verdict of the judge; past `MOST_STRATA` new strata are not learned."""
        if self.steering.is_frozen or (stratum not in self._said and len(self._said) >= MOST_STRATA):
            return
        self._places.clear()
        self._said[intern(stratum)] = self._said.get(stratum, Words()).after(is_same=is_same)

    def agree(self, label: Label) -> None:
        """Count a weak label."""
        if not self.steering.is_frozen:
            self._places.clear()
            self.agreements.note(label)

    def learned_from(self, stratum: str) -> int:
        """Return the number of verdicts behind a stratum's odds."""
        return self._words(stratum).count

    def share(self, stratum: str) -> float:
        """Return the expected share of equal pairs in a stratum: the prior's without verdicts."""
        said = self._words(stratum)
        if _is_passed(stratum):
            prior = (1 - self.errors.rejects - self.steering.max_wrong / 2) * _PASSED_WEIGHT
            return self.errors.true_share((said.same + prior) / (said.count + _PASSED_WEIGHT))
        share = self.errors.true_share((said.same + _PRIOR_SHARE * _PRIOR_WEIGHT) / (said.count + _PRIOR_WEIGHT))
        return self._with_agreements(stratum, share, said.count)

    def _with_agreements(self, stratum: str, share: float, words: int) -> float:
        """
        Raise a share towards the one that agreeing answers prove, by their weight.

        They count nothing without words of the judge, and never for the gate's passes, which are served unjudged.
        """
        proved = self.agreements.share(stratum)
        weight = min(AGREED_WEIGHT * self.agreements.count(stratum), AGREED_MOST * words)
        if proved <= share:
            return share
        known = words + _PRIOR_WEIGHT
        return (share * known + proved * weight) / (known + weight)

    def believes(self, stratum: str) -> bool:
        """Whether the judge's "same" makes a pair of this stratum likely enough to be served."""
        return self.belief(stratum) >= 1 - self.steering.doubt

    def asks_again(self, stratum: str) -> bool:
        """Whether a "same" about a pair of this stratum has to be said in the other order as well."""
        return self._place(stratum).asks_again

    def belief(self, stratum: str) -> float:
        """Return the probability that a pair of this stratum is equal which the judge calls the same."""
        return self._place(stratum).belief

    def known(self, stratum: str) -> Verdict:
        """Return the verdict on a pair of this stratum that the judge called the same."""
        return self._place(stratum).known

    def prospects(self, stratum: str) -> tuple[float, float]:
        """Return the chance that the judge's word makes a pair of this stratum a hit, and the expected questions."""
        share, errors = self.share(stratum), self.errors
        right, wrong = share * (1 - errors.rejects), (1 - share) * errors.accepts
        if not self.asks_again(stratum):
            return right + wrong, 1.0
        return right * (1 - errors.rejects) + wrong * max(REPEATED, errors.accepts), 1.0 + right + wrong

    def is_trusted(self, stratum: str) -> bool:
        """Whether the gate's pass is good enough on this traffic: over the window, and lately."""
        if self._words(stratum).different_of_latest(RECENT) > MOST_DIFFERENT:
            return False
        return 1 - self.share(stratum) <= self.steering.max_wrong

    def zone(self, stratum: str, draw: float) -> Zone:
        """Return the zone of a pair; `draw` is the pair's own place between 0 and 1."""
        return self._place(stratum).zone(is_probe=draw < self.steering.probes)

    def _place(self, stratum: str) -> _Place:
        if self._placed_by is not self.steering or len(self._places) > 2 * MOST_STRATA:  # pairs may name any stratum
            self._places.clear()
            self._placed_by = self.steering
        found = self._places.get(stratum)
        if found is None:
            found = self._places[stratum] = self._placed(stratum)
        return found

    def _placed(self, stratum: str) -> _Place:
        share, words, is_trusted = self.share(stratum), self.learned_from(stratum), self.is_trusted(stratum)
        asks_again = not _is_passed(stratum) and self.errors.belief(share) < SURE
        belief = self.errors.belief(share, is_repeated=asks_again)
        is_believed = belief >= 1 - self.steering.doubt
        is_new = words < (ENOUGH if _is_passed(stratum) else FEW)
        if _is_passed(stratum):
            is_grey = not is_trusted or is_new
        else:
            is_grey = is_believed and share >= self.steering.least_share
        probed = Zone.GREY if is_grey else Zone.PROBED
        others = probed if is_grey or is_new else Zone.DECIDED
        known = _called_same(stratum, belief, is_believed)
        return _Place(is_trusted, probed, others, words, asks_again, belief, known, share)

    def steered(self, verdict: Verdict, draw: float) -> Verdict:
        """Return the gate's verdict with its zone; one that passes is refused where too many such pairs were wrong."""
        stratum = stratum_of(verdict)
        place = self._place(stratum)
        is_refused = verdict.passed and not place.is_trusted
        return Verdict(  # `replace` takes three times as long
            verdict.passed and not is_refused,
            verdict.confidence,
            LEARNED if is_refused else verdict.rule,
            verdict.asked_span,
            verdict.stored_span,
            verdict.also,
            verdict.known_by,
            place.zone(is_probe=draw < self.steering.probes),
            stratum,
            place.words,
            place.share,
            verdict.is_close,
        )

    def consulted(self, verdict: Verdict, relation: Relation | None) -> Verdict:
        """Return a steered verdict after the judge's word; the gate's holds where there is none."""
        if relation is None:
            return verdict
        belief, is_same = self.belief(verdict.stratum), relation is Relation.SAME
        if is_same and self.believes(verdict.stratum):
            return replace(verdict, passed=True, confidence=belief, rule=None, known_by=Labeller.JUDGE)
        return replace(verdict, passed=False, rule=LEARNED if is_same else JUDGED, known_by=Labeller.JUDGE)

    def strata(self) -> list[str]:
        """Return the names of the strata that were learned."""
        return sorted(self._said.keys() | self.agreements.strata())

    def served(self, stratum: str) -> str:
        """Say when a pair of this stratum is served: `unjudged`, `if judged the same`, or `never`."""
        if _is_passed(stratum) and self.is_trusted(stratum):
            return "unjudged"
        return "if judged the same" if self.believes(stratum) else "never"

    def _words(self, stratum: str) -> Words:
        return self._said.get(stratum, Words())

    def reset(self) -> None:
        """Forget all verdicts and weak labels."""
        self._said.clear()
        self.agreements.clear()
        self._places.clear()


def stratum_of(verdict: Verdict) -> str:
    """Name the group of pairs that the gate holds for equally likely to be the same."""
    if verdict.passed:
        return f"passed:{_step(verdict.confidence)}"
    if verdict.rule in (None, CONFIDENCE):
        return f"score:{_step(verdict.confidence)}"
    return f"rule:{verdict.rule}"


def _called_same(stratum: str, belief: float, is_believed: bool) -> Verdict:
    """Return the verdict on a pair that nothing is known of but that the judge called it the same."""
    if is_believed:
        return Verdict(passed=True, confidence=belief, known_by=Labeller.JUDGE, stratum=stratum)
    return Verdict(passed=False, confidence=0.0, rule=LEARNED, known_by=Labeller.JUDGE, stratum=stratum)


def draw_of(pair_key: str) -> float:
    """Return a pair's place between 0 and 1, the same in every instance."""
    return int(pair_key[:8], 16) / 0x1_0000_0000


def _is_passed(stratum: str) -> bool:
    return stratum.startswith("passed:")


def _step(confidence: float) -> int:
    return min(_STEPS - 1, int(confidence * _STEPS))
