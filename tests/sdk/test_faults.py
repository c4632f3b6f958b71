"""What goes wrong at the upstream, over real sockets, as the SDK's callers meet it: the table of failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from scripts.devtools.http.replies import Fault, Reply, answer, failure, raw
from scripts.devtools.http.serving import Server, serving
from scripts.devtools.http.upstream import Upstream
from tests.sdk.conftest import Side, answered, chat, consume

STREAM = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])


@pytest.fixture(autouse=True)
def recovered(upstream: Upstream, hurried: Side, ours: Side) -> Iterator[None]:
    """A success closes the breaker, so that no test has another's failures; and it is one."""
    yield
    upstream.script_nothing()
    upstream.default = answer()
    for side in (hurried, ours):
        assert answered(side, chat()) == "The capital of France is Paris."


FAULTS = [
    (failure(401), openai.InternalServerError, 502, "provider_key_refused", "provider_error", None),
    (failure(403), openai.InternalServerError, 502, "provider_key_refused", "provider_error", None),
    (failure(402), openai.APIStatusError, 402, "insufficient_quota", "insufficient_quota", None),
    (
        failure(429, code="insufficient_quota"),
        openai.RateLimitError,
        429,
        "insufficient_quota",
        "insufficient_quota",
        None,
    ),
    (failure(429, retry_after="7"), openai.RateLimitError, 429, "rate_limit_exceeded", "rate_limit_error", "7"),
    (failure(429), openai.RateLimitError, 429, "rate_limit_exceeded", "rate_limit_error", "5"),
    (failure(500), openai.InternalServerError, 503, "provider_unavailable", "provider_error", "5"),
    (failure(503, retry_after="9"), openai.InternalServerError, 503, "provider_unavailable", "provider_error", "9"),
    (failure(408), openai.InternalServerError, 503, "provider_unavailable", "provider_error", "5"),
    (Reply(fault=Fault.STALL), openai.InternalServerError, 504, "provider_timeout", "provider_error", "5"),
    (Reply(fault=Fault.CUT), openai.InternalServerError, 503, "provider_unavailable", "provider_error", "5"),
    (raw(b"<html>oops</html>"), openai.InternalServerError, 502, "provider_protocol_error", "provider_error", None),
    (raw(b"{}"), openai.InternalServerError, 502, "provider_protocol_error", "provider_error", None),
    (raw(b""), openai.InternalServerError, 502, "provider_protocol_error", "provider_error", None),
]


@STREAM
@pytest.mark.parametrize(("reply", "kind", "status", "code", "type_", "retry_after"), FAULTS)
def test_a_failure_before_the_answer_is_the_sdks_proper_exception(
    upstream: Upstream, hurried: Side, reply: Reply, kind: type[openai.APIStatusError], status: int, code: str,
    type_: str, retry_after: str | None, stream: bool,
) -> None:  # fmt: skip
    upstream.default = reply
    with pytest.raises(kind) as error:
        consume(hurried, chat(stream=stream))

    told = error.value
    assert (type(told), told.status_code, told.code, told.type, told.param) == (kind, status, code, type_, None)
    assert isinstance(told.body, dict)
    assert set(told.body) == {"message", "type", "param", "code"}
    assert told.body["message"]
    assert told.response.headers.get("retry-after") == retry_after
    is_repeated = retry_after is not None and status != 504
    assert told.response.headers.get("x-should-retry") == (None if is_repeated else "false")
    assert told.response.headers["cache-status"] == "sentinel; fwd=miss"
    assert "gateway's" not in told.response.text.replace("the gateway's", "")


@pytest.mark.parametrize("fault", [Fault.STALL_MIDWAY, Fault.CUT_MIDWAY])
def test_a_plain_answer_that_breaks_off_is_none(upstream: Upstream, hurried: Side, fault: Fault) -> None:
    call = chat()
    upstream.script(Reply(fault=fault))
    with pytest.raises(openai.InternalServerError) as error:
        consume(hurried, call)

    assert error.value.status_code == (504 if fault is Fault.STALL_MIDWAY else 503)
    assert consume(hurried, call) == "The capital of France is Paris."
    assert len(upstream.calls) == 2


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.STALL_MIDWAY, "provider_timeout"),
        (Fault.CUT_MIDWAY, "provider_unavailable"),
        (Fault.ERROR_EVENT, "provider_unavailable"),
    ],
)
def test_a_stream_that_breaks_off_ends_with_an_error_and_is_not_kept(
    upstream: Upstream, hurried: Side, fault: Fault, code: str
) -> None:
    call = chat(stream=True)
    upstream.script(Reply(fault=fault, after=3))
    chunks = []
    with pytest.raises(openai.APIError) as error:
        chunks.extend(hurried.client().chat.completions.create(**call))

    assert not isinstance(error.value, openai.APIStatusError)
    assert (error.value.code, error.value.type) == (code, "provider_error")
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", "The", " capital"]
    assert consume(hurried, call) == "The capital of France is Paris."
    assert len(upstream.calls) == 2


def test_an_error_in_mid_stream_is_the_exception_it_would_be_without_us(
    upstream: Upstream, direct: Side, ours: Side
) -> None:
    upstream.default = Reply(fault=Fault.ERROR_EVENT)
    caught = []
    for side in (direct, ours):
        with pytest.raises(openai.APIError) as error:
            consume(side, chat(stream=True))
        caught.append(type(error.value))

    assert caught == [openai.APIError] * 2


@STREAM
def test_a_refused_key_is_not_tried_again_by_anyone(upstream: Upstream, ours: Side, stream: bool) -> None:
    upstream.default = failure(401)
    with pytest.raises(openai.InternalServerError):
        consume(ours, chat(stream=stream), max_retries=2)

    assert len(upstream.calls) == 1


@STREAM
@pytest.mark.parametrize("reply", [failure(429, retry_after="0"), failure(503, retry_after="0")])
def test_a_passing_failure_is_waited_out_unseen(upstream: Upstream, ours: Side, reply: Reply, stream: bool) -> None:
    upstream.script(reply, reply)

    assert consume(ours, chat(stream=stream)) == "The capital of France is Paris."
    assert len(upstream.calls) == 3


def test_what_we_cannot_wait_for_the_sdk_does(upstream: Upstream, hurried: Side) -> None:
    upstream.script(failure(429, retry_after="1"))

    assert consume(hurried, chat(), max_retries=1) == "The capital of France is Paris."
    assert len(upstream.calls) == 2


@STREAM
def test_a_caller_without_patience_has_its_own_timeout(
    upstream: Upstream, direct: Side, ours: Side, stream: bool
) -> None:
    upstream.default = Reply(delay=0.4)
    for side in (direct, ours):
        with pytest.raises(openai.APITimeoutError):
            consume(side, chat(stream=stream), timeout=0.1)


def test_a_caller_who_leaves_in_mid_stream_frees_the_upstream(upstream: Upstream, server: Server, ours: Side) -> None:
    call, before = chat(stream=True), server.http.get("/v1/metrics").json()["abandoned_requests"]
    upstream.script(answer("word " * 1000, pace=0.01))
    with ours.client().chat.completions.create(**call) as stream:
        next(stream)
        next(stream)

    assert upstream.left.wait(10)
    assert consume(ours, call) == "The capital of France is Paris."
    assert len(upstream.calls) == 2
    assert server.http.get("/v1/metrics").json()["abandoned_requests"] == before + 1


def test_a_caller_who_leaves_before_the_first_word_frees_the_upstream(upstream: Upstream, ours: Side) -> None:
    upstream.script(answer("word " * 1000, delay=30.0, pace=0.01))
    with pytest.raises(openai.APITimeoutError):
        consume(ours, chat(stream=True), timeout=0.5)

    assert upstream.left.wait(10)


@STREAM
def test_an_unknown_model_is_the_providers_404(upstream: Upstream, hurried: Side, stream: bool) -> None:
    upstream.default = failure(
        404, "The model `x` does not exist", type="invalid_request_error", code="model_not_found"
    )
    with pytest.raises(openai.NotFoundError) as error:
        consume(hurried, chat(stream=stream))

    assert (error.value.code, error.value.body) == ("model_not_found", {
        "message": "The model `x` does not exist", "type": "invalid_request_error", "param": None,
        "code": "model_not_found",
    })  # fmt: skip


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"logprobs": True}, "logprobs"),
        ({"logit_bias": {"50256": -100}}, "logit_bias"),
        ({"n": 2}, "n"),
        ({"messages": [{"role": "user", "name": "Ada", "content": "Hi"}]}, "messages[0].name"),
    ],
)
def test_what_a_provider_does_not_take_is_refused_before_the_call(
    upstream: Upstream, ours: Side, params: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as error:
        ours.client().chat.completions.create(**{**chat(), "model": "groq/openai/gpt-oss-20b", **params})

    assert (error.value.param, error.value.code) == (param, "unsupported_parameter")
    assert upstream.calls == []


@STREAM
def test_a_fallback_answers_and_keeps_it_under_its_own_name(stream: bool) -> None:
    """The first is down all the time, so a breaker's memory does not matter."""
    with Upstream.running(failure(500)) as down, Upstream.running(answer("Bonjour.")) as other:
        keys = {"GROQ_API_KEY": "g", "OPENAI_API_KEY": "o"}
        addresses = {"GROQ_BASE_URL": down.url, "OPENAI_BASE_URL": other.url}
        fallbacks = {"SENTINEL_FALLBACKS": "openai", "SENTINEL_REQUEST_TIMEOUT_SECONDS": "8"}
        with serving(**keys, **addresses, **fallbacks, SENTINEL_EMBEDDER="onnx") as server:
            side = Side(f"{server.said['address']}/v1")
            call = {**chat(stream=stream), "model": "openai/gpt-oss-20b"}
            texts = [consume(side, call) for _ in range(2)]
            named = {"model": "gpt-4.1-mini", "extra_body": {"provider": "openai"}, "stream": False}
            hit = side.client().chat.completions.create(**{**call, **named})
            side.close()

    assert texts == ["Bonjour."] * 2
    assert [each.body["model"] for each in other.calls] == ["gpt-4.1-mini"] * 2  # nothing is kept for the first
    assert hit.model_extra["sentinel"]["provider"] == "openai"
    assert (hit.model, hit.model_extra["sentinel"]["outcome"]) == ("gpt-4.1-mini", "hit_exact")


@STREAM
def test_a_provider_that_takes_long_is_overtaken_where_the_operator_wants_that(stream: bool) -> None:
    with Upstream.running(answer(delay=30)) as slow, Upstream.running(answer("Bonjour.")) as other:
        keys = {"GROQ_API_KEY": "g", "OPENAI_API_KEY": "o"}
        addresses = {"GROQ_BASE_URL": slow.url, "OPENAI_BASE_URL": other.url}
        hedge = {"SENTINEL_FALLBACKS": "openai", "SENTINEL_HEDGE_MS": "10"}
        with serving(**keys, **addresses, **hedge, SENTINEL_EMBEDDER="onnx") as server:
            side = Side(f"{server.said['address']}/v1")
            text = consume(side, {**chat(stream=stream), "model": "openai/gpt-oss-20b"})
            side.close()
        assert slow.left.wait(10)

    assert (text, len(slow.calls), len(other.calls)) == ("Bonjour.", 1, 1)
