import pytest

from sentinel_core.matching.evaluation.tally import Outcome, area, tally, wilson


def test_a_tally_counts_what_was_served_and_what_could_have_been() -> None:
    exact = Outcome(hit=True, exact=True, right=True, reusable=True)
    right = Outcome(hit=True, exact=False, right=True, reusable=True)
    wrong = Outcome(hit=True, exact=False, right=False, reusable=True)
    missed = Outcome(hit=False, exact=False, right=False, reusable=True)
    found = tally([exact, right, wrong, missed])
    assert (found.requests, found.hits, found.exact, found.wrong, found.reusable) == (4, 3, 1, 1, 4)
    assert (found.beyond_exact, found.wrong_per_hit, found.recall) == (2, 1 / 3, 0.5)


def test_without_hits_there_is_no_share_of_them() -> None:
    found = tally([])
    assert (found.wrong_per_hit, found.recall, found.interval) == (None, None, None)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 100, 0.0018, 0.0545), (50, 100, 0.4038, 0.5962)],
)
def test_the_interval_is_wilsons(successes: int, trials: int, low: float, high: float) -> None:
    # Values from Newcombe 1998, method 3, and the usual calculators.
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1], [0.9], 0.0),
        ([0.5], [0.5], 0.5),
        ([0.9, 0.3, 0.5], [0.4, 0.5], 3.5 / 6),
        ([], [0.5], None),
        ([0.5], [], None),
    ],
)
def test_the_area_is_how_often_right_ranks_above_wrong(
    right: list[float], wrong: list[float], expected: float | None
) -> None:
    assert area(right, wrong) == expected


def test_what_was_not_compared_has_no_rank() -> None:
    def pair(likelihood: float | None, same: bool) -> Outcome:
        return Outcome(hit=False, exact=False, right=False, reusable=same, likelihood=likelihood)

    assert (
        tally([pair(0.9, same=True), pair(None, same=True), pair(0.2, same=False), pair(None, same=False)]).auc == 1.0
    )
