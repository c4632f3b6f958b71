from __future__ import annotations

from sentinel_core.cache.near_miss import NearMiss
from sentinel_core.cache.scope import Query
from sentinel_core.gateway.near_misses import LONGEST_PROMPT, NearMisses


def near(prompt: str, namespace: str = "ns") -> NearMiss:
    return NearMiss(1.0, Query(namespace, "f", prompt, "d"), "e", 0.7, 0.75, None)


def prompts(noted: NearMisses, namespace: str = "ns") -> list[str]:
    return [each.query.prompt for each in noted.of(namespace)]


def test_the_last_of_each_namespace_are_kept_the_last_first() -> None:
    noted = NearMisses(each=2)
    for prompt in ("one", "two", "three"):
        noted.note(near(prompt))
    noted.note(near("theirs", "other"))

    assert (prompts(noted), prompts(noted, "other"), prompts(noted, "nobody")) == (["three", "two"], ["theirs"], [])


def test_past_so_many_namespaces_the_quietest_is_forgotten() -> None:
    noted = NearMisses(namespaces=2)
    for namespace in ("a", "b", "a", "c"):
        noted.note(near("hi", namespace))

    assert [len(noted.of(namespace)) for namespace in "abc"] == [2, 0, 1]


def test_of_a_long_prompt_its_beginning_is_kept() -> None:
    noted = NearMisses()
    noted.note(near("x" * 10_000))

    assert prompts(noted) == ["x" * LONGEST_PROMPT]
