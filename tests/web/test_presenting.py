from __future__ import annotations

import json

import pytest

from sentinel_core.cache.answer import NO_USAGE, Answer
from sentinel_core.cache.outcome import Bypass, BypassReason, Hit, HitKind, Miss, Outcome, Stale
from sentinel_core.cache.storing import Unstorable
from sentinel_core.chat.messages import Json
from sentinel_core.telemetry.records import Answered
from sentinel_core.tenants.limit_plan import RateState
from sentinel_core.web.presenting import LARGE, AnswerView, rate_headers
from sentinel_core.web.routes.chat_schema import SentinelFields
from sentinel_core.web.routes.query import QueryResponse
from tests.support.fakes import USAGE, completion

HIT = Answer(
    completion(), Hit(HitKind.SEMANTIC, 0.97, 12.5), NO_USAGE, 0.0, 0.25, "hi", timings={"store": 0.5, "embed": 2.0}
)


@pytest.mark.parametrize(
    "outcome", [HIT.outcome, Stale(HitKind.EXACT, 1.0, 1.0), Miss(), Bypass(BypassReason.NO_CACHE)]
)
def test_the_fields_of_every_outcome_equal_their_models(outcome: Outcome) -> None:
    view = AnswerView(Answer(completion(), outcome, NO_USAGE, 0.0, 0.25))
    query, chat = view.query_fields(1.0), view.chat_fields()

    assert set(query) == set(QueryResponse.model_fields)
    assert set(chat) == set(SentinelFields.model_fields)
    assert QueryResponse.model_validate(query, strict=True).model_dump() == query
    assert SentinelFields.model_validate(chat, strict=True).model_dump() == chat


@pytest.mark.parametrize(
    ("text", "arguments", "is_large"), [("a" * LARGE, "", False), ("a" * LARGE, "b", True), (None, "b" * LARGE, False)]
)
def test_texts_and_arguments_make_an_answer_large(text: str | None, arguments: str, is_large: bool) -> None:
    calls: Json = [{"id": "a", "type": "function", "function": {"name": "f", "arguments": arguments}}]
    view = AnswerView(Answer(completion(text, tool_calls=calls), Miss(), NO_USAGE, 0.0, 0.25))

    assert view.is_large == is_large


def test_rate_headers_show_the_limit_with_the_least_left() -> None:
    five, four = RateState("requests", 9, 5, 60.0), RateState("requests", 9, 4, 30.0)
    states: list[list[RateState]] = [[five], [], [RateState("tokens", 99, 0, 1.5), four]]

    assert rate_headers(states) == [
        (b"x-ratelimit-limit-requests", b"9"),
        (b"x-ratelimit-remaining-requests", b"4"),
        (b"x-ratelimit-reset-requests", b"30.000s"),
        (b"x-ratelimit-limit-tokens", b"99"),
        (b"x-ratelimit-remaining-tokens", b"0"),
        (b"x-ratelimit-reset-tokens", b"1.500s"),
    ]


def test_body_log_and_headers_state_the_same_facts() -> None:
    view = AnswerView(HIT)
    query, chat, facts = view.query_fields(3.5), view.chat_fields(), view.facts(route="/v1/query", latency_ms=3.5)
    headers = view.headers(3.5)

    assert query["outcome"] == chat["outcome"] == facts.outcome == "hit_semantic"
    assert query["reason"] == chat["reason"] == facts.detail == "semantic"
    assert (
        query["similarity_score"] == chat["similarity"] == facts.similarity == float(headers["x-sentinel-similarity"])
    )
    assert query["age_seconds"] == chat["age_seconds"] == int(headers["age"]) == 12
    assert chat["avoided_tokens"] == facts.avoided_tokens == 12


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        (
            Answer(completion(), Miss(), NO_USAGE, None, None, timings={"store": 0.1234, "provider": 1000.0}),
            {
                "cache-status": "sentinel; fwd=miss; stored",
                "server-timing": "store;dur=0.123, provider;dur=1000.000, total;dur=3.500",
            },
        ),
        (
            Answer(completion(), Hit(HitKind.SEMANTIC, 0.96666, 59.99), NO_USAGE, 0.0, None),
            {
                "cache-status": "sentinel; hit; detail=semantic",
                "server-timing": "total;dur=3.500",
                "age": "59",
                "x-sentinel-similarity": "0.9667",
            },
        ),
        (
            Answer(completion(), Stale(HitKind.EXACT, 1.0, 120.0), NO_USAGE, 0.0, None),
            {
                "cache-status": "sentinel; fwd=stale; detail=exact",
                "server-timing": "total;dur=3.500",
                "age": "120",
                "x-sentinel-similarity": "1.0000",
            },
        ),
    ],
)
def test_the_headers_state_the_outcome(answer: Answer, written: dict[str, str]) -> None:
    assert AnswerView(answer).headers(3.5) == written


def test_the_facts_of_a_hit_are_gathered() -> None:
    assert AnswerView(HIT).facts(route="/v1/query", latency_ms=3.5, request_id="abc") == Answered(
        route="/v1/query", outcome="hit_semantic", status=200, latency_ms=3.5, detail="semantic", provider="fake",
        model="small", prompt_tokens=0, completion_tokens=0, avoided_tokens=12, cost_usd=0.0, saved_usd=0.25,
        similarity=0.97, unstored=None, collapsed=False, timings_ms={"store": 0.5, "embed": 2.0}, request_id="abc",
    )  # fmt: skip


def test_the_facts_of_a_miss_are_gathered() -> None:
    answer = Answer(completion(), Miss(), USAGE, None, 0.0, unstorable=Unstorable.TRUNCATED)

    assert AnswerView(answer).facts(route="/v1/query", latency_ms=3.5) == Answered(
        route="/v1/query", outcome="miss", status=200, latency_ms=3.5, provider="fake", model="small",
        prompt_tokens=7, completion_tokens=5, cost_usd=None, saved_usd=0.0, unstored="truncated",
    )  # fmt: skip


def test_one_who_joined_anothers_call_avoided_its_tokens() -> None:
    answer = Answer(completion(), Miss(), NO_USAGE, 0.0, 0.25, collapsed=True)
    facts = AnswerView(answer).facts(route="/v1/query", latency_ms=3.5)

    assert (facts.prompt_tokens, facts.avoided_tokens, facts.collapsed) == (0, 12, True)


def test_tokens_that_are_not_known_are_not_avoided() -> None:
    answer = Answer(completion(usage=None), Hit(HitKind.EXACT, 1.0, 0.0), NO_USAGE, 0.0, None)

    assert AnswerView(answer).facts(route="/v1/query", latency_ms=1.0).avoided_tokens == 0


def test_the_facts_have_neither_prompt_nor_answer() -> None:
    answer = Answer(completion("secret answer"), Bypass(BypassReason.NO_CACHE), USAGE, 0.25, 0.0, "secret prompt")

    assert "secret" not in json.dumps(AnswerView(answer).facts(route="/v1/query", latency_ms=1.0))
