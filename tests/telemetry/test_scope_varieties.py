from __future__ import annotations

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.decision import Arrived
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.plan import NO_FACTS, Plan, place
from sentinel_core.cache.scope_variety import Sample
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.telemetry.scope_varieties import ScopeVarieties


def test_each_namespace_keeps_its_last_requests() -> None:
    noted = ScopeVarieties(each=2)
    for number in range(3):
        noted.note("ours", Sample({"system": number}))

    assert (noted.of("ours").requests, noted.of("theirs").requests) == (2, 0)
    assert noted.of("ours").parts[0].distinct == 2


def test_the_least_recently_used_namespace_is_evicted() -> None:
    noted = ScopeVarieties(namespaces=2)
    for namespace in ("a", "b", "a", "c"):
        noted.note(namespace, Sample({}))

    assert [noted.of(namespace).requests for namespace in "abc"] == [2, 0, 1]


def _arrived(prompt: str, **params: float) -> Arrived:
    chat = ChatRequest("groq", "small", ({"role": "user", "content": prompt},), params)
    ask = CacheRequest(chat, "ours", deadline=0.0)
    rules = Rules(threshold=0.9, ttl=60.0, stale=0.0, max_temperature=1.0)
    return Arrived(Plan(ask, rules, place(ask, rules), 1.0, False, False), NO_FACTS, place(ask, rules))


def test_a_request_in_a_known_scope_is_sampled_as_a_new_one() -> None:
    noted, fresh = ScopeVarieties(), ScopeVarieties()
    for prompt, params in (("one", {}), ("two", {}), ("two", {"temperature": 0.5}), ("three", {"temperature": 0.5})):
        arrived = _arrived(prompt, **params)
        _, sampled = noted.sampled(arrived)
        _, alone = fresh.sampled(arrived)
        assert sampled is not None
        assert sampled == alone
        noted.note("ours", sampled)

    assert [(part.name, part.distinct) for part in noted.of("ours").parts[:2]] == [("prompt", 3), ("temperature", 2)]
