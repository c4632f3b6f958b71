"""An estimate as JSON and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sentinel_core.app.estimate.meanings import MEANINGS, NO_NAME, SHARES
from sentinel_core.app.estimate.running import BUDGET_ROWS, Estimate
from sentinel_core.app.estimate.tally import Pair, Part, Tally
from sentinel_core.app.estimate.verdicts import Bound
from sentinel_core.app.settings import Settings

NOTES = (
    "Dollars are the log's own, else by known prices of known or estimated tokens; the cache's own cost is that of AWS "
    "Lambda and Upstash.",
    "What is possible also counts prompts with a near one stored that the gate refused; many were not the same.",
)
_SMALL = 0.02
_WEEK = 604_800


def as_json(
    estimate: Estimate, settings: Settings, pairs: list[Pair], verdicts: Mapping[str, str], bound: Bound | None
) -> dict[str, Any]:
    """Return the whole result as JSON values; rates are in percent, money in dollars."""
    tally = estimate.tally
    total = tally.total.requests
    low, high = tally.interval
    return {
        "requests": round(total),
        "hit_rate_percent": _percent(tally.hits, total),
        "hit_rate_percent_95": [round(low, 2), round(high, 2)],
        "exact_percent": _percent(tally.exact, total),
        "by_meaning_percent": _percent(tally.semantic, total),
        "possible_percent": _percent(tally.hits + tally.refused_by_gate, total),
        "sampled_rows": tally.sampled,
        "budgets": {
            f"{budget:g}": {"rows": asked, "hit_rate_percent": _percent(hits, asked)}
            for budget, (asked, hits) in sorted(estimate.budgets.items())
        },
        **_part(tally.total),
        "shares_percent": {
            "volatile": _percent(tally.volatile, total),
            "personal": _percent(tally.personal, total),
            "novelty": _percent(tally.novelty, total),
            "failed_calls": _percent(tally.failed, total),
            "estimated_tokens": _percent(tally.estimated_usage, total),
            "answers_not_logged": _percent(tally.unlogged, total),
        },
        "outcomes": dict(tally.outcomes.most_common()),
        "routes": _parts(tally.routes),
        "models": _parts(tally.models),
        "scope": {
            "misses_of_prompts_asked_in_another_scope": tally.scopes.misses,
            "parts_that_differ": dict(tally.scopes.counts.most_common(20)),
        },
        "riskiest_pairs": [_pair(each, verdicts.get(each.id)) for each in pairs],
        "wrong_hits": None if bound is None else bound.as_json(),
        "settings": suggestions(tally, settings),
        "rows": {
            "read": estimate.rows,
            "refused": estimate.refused.count,
            "not_model_calls": estimate.refused.others,
            "reasons": [{"file": name, "row": bad.row, "reason": bad.reason} for name, bad in estimate.refused.rows],
        },
        "notes": list(NOTES),
        "meanings": MEANINGS,
    }


def table(result: Mapping[str, Any]) -> str:
    """Return the result as lines for a terminal."""
    low, high = result["hit_rate_percent_95"]
    sampled = f" (95 %: {low} to {high} %, {result['sampled_rows']} sampled)" if result["sampled_rows"] else ""
    lines = [
        f"requests                        {result['requests']:,}",
        f"answered from the cache         {result['hit_rate_percent']} % of requests{sampled}",
        f"  same words asked before       {result['exact_percent']} %",
        f"  same meaning, other words     {result['by_meaning_percent']} %",
        f"  at most possible              {result['possible_percent']} %, if the gate refused no near prompt",
        f"dollars saved                   {_dollars(result['saved_usd'])} of {_dollars(result['usd'])}",
        f"  after the cache's own cost    {_dollars(result['net_saved_usd'])}, on AWS Lambda with Upstash",
        f"seconds of waiting saved        {_seconds(result)}",
        *_budget_lines(result),
        *_share_lines(result["shares_percent"]),
    ]
    for title in ("routes", "models"):
        if set(result[title]) == {"-"}:
            continue
        lines += ["", f"by {title.removesuffix('s')}: requests, share answered from the cache, dollars saved"]
        lines += _part_lines(result[title])
    differ = result["scope"]["parts_that_differ"]
    if differ:
        lines += ["", "equal prompts that share no answer, by the part of the request that differs (misses)"]
        lines += [f"  {name[:40]:40} {count:,}" for name, count in differ.items()]
    lines += ["", "settings to start with", *(f"  {line}" for line in result["settings"])]
    if result["wrong_hits"] is not None:
        lines += ["", str(result["wrong_hits"]["text"])]
    elif result["riskiest_pairs"]:
        count = len(result["riskiest_pairs"])
        lines += ["", f"{count} answers it is least sure of are to be judged by you: --judge, or the report of --html"]
    return "\n".join(lines)


def suggestions(tally: Tally, settings: Settings) -> list[str]:
    """Return settings to start with, each with its reason."""
    total = max(1.0, tally.total.requests)
    lines = [f"SENTINEL_MAX_WRONG={settings.max_wrong:g}  # the budget of this estimate"]
    if sum(tally.temperatures.values()) / total > _SMALL:
        most = min(2.0, max(tally.temperatures))
        lines.append(f"SENTINEL_MAX_TEMPERATURE={most:g}  # if answers at high temperatures may repeat")
    if tally.expired / total > _SMALL:
        lines.append(f"SENTINEL_TTL_SECONDS={_WEEK}  # {tally.expired / total:.0%} of requests repeat expired answers")
    stored = tally.total.requests - tally.hits
    if stored > settings.max_entries:
        lines.append(f"SENTINEL_MAX_ENTRIES={round(stored, -4):.0f}  # or Redis: so many answers would be kept")
    if tally.personal / total > _SMALL:
        lines.append("SENTINEL_USER_SCOPE=auto  # send x-sentinel-user: personal answers are then that user's alone")
    if tally.volatile / total > _SMALL:
        lines.append(f"SENTINEL_VOLATILE_TTL_SECONDS={settings.volatile_ttl_seconds:g}  # answers that do not last")
    return lines


def _part(part: Part) -> dict[str, Any]:
    return {
        "usd": round(part.usd, 6),
        "saved_usd": round(part.saved_usd, 6),
        "own_cost_usd": round(part.own_usd, 6),
        "net_saved_usd": round(part.saved_usd - part.own_usd, 6),
        "unpriced_requests": round(part.unpriced),
        "seconds": round(part.seconds, 3) if part.timed else None,
        "saved_seconds": round(part.saved_seconds, 3) if part.timed else None,
    }


def _parts(parts: Mapping[str, Part]) -> dict[str, Any]:
    ranked = sorted(parts.items(), key=lambda item: -item[1].requests)
    return {
        name: {
            "requests": round(part.requests),
            "hit_rate_percent": _percent(part.hits, part.requests),
            **_part(part),
        }
        for name, part in ranked
    }


def _pair(pair: Pair, verdict: str | None) -> dict[str, Any]:
    return {
        "id": pair.id,
        "asked": pair.asked,
        "stored": pair.stored,
        "answer": pair.answer,
        "similarity": round(pair.similarity, 4),
        "risk": round(pair.risk, 4),
        "verdict": verdict,
    }


def _budget_lines(result: Mapping[str, Any]) -> list[str]:
    lines = [
        f"  {float(name):>6.1%}{'':24}{each['hit_rate_percent']} % of the first {each['rows']:,}"
        for name, each in result["budgets"].items()
        if each["rows"] <= BUDGET_ROWS
    ]
    return (
        ["", "answered, by the share of such answers that may be wrong (SENTINEL_MAX_WRONG)", *lines] if lines else []
    )


def _share_lines(shares: Mapping[str, float]) -> list[str]:
    lines = [f"  {share:>6} %  {SHARES[name]}" for name, share in shares.items() if share]
    return ["", "shares of requests", *lines] if lines else []


def _part_lines(parts: Mapping[str, Any]) -> list[str]:
    return [
        f"  {NO_NAME if name == '-' else name[:40]:40} {each['requests']:>10,} {each['hit_rate_percent']:>7} % "
        f"{_dollars(each['saved_usd']):>10}"
        for name, each in list(parts.items())[:15]
    ]


def _dollars(usd: float) -> str:
    return f"${usd:,.2f}" if abs(usd) >= 1 else f"${usd:.4f}"


def _seconds(result: Mapping[str, Any]) -> str:
    if result["saved_seconds"] is None:
        return "not known: the log holds no times"
    return f"{result['saved_seconds']:,.0f} of {result['seconds']:,.0f}"


def _percent(share: float, whole: float) -> float:
    return round(100 * share / whole, 2) if whole else 0.0
