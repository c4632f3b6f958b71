"""Reads the latest requests, served hits and time series, and judges hits, for admin and tenant routes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sentinel_core.cache.scope import Query
from sentinel_core.errors import NotFoundError
from sentinel_core.learning.feedback import Given, banned
from sentinel_core.telemetry.counters import CRASHED, ERROR, LEFT, NOT_CACHED, REJECTED
from sentinel_core.telemetry.observed import Observed
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.series import SECONDS, Point, Step
from sentinel_core.telemetry.shared_rings import SeenHit, Texts, Verdict, Whose
from sentinel_core.telemetry.sums import SeenRequest
from sentinel_core.tenants.api_key import OPEN_NAMESPACE
from sentinel_core.web.admin.common import store_needed
from sentinel_core.web.privacy import Privacy
from sentinel_core.web.routes import entry_views
from sentinel_core.web.routes.metrics_and_health import latency_of
from sentinel_core.web.routes.observed_views import (
    HitPage,
    HitView,
    Judged,
    PointView,
    RequestPage,
    RequestView,
    SeriesView,
    WrongHits,
)
from sentinel_core.web.service import Service

_Z = 1.959964
"""Of a 95 % interval."""

_EFFECTS: Mapping[Verdict, str] = {
    "right": "counted; the stored answer stays",
    "wrong_match": "these two prompts never share an answer again; the stored answer stays for its own prompt",
    "wrong_answer": "the stored answer is deleted, for every prompt",
}

_SECOND_RIGHT = "shown; the counters keep the first verdict, and a wrong match or a deleted answer stays out"

Allows = Callable[[Answered], bool]


def every(_: Answered) -> bool:
    """Allow all items: to the operator."""
    return True


def whose(service: Service, tenant: str | None) -> Whose | None:
    """Return the place of a tenant's requests; None stands for everyone's."""
    if tenant is None:
        return None
    directory = service.access.current
    return Whose(OPEN_NAMESPACE if directory is None else directory.namespace(tenant), tenant)


async def requests_page(
    service: Service, owner: Whose | None, *, after: int, outcome: str | None, limit: int, allows: Allows = every
) -> RequestPage:
    """Return the latest requests of one owner, or of all."""
    observed, keeps_prompts = _settled(service), service.recording.keeps_prompts
    seen = [] if observed is None else await observed.latest_requests(owner, after)
    wanted = [
        (number, each) for number, each in seen if outcome in (None, each.answered.outcome) and allows(each.answered)
    ]
    return RequestPage(
        requests=[_request(number, each, service.privacy) for number, each in wanted[:limit]],
        last=seen[0][0] if seen else after,
        keeps=observed is not None,
        keeps_prompts=observed is not None and keeps_prompts,
    )


async def hits_page(
    service: Service, owner: Whose | None, *, unjudged: bool, limit: int, allows: Allows = every
) -> HitPage:
    """Return the latest served semantic hits of one owner, or of all."""
    observed = _settled(service)
    held = [] if observed is None else await observed.latest_hits(owner)
    seen = [(number, hit) for number, hit in held if allows(hit.answered)]
    wanted = [(number, hit) for number, hit in seen if not unjudged or hit.verdict is None]
    return HitPage(
        hits=[_hit(number, hit, service.privacy) for number, hit in wanted[:limit]],
        unjudged=sum(hit.verdict is None for _, hit in seen),
        keeps=observed is not None and service.recording.keeps_prompts,
    )


async def judge(
    service: Service, number: int, owner: Whose | None, verdict: Verdict, *, allows: Allows = every
) -> Judged:
    """
    Note a verdict on a hit, ban a wrong match, and delete a wrong answer.

    A hit counts once, in all instances: another verdict on it acts, but counters keep the first.
    Raises NotFoundError if the hit is not kept any more.
    """
    observed = service.recording.observed
    latest = [] if observed is None else await observed.latest_hits(owner)
    hit = next((each for found, each in latest if found == number), None)
    if observed is None or hit is None or not allows(hit.answered):
        raise NotFoundError("identifier: there is no such hit", code="no_such_hit", param="identifier")
    changed = await _act(service, hit.texts, verdict)
    with store_needed():
        is_first = await observed.judge_hit(number, hit, verdict)
    if is_first:
        service.recording.judged(hit.answered.tenant, "right" if verdict == "right" else "wrong")
    effect = _EFFECTS[verdict] if is_first or verdict != "right" else _SECOND_RIGHT
    return Judged(hit=_hit(number, hit, service.privacy), changed=changed, effect=effect)


async def _act(service: Service, texts: Texts, verdict: Verdict) -> bool:
    """Carry out a verdict; return whether it changed the stored entry or the judged pairs."""
    identifier = texts.entry_id
    if verdict == "wrong_answer":
        return (await entry_views.delete(service, texts.namespace, identifier)).changed
    if verdict == "wrong_match":
        fingerprint, _, digest = identifier.partition(":")
        return await ban(service, texts.namespace, Given(fingerprint, digest, texts.asked or digest))
    return False


async def ban(service: Service, namespace: str, given: Given) -> bool:
    """Ban a pair of prompts; return whether that was new."""
    pair, known = banned(given, service.clock.now()), service.stored.pairs.of((namespace, given.fingerprint))
    is_new = pair.key not in known or known[pair.key].by is not pair.by
    with store_needed():
        await service.stored.pairs.note(Query(namespace, given.fingerprint, "", given.asked), pair)
    return is_new


async def series_page(service: Service, tenant: str | None, step: Step, last: int) -> SeriesView:
    """Return the last steps of the series of one tenant, or of all; an empty one where none is kept."""
    observed = service.recording.observed
    points, is_fleet = ([], False) if observed is None else await observed.points(tenant, step, last)
    total = Point((int(service.clock.now()) // SECONDS[step] - last + 1) * SECONDS[step])
    for point in points:
        total.add(point)
    return SeriesView(
        step=step,
        points=[_point(point) for point in points],
        total=_point(total),
        wrong_hits=wrong_hits(total.verdicts["right"], total.verdicts["wrong"]),
        source="instances" if is_fleet else "process",
    )


def _settled(service: Service) -> Observed | None:
    observed = service.recording.observed
    if observed is not None:
        observed.settle()
    return observed


def wrong_hits(right: int, wrong: int) -> WrongHits:
    """Return the share of wrong verdicts with its interval."""
    judged = right + wrong
    if not judged:
        return WrongHits(judged=0, wrong=0, rate=None, low=None, high=None)
    rate, square = wrong / judged, _Z**2
    centre = (rate + square / (2 * judged)) / (1 + square / judged)
    half = _Z * math.sqrt(rate * (1 - rate) / judged + square / (4 * judged**2)) / (1 + square / judged)
    return WrongHits(judged=judged, wrong=wrong, rate=rate, low=max(0.0, centre - half), high=min(1.0, centre + half))


def _request(number: int, seen: SeenRequest, privacy: Privacy) -> RequestView:
    answered = seen.answered
    return RequestView(
        id=number,
        at=seen.at,
        key=seen.key,
        entry_id=seen.entry_id,
        reason=answered.detail,
        timings_ms=dict(answered.timings_ms),
        prompt=privacy.shown(seen.prompt) if seen.prompt else None,
        **_shared(answered),
        route=answered.route,
        outcome=answered.outcome,
        status=answered.status,
        latency_ms=answered.latency_ms,
        cost_usd=answered.cost_usd,
        prompt_tokens=answered.prompt_tokens,
        completion_tokens=answered.completion_tokens,
    )


def _hit(number: int, hit: SeenHit, privacy: Privacy) -> HitView:
    texts = hit.texts
    return HitView(
        id=number,
        at=hit.at,
        prompt=privacy.shown(texts.prompt),
        matched_prompt=privacy.shown(texts.matched_prompt),
        answer=privacy.shown(texts.answer),
        entry_id=texts.entry_id,
        verdict=hit.verdict,
        **_shared(hit.answered),
    )


_SHARED = ("request_id", "tenant", "similarity", "provider", "model", "saved_usd")


def _shared(answered: Answered) -> dict[str, Any]:
    return {name: getattr(answered, name) for name in _SHARED}


def _point(point: Point) -> PointView:
    outcomes = point.outcomes
    names: Sequence[str] = sorted({name for name, _ in point.bins})
    return PointView(
        at=point.at,
        requests=sum(outcomes.values()) - outcomes[REJECTED],
        exact_hits=outcomes["hit_exact"],
        semantic_hits=outcomes["hit_semantic"],
        stale_answers=outcomes["stale"],
        misses=outcomes["miss"],
        bypasses=outcomes["bypass"],
        errors=outcomes[ERROR] + outcomes[CRASHED],
        other=outcomes[NOT_CACHED] + outcomes[LEFT],
        rejected=outcomes[REJECTED],
        cost_usd=round(point.cost_usd, 9),
        saved_usd=round(point.saved_usd, 9),
        own_usd=round(point.own_usd, 9),
        unpriced=point.unpriced,
        right=point.verdicts["right"],
        wrong=point.verdicts["wrong"],
        latency_ms={name: latency_of(point.latency_of(name)) for name in names},
    )
