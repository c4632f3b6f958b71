"""Whose answer a caller got, and the sums of all rounds."""

from __future__ import annotations

import pytest

from scripts.benches import abuse
from scripts.benches.crossed import completion, judged, summed
from scripts.benches.report import Row

OWN = b"acme-7-"


@pytest.mark.parametrize(
    ("status", "head", "answer", "outcome"),
    [
        (200, b"sentinel; fwd=miss", completion(OWN), "own"),
        (200, b"sentinel; hit; detail=exact", completion(OWN), "own, stored"),
        (200, b"sentinel; fwd=miss", completion(b"globex-7-"), "crossed"),
        (200, b"sentinel; fwd=miss", completion(b"acme-77-"), "crossed"),
        (200, b"sentinel; fwd=miss", completion(OWN) + completion(b"acme-8-"), "crossed"),
        (200, b"", abuse.STRAY, "crossed"),
        (502, b"", b'{"error": {}}', "errors"),
        (503, b"", completion(b"globex-1-"), "crossed"),
        (200, b"", b'data: {"error": {}}', "errors"),
        (200, b"", b"", "errors"),
    ],
)
def test_an_answer_is_own_or_crossed_or_an_error(status: int, head: bytes, answer: bytes, outcome: str) -> None:
    assert judged(OWN, status, head, answer) == outcome


def test_rounds_add_up_by_way_and_in_all() -> None:
    rows: list[Row] = [{"way": "a", "requests": 2}, {"way": "b", "requests": 3}, {"way": "a", "requests": 4}]

    assert summed(rows) == [{"way": "a", "requests": 6}, {"way": "b", "requests": 3}, {"way": "all", "requests": 9}]
