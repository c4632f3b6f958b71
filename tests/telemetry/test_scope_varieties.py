from __future__ import annotations

from sentinel_core.cache.scope_variety import Sample
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
