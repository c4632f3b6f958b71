from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from sentinel_core.cache.scope import split
from sentinel_core.chat.messages import Json
from sentinel_core.errors import ProviderUnavailableError
from sentinel_core.telemetry.records import Answered
from sentinel_core.web.routes.query import QueryResponse
from tests.support.fakes import PRICE, CountingProvider, WordEmbedder, chat, completion
from tests.web.conftest import PRIVATE, Api

pytestmark = pytest.mark.anyio

Build = Callable[..., Api]

ML = "What is machine learning?"
MISS: dict[str, Json] = {
    "response": "An answer.",
    "cache_hit": False,
    "similarity_score": None,
    "matched_prompt": None,
    "provider": "fake",
    "model": "small",
    "tokens_used": 12,
    "latency_ms": 0.0,
    "cost_usd": PRICE,
    "saved_usd": 0.0,
    "estimated_usd": None,
    "outcome": "miss",
    "reason": None,
    "volatile": None,
    "personal": None,
    "shadow": None,
    "age_seconds": None,
    "finish_reason": "stop",
}
HIT: dict[str, Json] = {
    **MISS,
    "cache_hit": True,
    "similarity_score": 1.0,
    "matched_prompt": ML,
    "tokens_used": 0,
    "cost_usd": 0.0,
    "saved_usd": PRICE,
    "estimated_usd": None,
    "outcome": "hit_exact",
    "reason": "exact",
    "age_seconds": 0,
}


def _headers(response: httpx.Response) -> dict[str, str]:
    """All of them but the request id, which is another each time, and the entry's."""
    own = ("x-request-id", "x-sentinel-entry")
    return {name: value for name, value in response.headers.items() if name not in own}


def unnamed(told: dict[str, Json]) -> dict[str, Json]:
    """An answer without the entry's id, which has a test of its own."""
    return {name: value for name, value in told.items() if name != "entry_id"}


async def test_a_newcomer_walks_six_steps(api: Build) -> None:
    it = api()
    first = await it.query({"prompt": ML})
    assert (first.status_code, unnamed(first.json())) == (200, MISS)

    again = await it.query({"prompt": ML})
    assert (again.status_code, unnamed(again.json())) == (200, HIT)

    near = await it.query({"prompt": "What is this machine learning?", "similarity_threshold": 0.75})
    assert near.json()["similarity_score"] == pytest.approx(4 / 20**0.5)
    assert unnamed(near.json()) == {
        **HIT, "similarity_score": near.json()["similarity_score"], "outcome": "hit_semantic", "reason": "semantic",
    }  # fmt: skip

    assert unnamed((await it.query({"prompt": "What is deep water?"})).json()) == MISS
    for scope in (
        {"temperature": 0.8}, {"max_tokens": 501}, {"system": "Be brief."}, {"system": ""},
    ):  # fmt: skip
        assert unnamed((await it.query({"prompt": ML, **scope})).json()) == MISS
    assert unnamed((await it.query({"prompt": ML, "model": "large"})).json()) == {**MISS, "model": "large"}
    assert unnamed((await it.query({"prompt": ML, "provider": "other"})).json()) == {**MISS, "model": "tiny"}

    assert await it.metrics() == {
        "total_requests": 10, "cache_hits": 2, "exact_hits": 1, "semantic_hits": 1, "stale_answers": 0,
        "cache_misses": 8, "bypasses": 0, "hit_rate_percent": 20.0, "stored_items": 8, "provider_errors": 0,
        "not_cached": 0, "abandoned_requests": 0, "revalidations": 0,
        "internal_errors": 0, "rejected_requests": 0, "collapsed_requests": 0,
        "bypasses_by_reason": {}, "misses_by_reason": {}, "not_stored_by_reason": {}, "personal_by_reason": {},
        "shadow_by_outcome": {},
        "errors_by_kind": {},
        "feedback_by_verdict": {},
        "prompt_tokens": 56, "completion_tokens": 40, "avoided_tokens": 24, "cost_usd": 8 * PRICE,
        "saved_usd": 2 * PRICE, "estimated_usd": 0.0,
        "unpriced_requests": 0, "uptime_seconds": 0.0, "fleet_today": None, "learning": None,
        "distinct_share_by_part": {}, "scope_advice": None,
        "latency_ms": {
            "miss": {"count": 8, "p50": 0.1, "p95": 0.1, "p99": 0.1},
            "hit_exact": {"count": 1, "p50": 0.1, "p95": 0.1, "p99": 0.1},
            "hit_semantic": {"count": 1, "p50": 0.1, "p95": 0.1, "p99": 0.1},
        },
    }  # fmt: skip

    assert (await it.client.get("/health")).json() == {"status": "ok"}
    assert (await it.client.get("/health?deep=1")).json() == {
        "status": "ok", "store": "ok", "embedder": "ready", "provider": "fake",
    }  # fmt: skip


async def test_the_provider_is_asked_what_the_caller_asked(api: Build) -> None:
    it = api()
    await it.query({"prompt": ML})
    await it.query({"prompt": "Hi", "model": "large", "temperature": 0, "max_tokens": 1, "system": "Be brief."})

    assert it.world.provider.requests == [
        chat(ML),
        chat("Hi", {"role": "system", "content": "Be brief."}, model="large", temperature=0, max_tokens=1),
    ]
    assert it.world.provider.timeouts == [10.0, 10.0]


async def test_the_headers_of_a_miss_tell_it(api: Build) -> None:
    response = await api().query()

    assert _headers(response) == {
        "cache-status": "sentinel; fwd=miss; stored",
        "server-timing": "store;dur=0.000, embed;dur=0.000, search;dur=0.000, provider;dur=0.000, total;dur=0.000",
        "content-length": str(len(response.content)),
        "content-type": "application/json",
        **PRIVATE,
    }


@pytest.mark.parametrize(
    ("prompt", "detail", "similarity", "stages"),
    [
        ("what is machine learning", "exact", "1.0000", "store;dur=0.000, "),
        ("what is deep learning", "semantic", "0.7500", "store;dur=0.000, embed;dur=0.000, search;dur=0.000, "),
    ],
)
async def test_the_headers_of_a_hit_tell_it(api: Build, prompt: str, detail: str, similarity: str, stages: str) -> None:
    it = api()
    await it.query()
    it.world.clock.advance(12.9)
    response = await it.query({"prompt": prompt})

    assert _headers(response) == {
        "cache-status": f"sentinel; hit; detail={detail}",
        "server-timing": f"{stages}total;dur=0.000",
        "age": "12",
        "x-sentinel-similarity": similarity,
        "content-length": str(len(response.content)),
        "content-type": "application/json",
        **PRIVATE,
    }


async def test_an_answer_names_the_entry_it_is_in(api: Build) -> None:
    it = api()
    told = [await it.query({"prompt": ML, **more}) for more in ({}, {}, {"temperature": 0.8})]
    near = await it.query({"prompt": "What is this machine learning?", "similarity_threshold": 0.75})
    first, again, other = [response.json()["entry_id"] for response in told]
    unkept = await it.query({"prompt": "What is deep water?"}, cache_control="no-store")

    assert first == split(chat(ML), "open").entry_id
    assert (again, near.json()["entry_id"], first == other, unkept.json()["entry_id"]) == (first, first, False, None)
    assert [response.headers.get("x-sentinel-entry") for response in (*told, near, unkept)] == [
        first, first, other, first, None,
    ]  # fmt: skip


async def test_a_stale_answer_says_so(api: Build) -> None:
    it = api()
    await it.query({"prompt": ML})
    it.world.clock.advance(120.0)
    it.world.provider.queue.append(ProviderUnavailableError("down", provider="fake"))
    response = await it.query({"prompt": ML})

    assert unnamed(response.json()) == {**HIT, "outcome": "stale", "reason": "exact", "age_seconds": 120}
    assert (response.headers["cache-status"], response.headers["age"]) == ("sentinel; fwd=stale; detail=exact", "120")


@pytest.mark.parametrize(
    ("body", "header", "status", "reason"),
    [
        ({}, "no-cache", "sentinel; fwd=request; stored; detail=no-cache", "no-cache"),
        ({"cache_control": "no-cache"}, "", "sentinel; fwd=request; stored; detail=no-cache", "no-cache"),
        ({}, "max-age=0", "sentinel; fwd=miss; stored; detail=expired", "expired"),
        ({"cache_control": "max-age=0"}, "max-age=60", "sentinel; fwd=miss; stored; detail=expired", "expired"),
        ({"cache_control": "max-age=60"}, "max-age=0", "sentinel; fwd=miss; stored; detail=expired", "expired"),
        ({}, "max-age=0, no-store", "sentinel; fwd=miss; detail=expired", "expired"),
        ({"temperature": 1.5}, "", "sentinel; fwd=bypass; detail=temperature", "temperature"),
    ],
)
async def test_the_caller_steers_by_header_and_by_field(
    api: Build, body: dict[str, Json], header: str, status: str, reason: str
) -> None:
    it = api()
    await it.query({"prompt": ML})
    response = await it.query({"prompt": ML, **body}, cache_control=header)

    assert (response.headers["cache-status"], response.json()["reason"]) == (status, reason)
    assert it.world.provider.calls == 2


async def test_a_field_sent_in_several_lines_is_one(api: Build) -> None:
    it = api()
    await it.query({"prompt": ML})
    lines = [("cache-control", "x-other"), ("cache-control", "no-cache")]
    response = await it.client.post("/v1/query", json={"prompt": ML}, headers=lines)

    assert response.json()["reason"] == "no-cache"


async def test_only_if_cached_is_a_504_where_nothing_is_stored(api: Build) -> None:
    it = api()
    response = await it.query(cache_control="only-if-cached")

    assert (response.status_code, response.json()) == (
        504,
        {"error": {
            "message": "no stored answer, and only-if-cached was asked", "type": "cache_error", "param": None,
            "code": "not_cached",
        }},
    )  # fmt: skip
    assert it.world.provider.calls == 0
    told = await it.metrics()
    assert (told["total_requests"], told["not_cached"], told["provider_errors"], told["rejected_requests"]) == (
        1, 1, 0, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "body", "ttl"),
    [
        ({}, {}, 100.0),
        ({"x_sentinel_ttl": "7.5"}, {}, 7.5),
        ({}, {"ttl_seconds": 7.5}, 7.5),
        ({"x_sentinel_ttl": "8"}, {"ttl_seconds": 7.5}, 7.5),
        ({"x_sentinel_ttl": "101"}, {}, 100.0),
    ],
)
async def test_the_caller_may_shorten_the_ttl(
    api: Build, headers: dict[str, str], body: dict[str, Json], ttl: float
) -> None:
    it = api()
    await it.query({"prompt": ML, **body}, **headers)
    it.world.clock.advance(ttl)

    assert (await it.query({"prompt": ML})).json()["reason"] == "expired"
    it.world.clock.advance(-0.001)
    assert (await it.query({"prompt": ML})).json()["cache_hit"]


async def test_a_prompt_that_is_too_long_is_matched_exactly_and_says_so(api: Build) -> None:
    it = api(embedder=WordEmbedder(max_words=2))

    assert unnamed((await it.query({"prompt": ML})).json()) == {**MISS, "reason": "prompt-too-long"}
    assert unnamed((await it.query({"prompt": ML})).json()) == HIT


async def test_an_answer_that_was_cut_off_says_so(api: Build) -> None:
    it = api()
    it.world.provider.queue.append(completion("An an", finish_reason="length"))
    response = await it.query({"prompt": ML})

    assert unnamed(response.json()) == {**MISS, "response": "An an", "finish_reason": "length"}
    assert response.headers["cache-status"] == "sentinel; fwd=miss"
    assert (await it.metrics())["not_stored_by_reason"] == {"truncated": 1}


@pytest.mark.parametrize("broken", [{"load"}, {"refresh"}, {"nearest"}])
async def test_without_the_store_the_provider_answers(api: Build, broken: set[str]) -> None:
    it = api(broken=broken)
    response = await it.query({"prompt": ML})

    assert (response.status_code, unnamed(response.json())) == (
        200, {**MISS, "outcome": "bypass", "reason": "store-unavailable"},
    )  # fmt: skip
    assert response.headers["cache-status"] == "sentinel; fwd=bypass; detail=store-unavailable"


async def test_identical_requests_share_one_call(api: Build) -> None:
    gate = asyncio.Event()
    it = api(provider=CountingProvider(gate=gate))
    waiting = [asyncio.create_task(it.query({"prompt": ML})) for _ in range(5)]
    await it.world.provider.started.wait()
    for _ in range(50):
        await asyncio.sleep(0)
    gate.set()
    responses = await asyncio.gather(*waiting)

    assert it.world.provider.calls == 1
    assert sorted(response.headers["cache-status"] for response in responses) == [
        "sentinel; fwd=miss; stored", *["sentinel; fwd=miss; stored; collapsed"] * 4,
    ]  # fmt: skip
    assert sorted(response.json()["tokens_used"] for response in responses) == [0, 0, 0, 0, 12]
    assert (await it.metrics())["collapsed_requests"] == 4


@pytest.mark.parametrize(
    "prompt", ["\x00", "\U0001f600", "e\u0301", "a\u2028b", "x" * 100_000, '"}', "</script>", "\u202eright to left"]
)
async def test_any_text_is_a_prompt(api: Build, prompt: str) -> None:
    it = api()
    assert (await it.query({"prompt": prompt})).status_code == 200

    assert (await it.query({"prompt": prompt})).json()["matched_prompt"] == prompt


async def test_every_answer_is_of_the_shape_that_is_promised(api: Build) -> None:
    it = api()
    for body in ({"prompt": ML}, {"prompt": ML}, {"prompt": ML, "temperature": 2}):
        text = (await it.query(body)).text
        assert QueryResponse.model_validate_json(text, strict=True).model_dump_json() == text


async def test_one_line_is_noted_for_each_answer(api: Build) -> None:
    it = api()
    await it.query({"prompt": ML}, x_request_id="request-1")
    await it.query({"prompt": ML}, x_request_id="request-2")

    stages = dict.fromkeys(("store", "embed", "search", "provider"), 0.0)
    assert it.noted.answers == [
        Answered(
            "/v1/query", "miss", 200, 0.0, None, "fake", "small", 7, 5, 0, PRICE, 0.0,
            timings_ms=stages, request_id="request-1",
        ),
        Answered(
            "/v1/query", "hit_exact", 200, 0.0, "exact", "fake", "small", 0, 0, 12, 0.0, PRICE, 1.0,
            timings_ms={"store": 0.0}, request_id="request-2",
        ),
    ]  # fmt: skip


async def test_prompts_and_answers_are_noted_only_where_the_operator_asked(api: Build) -> None:
    it = api(log_prompts=True)
    await it.query({"prompt": ML})

    assert [(noted.prompt, noted.response) for noted in it.noted.answers] == [(ML, "An answer.")]


_JSON = "the body is not JSON: "
_EXTRA = "Extra inputs are not permitted"
_FINITE = "Input should be a finite number"
_NUMBER = "Input should be a valid number"
_INTEGER = "Input should be a valid integer"
_STRING = "Input should be a valid string"


@pytest.mark.parametrize(
    ("body", "status", "code", "param", "message"),
    [
        (b"", 400, "invalid_json", None, "the body is empty; it must be JSON"),
        (b"{", 400, "invalid_json", None, _JSON + "EOF while parsing an object at line 1 column 1"),
        (b'{"prompt":"h', 400, "invalid_json", None, _JSON + "EOF while parsing a string at line 1 column 12"),
        (b'{"prompt":"hi"} x', 400, "invalid_json", None, _JSON + "trailing characters at line 1 column 17"),
        (b"{'prompt':'hi'}", 400, "invalid_json", None, _JSON + "key must be a string at line 1 column 2"),
        (b"\xff", 400, "invalid_json", None, _JSON + "expected value at line 1 column 1"),
        (b'{"prompt":"\xff"}', 400, "invalid_json", None, _JSON + "invalid unicode code point at line 1 column 12"),
        (b'{"prompt":"\xed\xa0\x80"}', 400, "invalid_json", None,
         _JSON + "invalid unicode code point at line 1 column 12"),
        (b'{"prompt":"\\ud800"}', 400, "invalid_json", None,
         _JSON + "unexpected end of hex escape at line 1 column 18"),
        (b'{"prompt":"\\udc00\\ud800"}', 400, "invalid_json", None,
         _JSON + "lone leading surrogate in hex escape at line 1 column 17"),
        (b"[" * 40_000, 400, "invalid_json", None, _JSON + "recursion limit exceeded at line 1 column 202"),
        (b'{"a":' * 40_000, 400, "invalid_json", None, _JSON + "recursion limit exceeded at line 1 column 1006"),
        (b'{"prompt":"hi","max_tokens":' + b"9" * 5000 + b"}", 400, "invalid_json", None,
         _JSON + "number out of range at line 1 column 4330"),
        (b"null", 422, "model_type", None, "Input should be an object"),
        (b"[]", 422, "model_type", None, "Input should be an object"),
        (b'"hi"', 422, "model_type", None, "Input should be an object"),
        (b"{}", 422, "missing", "prompt", "prompt: Field required"),
        (b'{"prompt":""}', 422, "string_too_short", "prompt", "prompt: String should have at least 1 character"),
        (b'{"prompt":" \\n\\t\\u3000"}', 422, "value_error", "prompt", "prompt: must say something"),
        (b'{"prompt":null}', 422, "string_type", "prompt", f"prompt: {_STRING}"),
        (b'{"prompt":["hi"]}', 422, "string_type", "prompt", f"prompt: {_STRING}"),
        (b'{"prompt":NaN}', 422, "string_type", "prompt", f"prompt: {_STRING}"),
        (b'{"prompt":"hi","extra":1}', 422, "extra_forbidden", "extra", f"extra: {_EXTRA}"),
        (b'{"prompt":"hi","Model":"m"}', 422, "extra_forbidden", "Model", f"Model: {_EXTRA}; did you mean model?"),
        (b'{"prompt":"hi","namespace":"n"}', 422, "extra_forbidden", "namespace", f"namespace: {_EXTRA}"),
        (b'{"prompt":"hi","' + b"x" * 9999 + b'":1}', 422, "extra_forbidden", "x" * 200, f"{'x' * 200}: {_EXTRA}"),
        (b'{"prompt":"hi","temperature":NaN}', 422, "finite_number", "temperature", f"temperature: {_FINITE}"),
        (b'{"prompt":"hi","temperature":-Infinity}', 422, "finite_number", "temperature", f"temperature: {_FINITE}"),
        (b'{"prompt":"hi","temperature":1e999}', 422, "finite_number", "temperature", f"temperature: {_FINITE}"),
        (b'{"prompt":"hi","ttl_seconds":NaN}', 422, "finite_number", "ttl_seconds", f"ttl_seconds: {_FINITE}"),
        (b'{"prompt":"hi","temperature":"0.7"}', 422, "float_type", "temperature", f"temperature: {_NUMBER}"),
        (b'{"prompt":"hi","temperature":true}', 422, "float_type", "temperature", f"temperature: {_NUMBER}"),
        (b'{"prompt":"hi","temperature":2.001}', 422, "less_than_equal", "temperature",
         "temperature: Input should be less than or equal to 2"),
        (b'{"prompt":"hi","temperature":-0.001}', 422, "greater_than_equal", "temperature",
         "temperature: Input should be greater than or equal to 0"),
        (b'{"prompt":"hi","max_tokens":0}', 422, "greater_than_equal", "max_tokens",
         "max_tokens: Input should be greater than or equal to 1"),
        (b'{"prompt":"hi","max_tokens":1.5}', 422, "int_type", "max_tokens", f"max_tokens: {_INTEGER}"),
        (b'{"prompt":"hi","max_tokens":true}', 422, "int_type", "max_tokens", f"max_tokens: {_INTEGER}"),
        (b'{"prompt":"hi","max_tokens":"5"}', 422, "int_type", "max_tokens", f"max_tokens: {_INTEGER}"),
        (b'{"prompt":"hi","provider":""}', 422, "string_too_short", "provider",
         "provider: String should have at least 1 character"),
        (b'{"prompt":"hi","provider":"nobody"}', 400, "unknown_provider", "provider",
         "provider: must be one of fake, other"),
        (b'{"prompt":"hi","model":7}', 422, "string_type", "model", f"model: {_STRING}"),
        (b'{"prompt":"hi","system":{}}', 422, "string_type", "system", f"system: {_STRING}"),
        (b'{"prompt":"hi","similarity_threshold":1.001}', 422, "less_than_equal", "similarity_threshold",
         "similarity_threshold: Input should be less than or equal to 1"),
        (b'{"prompt":"hi","ttl_seconds":0}', 422, "greater_than", "ttl_seconds",
         "ttl_seconds: Input should be greater than 0"),
        (b'{"prompt":"hi","cache_control":"max-age=soon"}', 400, "invalid_header", "Cache-Control",
         "Cache-Control: max-age must be a whole number of seconds"),
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else None,
)  # fmt: skip
async def test_a_body_that_breaks_a_rule_is_told_the_field_and_the_rule(
    api: Build, body: bytes, status: int, code: str, param: str | None, message: str
) -> None:
    it = api()
    response = await it.client.post("/v1/query", content=body)

    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    assert (response.status_code, response.json()) == (status, {"error": error})
    assert _headers(response) == {
        "content-type": "application/json",
        "content-length": str(len(response.content)),
        **PRIVATE,
    }
    assert (it.world.provider.calls, await it.world.memory.count()) == (0, 0)
    told = await it.metrics()
    assert (told["total_requests"], told["rejected_requests"], told["errors_by_kind"]) == (0, 1, {code: 1})


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("cache_control", "max-age=-1", "Cache-Control: max-age must be a whole number of seconds"),
        ("cache_control", "stale-if-error", "Cache-Control: stale-if-error must be a whole number of seconds"),
        ("x_sentinel_threshold", "high", "x-sentinel-threshold must be a number from 0 to 1"),
        ("x_sentinel_threshold", "1.01", "x-sentinel-threshold must be a number from 0 to 1"),
        ("x_sentinel_threshold", "nan", "x-sentinel-threshold must be a number from 0 to 1"),
        ("x_sentinel_ttl", "-1", "x-sentinel-ttl must be a number from 0"),
        ("x_sentinel_ttl", "inf", "x-sentinel-ttl must be a number from 0"),
        ("x_sentinel_tag", "a b",
         "x-sentinel-tag must be up to 8 tags of 1 to 64 letters, digits and _.:/-, with commas between"),
    ],
)  # fmt: skip
async def test_a_header_that_breaks_a_rule_is_named(api: Build, name: str, value: str, rule: str) -> None:
    it = api()
    response = await it.query(**{name: value})

    param = rule.split(":")[0] if name == "cache_control" else rule.split()[0]
    assert (response.status_code, response.json()) == (
        400,
        {"error": {"message": rule, "type": "invalid_request_error", "param": param, "code": "invalid_header"}},
    )
    assert it.world.provider.calls == 0


async def test_what_a_provider_does_not_take_is_refused_before_it_is_asked(api: Build) -> None:
    it = api(refusal=lambda request: ("max_tokens", "not here") if "max_tokens" in request.params else None)
    response = await it.query({"prompt": "hi", "max_tokens": 5})

    assert (response.status_code, response.json()["error"]) == (
        400,
        {
            "message": "max_tokens: not here", "type": "invalid_request_error", "param": "max_tokens",
            "code": "unsupported_parameter",
        },
    )  # fmt: skip
    assert it.world.provider.calls == 0


@pytest.mark.parametrize("path", ["/v1/query", "/v1/chat/completions", "/v1/embeddings", "/v1/moderations"])
async def test_a_models_name_has_a_length_at_most(api: Build, path: str) -> None:
    it = api()
    body = {"prompt": "hi"} if path == "/v1/query" else {"messages": [{"role": "user", "content": "hi"}], "input": "hi"}
    refused, taken = [await it.client.post(path, json={**body, "model": "m" * size}) for size in (1_025, 1_024)]

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "model")
    assert taken.status_code in (200, 404)
