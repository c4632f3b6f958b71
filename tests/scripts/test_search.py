from __future__ import annotations

import math

import pytest

from scripts.benches.search import Found, Seen, Share, progress


def seen(case: int, milliseconds: float, step: str = "gate", error: str = "") -> Seen:
    return Seen(case, step, milliseconds, "a text", error=error)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_processes_share_all_cases_and_each_repeats_alone(processes: int) -> None:
    shares = [Share(7, 10 + at, 20 - at, processes, math.inf) for at in range(processes)]
    drawn = {case: chance.random() for share in shares for case, chance in share.cases()}

    assert sorted(drawn) == list(range(10, 30))
    assert [(case, chance.random()) for case, chance in Share(7, 23, 1, 1, math.inf).cases()] == [(23, drawn[23])]


def test_no_case_begins_after_the_time() -> None:
    assert list(Share(7, 0, 20, 1, 0.0).cases()) == []


def test_reports_join_to_the_worst_and_all_errors() -> None:
    found, other = Found(cases=2), Found(cases=3)
    for each in (seen(1, 5.0), seen(2, 21.0), seen(3, 1.0, "digest")):
        found.add(each)
    for each in (seen(4, 30.0), seen(5, 0.0, error="ValueError()")):
        other.add(each)
    assert not Found(cases=1, worst=dict(found.worst), too_long=[*found.too_long]).is_good
    found.join(other)

    assert found == Found(
        cases=5,
        worst={"gate": seen(4, 30.0), "digest": seen(3, 1.0, "digest")},
        too_long=[seen(2, 21.0), seen(4, 30.0)],
        errors=[seen(5, 0.0, error="ValueError()")],
    )
    assert found.by_length() == [seen(4, 30.0), seen(3, 1.0, "digest")]
    assert progress(found, 10, 2.0) == ("5 of 10, 2.5/s, 2 s left, 1 errors; 30.0 of 20 ms, case 4: gate: a text")
