"""Sums requests that are alike, many at once: that costs a third of adding each to every sum it belongs to."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple, TypeAlias

from sentinel_core.telemetry.histogram import BOUNDS_MS
from sentinel_core.telemetry.records import Answered

_Alike: TypeAlias = tuple[int, str | None, str | None, str, bool, str | None, str | None]
"""Minute, tenant, key, outcome, whether it is an answer, provider and model."""


class Line(NamedTuple):
    """The names of a row; "" for a request without a tenant, key, provider or model."""

    tenant: str
    key: str
    provider: str
    model: str
    outcome: str


@dataclass(slots=True)
class Sums:
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    avoided_tokens: int = 0
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    unpriced: int = 0
    embed_us: int = 0

    def merge(self, other: Sums) -> None:
        """Add another row's sums to this one."""
        self.requests += other.requests
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.avoided_tokens += other.avoided_tokens
        self.cost_usd += other.cost_usd
        self.saved_usd += other.saved_usd
        self.unpriced += other.unpriced
        self.embed_us += other.embed_us


class SeenRequest(NamedTuple):
    """
    One answered request; `at` is Unix time, `key` the id of the caller's key.

    `prompt` is its beginning, "" where it may not be kept; `namespace` is where the entry is that answered.
    """

    at: float
    answered: Answered
    key: str | None
    prompt: str = ""
    entry_id: str | None = None
    namespace: str = ""


class Batch(NamedTuple):
    """The sums of requests of one line and one minute; `minute` is Unix time, `bins` count latencies."""

    minute: int
    tenant: str | None
    line: Line
    sums: Sums
    bins: Counter[int]


def batches(requests: Iterable[SeenRequest]) -> Iterator[Batch]:
    """
    Sum the requests of each line and minute.

    Provider and model of a request that failed are left out: callers choose them, so they have no bound.
    """
    alike: dict[_Alike, list[Answered]] = {}
    for at, answered, key, *_ in requests:
        is_answer = answered.status == HTTPStatus.OK
        provider, model = (answered.provider, answered.model) if is_answer else (None, None)
        alike_in = (int(at // 60), answered.tenant, key, answered.outcome, is_answer, provider, model)
        held = alike.get(alike_in)
        if held is None:
            alike[alike_in] = [answered]
        else:
            held.append(answered)
    for (minute, tenant, key, outcome, is_answer, provider, model), held in alike.items():
        line = Line(tenant or "", key or "", provider or "", model or "", outcome)
        bins = Counter([bisect_left(BOUNDS_MS, each.latency_ms) for each in held])
        yield Batch(minute * 60, tenant, line, _sums(held, is_answer=is_answer), bins)


def _sums(held: list[Answered], *, is_answer: bool) -> Sums:
    costs, saved = [each.cost_usd for each in held], [each.saved_usd for each in held]
    has_unknown = is_answer and (None in costs or None in saved)
    unpriced = sum(cost is None or save is None for cost, save in zip(costs, saved, strict=True)) if has_unknown else 0
    return Sums(
        requests=len(held),
        prompt_tokens=sum([each.prompt_tokens for each in held]),
        completion_tokens=sum([each.completion_tokens for each in held]),
        avoided_tokens=sum([each.avoided_tokens for each in held]),
        cost_usd=sum([cost for cost in costs if cost]),
        saved_usd=sum([save for save in saved if save]),
        unpriced=unpriced,
        embed_us=sum([round(1000 * each.timings_ms["embed"]) for each in held if "embed" in each.timings_ms]),
    )
