"""Views of the learning: its costs beside the savings, the measured rate of wrong hits, and the odds."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, Field

from sentinel_core.learning.intervals import clopper_pearson
from sentinel_core.learning.learning import Learning
from sentinel_core.learning.rates import Rate
from sentinel_core.telemetry.counters import Counters

NOT_MEASURED = "not measured"


class WrongHits(BaseModel):
    """The share of wrong answers among semantic hits, as audits measured it; the judge's own errors are taken out."""

    name: str | None = Field(description="The model, as provider/model, or the route; null for all together.")
    audits: int = Field(description="Audits that the rate rests on.")
    seen_wrong: int = Field(description="Audits in which the judge called the answers different.")
    rate: float | str = Field(description="`not measured` without audits.")
    low: float | None = Field(description="Lower end of the 95 % interval, which holds the judge's errors as well.")
    high: float | None


class LedgerView(BaseModel):
    """Dollars since the process began."""

    answers_usd: float = Field(description="Spent on answers of providers.")
    avoided_usd: float = Field(description="Saved by hits.")
    judge_usd: float
    audit_usd: float
    net_usd: float = Field(description="Avoided, less judge and audits.")
    pays: bool = Field(description="Whether the judge and the audits cost less than hits saved.")


class TurnedAway(BaseModel):
    """Misses whose answer was the nearest candidate's: at least so many would have been right as hits."""

    compared: int = Field(description="Misses whose answers could be compared: short ones, and JSON.")
    equal: int = Field(description="Those with equal answers.")
    by_chance: float = Field(description="Equal answers that random pairs of the same scopes would have.")
    share_right: float | str = Field(description="Share that was right, less chance; `not measured` if none.")
    low: float | None = Field(description="Lower end of the 95 % interval.")
    high: float | None


class StratumView(BaseModel):
    """Pairs that the gate holds for equally likely to be the same."""

    learned_from: int = Field(description="Words of the judge, at most the latest 200.")
    share_same: float = Field(description="Expected share of equal pairs.")
    agreements: int = Field(description="Weak labels by comparing answers; each weighs a tenth of a word at most.")
    served: str = Field(description="unjudged, if judged the same, or never.")


class LearningView(BaseModel):
    """The learning of this process about one namespace, or all."""

    ledger: LedgerView
    counts: Mapping[str, float] = Field(description="judge_calls, judge_same, judge_different, judge_silent, audits, …")
    wrong_hits: WrongHits = Field(description="Of this process: the latest 1,000 audits of each model and route.")
    wrong_hits_by_model: list[WrongHits]
    wrong_hits_by_route: list[WrongHits]
    turned_away_right: TurnedAway
    strata: Mapping[str, StratumView] = Field(description="By rule or confidence of the gate; of one namespace only.")


def learning_view(learning: Learning, counters: Counters, namespace: str | None) -> LearningView:
    """Return the view of one namespace, or of all if None."""
    counts, auditor = learning.ledger.of(namespace), learning.auditor
    rates = None if auditor is None else auditor.rates
    return LearningView(
        ledger=_ledger(counters, counts),
        counts={name: round(amount, 9) for name, amount in sorted(counts.items())},
        wrong_hits=wrong_hits(Rate("", 0, 0, None, None, None) if rates is None else rates.of(namespace)),
        wrong_hits_by_model=[] if rates is None else [wrong_hits(rate) for rate in rates.by_model(namespace)],
        wrong_hits_by_route=[] if rates is None else [wrong_hits(rate) for rate in rates.by_route(namespace)],
        turned_away_right=_turned_away(counts),
        strata={} if namespace is None else _strata(learning, namespace),
    )


def _ledger(counters: Counters, counts: Mapping[str, float]) -> LedgerView:
    judge, audit = counts.get("judge_usd", 0.0), counts.get("audit_usd", 0.0)
    return LedgerView(
        answers_usd=round(counters.cost_usd, 9),
        avoided_usd=round(counters.saved_usd, 9),
        judge_usd=round(judge, 9),
        audit_usd=round(audit, 9),
        net_usd=round(counters.saved_usd - judge - audit, 9),
        pays=counters.saved_usd >= judge + audit,
    )


def _turned_away(counts: Mapping[str, float]) -> TurnedAway:
    compared, equal = int(counts.get("misses_compared", 0)), int(counts.get("misses_equal", 0))
    expected = counts.get("misses_chance", 0.0)
    view = TurnedAway(
        compared=compared, equal=equal, by_chance=round(expected, 6), share_right=NOT_MEASURED, low=None, high=None
    )
    if not compared:
        return view
    chance = expected / compared
    share, low, high = (
        round(max(0.0, (each - chance) / (1 - chance)), 6)
        for each in (equal / compared, *clopper_pearson(equal, compared))
    )
    return view.model_copy(update={"share_right": share, "low": low, "high": high})


def wrong_hits(rate: Rate) -> WrongHits:
    return WrongHits(
        name=rate.name or None,
        audits=rate.audits,
        seen_wrong=rate.seen_wrong,
        rate=NOT_MEASURED if rate.rate is None else round(rate.rate, 6),
        low=None if rate.low is None else round(rate.low, 6),
        high=None if rate.high is None else round(rate.high, 6),
    )


def _strata(learning: Learning, namespace: str) -> dict[str, StratumView]:
    odds = learning.odds(namespace)
    return {
        stratum: StratumView(
            learned_from=odds.learned_from(stratum),
            share_same=round(odds.share(stratum), 4),
            agreements=odds.agreements.count(stratum),
            served=odds.served(stratum),
        )
        for stratum in odds.strata()
    }
