from sentinel_core.matching.evaluation.orders import in_order, orders_table
from sentinel_core.matching.evaluation.records import Pair, Request
from sentinel_core.matching.evaluation.report import Point, precision_area
from sentinel_core.matching.evaluation.tally import Outcome, Tally, tally
from sentinel_core.matching.evaluation.worth import Worth, worth, worth_table
from sentinel_core.matching.gate import Verdict

PAIR = Pair(source="made", kind="", asked="a", stored="b", same=True)
STREAM = [Request(source="stream", namespace="", kind="", prompt=prompt, answer_id=answer) for prompt, answer in
          (("one", "1"), ("uno", "1"), ("two", "2"))]  # fmt: skip


def test_worth_counts_right_and_wrong_pairs_of_each_rule() -> None:
    judged = {
        ("a", "b"): Verdict(False, 0.1, "numbers", also=("names",)),
        ("one", "uno"): Verdict(False, 0.1, "numbers"),
        ("one", "two"): Verdict(False, 0.1, "numbers"),
        ("one", "unlabelled"): Verdict(False, 0.1, "numbers"),
        ("uno", "two"): Verdict(True, 0.9),
    }
    found = worth([PAIR, *STREAM], judged)
    assert found == [
        Worth("numbers", "made", 1, 0),
        Worth("numbers", "stream", 1, 1),
        Worth("names", "made", 1, 0),
    ]
    assert worth_table(found).splitlines()[1].split() == ["numbers", "2/1", "made", "1/0", "stream", "1/1"]


def test_the_first_order_is_the_one_given_and_others_repeat() -> None:
    assert in_order(STREAM, 0) == STREAM
    assert in_order(STREAM, 3) == in_order(STREAM, 3)
    assert set(in_order(STREAM, 3)) == set(STREAM)


def test_the_table_of_orders_shows_mean_and_spread() -> None:
    right, wrong = (Outcome(hit=True, exact=False, right=is_right, reusable=True) for is_right in (True, False))
    runs = [[(STREAM[0], right), (STREAM[1], right)], [(STREAM[0], right), (STREAM[1], wrong)]]
    _, line = orders_table(runs).splitlines()
    assert "wrong/hit 25.0% (0.0% to 50.0%)" in line
    assert "recall 75.0% (50.0% to 100.0%)" in line


def test_traps_served_are_hits_of_requests_without_a_right_answer() -> None:
    outcomes = [Outcome(hit, exact=False, right=False, reusable=reusable)
                for hit, reusable in ((True, False), (False, False), (True, True))]  # fmt: skip
    assert tally(outcomes).traps_served == 0.5


def test_precision_area_weighs_precision_by_hit_rate() -> None:
    curve = [Point(0.9, Tally(100, 20, 0, 0, 50)), Point(0.8, Tally(100, 40, 0, 20, 50))]
    assert precision_area(curve) == (20 * 1.0 + 20 * 0.75) / 40
    assert precision_area(curve[:1]) is None
