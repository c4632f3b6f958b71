from __future__ import annotations

from collections.abc import Callable

import pytest

from sentinel_core.errors import ProviderUnavailableError
from sentinel_core.web.routes.metrics_and_health import Health, Metrics
from tests.support.fakes import PRICE, completion
from tests.web.conftest import Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]


async def test_a_process_that_answered_nothing_tells_so(api: Build) -> None:
    it = api()
    it.world.clock.advance(1.5)

    assert await it.metrics() == {
        "total_requests": 0, "cache_hits": 0, "exact_hits": 0, "semantic_hits": 0, "stale_answers": 0,
        "cache_misses": 0, "bypasses": 0, "hit_rate_percent": 0.0, "stored_items": 0, "provider_errors": 0,
        "not_cached": 0, "abandoned_requests": 0, "revalidations": 0,
        "internal_errors": 0, "rejected_requests": 0, "collapsed_requests": 0,
        "bypasses_by_reason": {}, "misses_by_reason": {}, "not_stored_by_reason": {}, "personal_by_reason": {},
        "shadow_by_outcome": {},
        "errors_by_kind": {},
        "feedback_by_verdict": {},
        "prompt_tokens": 0, "completion_tokens": 0, "avoided_tokens": 0, "cost_usd": 0.0, "saved_usd": 0.0,
        "estimated_usd": 0.0,
        "unpriced_requests": 0, "uptime_seconds": 1.5, "latency_ms": {}, "fleet_today": None, "learning": None,
        "distinct_share_by_part": {}, "scope_advice": None,
    }  # fmt: skip


async def test_the_numbers_agree_with_what_was_done(api: Build) -> None:
    it = api()
    await it.query({"prompt": "hi"})
    await it.query({"prompt": "hi"})
    await it.query({"prompt": "hi"}, cache_control="no-cache")
    await it.query({"prompt": "hi", "temperature": 2})
    it.world.provider.queue.append(completion(model="unpriced"))
    await it.query({"prompt": "you"}, cache_control="no-store")
    it.world.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    await it.query({"prompt": "they"})
    await it.query({"prompt": "them"}, cache_control="only-if-cached")
    await it.query({"prompt": ""})
    it.world.clock.advance(120.0)
    it.world.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    await it.query({"prompt": "hi"})
    it.world.provider.queue.append(RuntimeError("boom"))
    await it.query({"prompt": "boom"})

    told = await it.metrics()
    del told["latency_ms"]
    assert told == {
        "total_requests": 9, "cache_hits": 2, "exact_hits": 1, "semantic_hits": 0, "stale_answers": 1,
        "cache_misses": 2, "bypasses": 2, "hit_rate_percent": 22.22, "stored_items": 1, "provider_errors": 1,
        "not_cached": 1, "abandoned_requests": 0, "revalidations": 0,
        "internal_errors": 1, "rejected_requests": 1, "collapsed_requests": 0,
        "bypasses_by_reason": {"no-cache": 1, "temperature": 1}, "misses_by_reason": {},
        "not_stored_by_reason": {"bypassed": 1, "no-store": 1},
        "personal_by_reason": {},
        "shadow_by_outcome": {},
        "feedback_by_verdict": {}, "errors_by_kind": {
            "provider_unavailable": 1, "not_cached": 1, "string_too_short": 1, "internal_error": 1,
        },
        "prompt_tokens": 28, "completion_tokens": 20, "avoided_tokens": 24, "cost_usd": 3 * PRICE,
        "saved_usd": 2 * PRICE, "estimated_usd": 0.0,
        "unpriced_requests": 1, "uptime_seconds": 120.0, "fleet_today": None, "learning": None,
        "distinct_share_by_part": {}, "scope_advice": None,
    }  # fmt: skip


async def test_every_answer_is_of_the_shape_that_is_promised(api: Build) -> None:
    it = api()
    await it.query()
    for path, model, leaves_out_null in (("/v1/metrics", Metrics, False), ("/health?deep=1", Health, True)):
        text = (await it.client.get(path)).text
        assert model.model_validate_json(text, strict=True).model_dump_json(exclude_none=leaves_out_null) == text


async def test_without_the_store_the_numbers_are_still_told(api: Build) -> None:
    it = api(broken={"count"})

    assert (await it.metrics())["stored_items"] is None


async def test_without_a_question_health_asks_nobody(api: Build) -> None:
    it = api(parts={"store": "down", "embedder": "failed", "provider": "fake"})

    assert (await it.client.get("/health")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("store", "embedder", "status"),
    [
        ("ok", "ready", "ok"),
        ("ok", "loading", "ok"),
        ("ok", "failed", "degraded"),
        ("no answer", "ready", "degraded"),
        ("no answer", "failed", "degraded"),
    ],
)
async def test_deep_health_tells_the_state_of_every_part(api: Build, store: str, embedder: str, status: str) -> None:
    it = api(parts={"store": store, "embedder": embedder, "provider": "fake"})
    response = await it.client.get("/health", params={"deep": "1"})

    assert (response.status_code, response.json()) == (
        200, {"status": status, "store": store, "embedder": embedder, "provider": "fake"},
    )  # fmt: skip
