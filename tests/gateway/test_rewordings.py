from __future__ import annotations

import numpy as np
import pytest

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Candidate, Vector
from sentinel_core.cache.purge import Purge
from sentinel_core.cache.scope import Query
from sentinel_core.cache.verdict import Verdict
from sentinel_core.gateway.rewordings import LONGEST_PROMPT, MOST_VERDICTS, Rewordings
from tests.support.fakes import completion

VECTOR: Vector = np.ones(384, np.float32)


def asked(prompt: str, namespace: str = "ns", fingerprint: str = "f") -> Query:
    return Query(namespace, fingerprint, prompt, prompt)


def kept(memory: Rewordings, *queries: Query) -> list[bool]:
    return [memory.get(query) is not None for query in queries]


def test_a_prompt_is_known_in_its_own_scope_only() -> None:
    memory = Rewordings()
    memory.note(asked("hi"), VECTOR)
    others = asked("hi", "theirs"), asked("hi", fingerprint="g"), Query("ns", "f", "HI", "hi")
    assert kept(memory, asked("hi"), *others) == [True, False, False, False]


@pytest.mark.parametrize(("length", "is_kept"), [(LONGEST_PROMPT, True), (LONGEST_PROMPT + 1, False)])
def test_a_prompt_above_the_longest_is_not_kept(length: int, is_kept: bool) -> None:
    memory = Rewordings()
    memory.note(asked("a" * length), VECTOR)
    assert (kept(memory, asked("a" * length)), len(memory)) == ([is_kept], int(is_kept))


def test_the_largest_namespace_loses_its_least_recently_used() -> None:
    memory = Rewordings(most=3)
    for query in (asked("a"), asked("b"), asked("theirs", "small")):
        memory.note(query, VECTOR)
    memory.get(asked("a"))
    memory.note(asked("c"), VECTOR)
    assert kept(memory, *map(asked, "abc"), asked("theirs", "small")) == [True, False, True, True]
    assert len(memory) == 3


def test_an_erasure_forgets_its_namespace() -> None:
    memory = Rewordings()
    for namespace in "ab":
        memory.note(asked("hi", namespace), VECTOR)
    memory.erase(Purge("a", author="x"))
    assert (kept(memory, asked("hi", "a"), asked("hi", "b")), len(memory)) == ([False, True], 1)
    memory.erase(Purge(key="k"))
    assert len(memory) == 0


def test_verdicts_are_those_of_one_pair_and_bounded() -> None:
    memory, verdict = Rewordings(), Verdict(True, 0.9)
    memory.note(asked("hi"), VECTOR)
    known = memory.get(asked("hi"))
    assert known is not None
    near = Candidate(Entry("hello", completion(), 0.0, 1.0), 0.8)
    known.note(near, 0.7, 0.5, verdict)
    found = [known.verdict(near, *key) for key in ((0.7, 0.5), (0.71, 0.5), (0.7, 0.51))]
    assert found == [verdict, None, None]
    for step in range(MOST_VERDICTS):
        known.note(near, step, 0.5, verdict)
    assert (known.verdict(near, 0.7, 0.5), len(known.verdicts)) == (None, MOST_VERDICTS)
