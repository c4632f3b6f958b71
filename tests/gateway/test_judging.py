from collections.abc import Iterator

from sentinel_core.gateway.judging import JUDGE_SECONDS, JUDGED_ON_LOOP, are_long, in_time
from tests.support.fakes import FakeClock


def test_no_further_candidate_is_judged_after_the_time() -> None:
    clock = FakeClock()

    def judged() -> Iterator[int]:
        for candidate in range(4):
            clock.advance(JUDGE_SECONDS * 0.6)
            yield candidate

    assert list(in_time(judged(), clock)) == [0, 1]


def test_all_candidates_are_judged_within_the_time() -> None:
    assert list(in_time(iter(range(4)), FakeClock())) == [0, 1, 2, 3]


def test_a_long_prompt_or_neighbour_leaves_the_event_loop() -> None:
    short, long = "x" * JUDGED_ON_LOOP, "x" * (JUDGED_ON_LOOP + 1)
    assert [are_long(short, [short]), are_long(long, []), are_long(short, [long])] == [False, True, True]
