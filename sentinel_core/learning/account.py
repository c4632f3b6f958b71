"""The account of the cache: what answers cost, what hits avoided, and what the cache itself cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

LOSING = "the judge costs more than it saves"
PAYING = "the judge saves more than it costs"
UNASKED = "no judge was asked"


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for a second of computing, and for a million store commands."""

    compute_usd_per_second: float = 0.0
    store_usd_per_million: float = 0.0


@dataclass(frozen=True, slots=True)
class Account:
    """
    Dollars of some days.

    `own_usd` is all that the cache itself cost: judge, audits, embedding and store. `net_usd` is what is left of
    `avoided_usd`. `break_even_hits` are the hits that pay for `own_usd`, None without any hit to price them by.
    """

    answers_usd: float
    avoided_usd: float
    judge_usd: float
    audit_usd: float
    embedding_usd: float
    store_usd: float
    own_usd: float
    net_usd: float
    hits: int
    break_even_hits: int | None
    judge_saved_usd: float
    judge: str


def account(counted: Mapping[str, float], prices: Prices) -> Account:
    """Return the account of counters by name, as `Books` keep them."""
    judge, audits = counted.get("judge_usd", 0.0), counted.get("audit_usd", 0.0)
    embedding = counted.get("embed_us", 0.0) / 1e6 * prices.compute_usd_per_second
    store = counted.get("store_commands", 0.0) / 1e6 * prices.store_usd_per_million
    avoided, own = counted.get("saved_usd", 0.0), judge + audits + embedding + store
    hits = int(counted.get("hit_exact", 0.0) + counted.get("hit_semantic", 0.0))
    saved = counted.get("judge_saved_usd", 0.0)
    return Account(
        answers_usd=round(counted.get("cost_usd", 0.0), 9),
        avoided_usd=round(avoided, 9),
        judge_usd=round(judge, 9),
        audit_usd=round(audits, 9),
        embedding_usd=round(embedding, 9),
        store_usd=round(store, 9),
        own_usd=round(own, 9),
        net_usd=round(avoided - own, 9),
        hits=hits,
        break_even_hits=math.ceil(own * hits / avoided) if hits and avoided > 0 else None,
        judge_saved_usd=round(saved, 9),
        judge=_said(counted.get("judge_calls", 0.0), judge, saved),
    )


def _said(calls: float, cost: float, saved: float) -> str:
    if not calls:
        return UNASKED
    return LOSING if cost > saved else PAYING
