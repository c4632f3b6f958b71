"""The rest of the table of failures over real sockets: the cache's own, the caller's own, and what stands in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import openai
import pytest

from scripts.devtools.http.ports import free_port
from scripts.devtools.http.replies import Fault, Reply, failure, raw
from scripts.devtools.http.serving import Server, serving
from scripts.devtools.http.upstream import Upstream
from tests.sdk.conftest import Side, answered, chat, consume
from tests.sdk.test_faults import STREAM

OPERATORS = "the-operators-own-key-of-these-tests"
STALE = {"cache-control": "max-age=0, stale-if-error=600"}


def headers_of(side: Side, call: dict[str, Any], **extra: Any) -> Any:
    """What an answer's headers say, once it has come whole."""
    raw_response = side.client().chat.completions.with_raw_response.create(**call, **extra)
    given = raw_response.parse()
    if call.get("stream"):
        list(given)
    return raw_response.headers


@STREAM
@pytest.mark.parametrize(
    "reply",
    [failure(401), failure(429, retry_after="60"), failure(500), Reply(fault=Fault.CUT), raw(b"{}")],
    ids=["key", "limited", "broken", "cut", "rubbish"],
)
def test_a_stored_answer_past_its_time_stands_in_for_a_failing_provider(
    upstream: Upstream, hurried: Side, reply: Reply, stream: bool
) -> None:
    call = chat(stream=stream)
    text = answered(hurried, call)
    upstream.script(reply)

    assert headers_of(hurried, call, extra_headers=STALE)["cache-status"] == "sentinel; fwd=stale; detail=exact"
    upstream.script(reply)
    assert consume(hurried, {**call, "extra_headers": STALE}) == text
    upstream.script_nothing()
    assert answered(hurried, chat()) == text, "a success closes the breaker"


@pytest.fixture(scope="module")
def storeless(_upstream: Upstream) -> Iterator[Server]:
    with _served(_upstream, SENTINEL_REDIS_URL=f"redis://127.0.0.1:{free_port()}", SENTINEL_OPEN="true") as server:
        yield server


@STREAM
def test_without_its_store_it_answers_from_the_provider_and_says_so(
    upstream: Upstream, storeless: Server, stream: bool
) -> None:
    call = chat(stream=stream)
    with closing(Side(f"{storeless.said['address']}/v1")) as side:
        told = [headers_of(side, call)["cache-status"] for _ in range(2)]

    assert told == ["sentinel; fwd=bypass; detail=store-unavailable"] * 2
    assert len(upstream.calls) == 2
    assert storeless.http.get("/health", params={"deep": 1}).json()["status"] == "degraded"


@pytest.fixture(scope="module")
def guarded(_upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    kept = tmp_path_factory.mktemp("keys") / "keys.json"
    secrets = {"SENTINEL_NAMESPACE_SECRET": "of these tests and no other", "SENTINEL_ADMIN_KEY": OPERATORS}
    with _served(_upstream, SENTINEL_KEYS_FILE=str(kept), **secrets) as server:
        yield server


@contextmanager
def _served(upstream: Upstream, **environ: str) -> Iterator[Server]:
    addresses = {"OPENAI_API_KEY": "gateway's", "OPENAI_BASE_URL": upstream.url}
    with serving(SENTINEL_EMBEDDER="onnx", SENTINEL_LOG_LEVEL="error", **addresses, **environ) as server:
        server.wait_for_embedder()
        yield server


@contextmanager
def _holder(server: Server, **limits: float) -> Iterator[Side]:
    """A side whose calls come with a new key of these limits."""
    made = server.http.post(
        "/v1/admin/keys", headers={"x-api-key": OPERATORS}, json={"tenant": "acme", "limits": limits}
    )
    with closing(Side(f"{server.said['address']}/v1", api_key=made.json()["key"])) as side:
        yield side


@STREAM
def test_a_wrong_key_is_an_authentication_error(upstream: Upstream, guarded: Server, stream: bool) -> None:
    stranger = Side(f"{guarded.said['address']}/v1", api_key="sk-sentinel-wrong")
    with closing(stranger), pytest.raises(openai.AuthenticationError) as error:
        consume(stranger, chat(stream=stream))

    assert (error.value.type, upstream.calls) == ("authentication_error", [])


@STREAM
def test_a_key_over_its_limit_is_a_rate_limit_error_that_says_when(guarded: Server, stream: bool) -> None:
    with _holder(guarded, requests_per_minute=1) as side:
        consume(side, chat(stream=stream))
        with pytest.raises(openai.RateLimitError) as error:
            consume(side, chat(stream=stream))

    assert 1 <= int(error.value.response.headers["retry-after"]) <= 60
    assert error.value.type == "rate_limit_error"


@STREAM
def test_over_budget_a_stored_answer_is_served_and_a_new_one_is_402(guarded: Server, stream: bool) -> None:
    stored = chat(stream=stream)
    with _holder(guarded, usd_per_day=1e-9) as side:
        text = consume(side, stored)
        with pytest.raises(openai.APIStatusError) as error:
            consume(side, chat(stream=stream))
        again = consume(side, stored)

    assert (error.value.status_code, error.value.type) == (402, "insufficient_quota")
    assert again == text


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        (b'{"messages": [', 400, None),
        (b'{"messages": "Hi"}', 400, "messages"),
        (b'{"messages": [{"role": "user", "content": 1}]}', 400, "messages[0].content"),
        (b'{"messages": [{"role": "user", "content": "' + b"a" * 5_242_880 + b'"}]}', 413, None),
    ],
    ids=["no JSON", "no list", "no text", "too large"],
)
def test_a_body_that_breaks_a_rule_is_told_which(server: Server, body: bytes, status: int, param: str | None) -> None:
    answered = server.http.post("/v1/chat/completions", content=body)
    error = answered.json()["error"]

    assert (answered.status_code, error["type"]) == (status, "invalid_request_error")
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["param"] or "").startswith(param or "")
