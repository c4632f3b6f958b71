from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Purge
from sentinel_core.chat.messages import Completion
from sentinel_core.stores.redis.purge_log import FIRST, PurgeLog, item_of, stamp, text_of

COMPLETION = Completion(provider="p", model="m", message={"role": "assistant", "content": "4"}, finish_reason="stop")
ENTRY = Entry("2+2?", COMPLETION, created=1.0, ttl=60.0, tags=("a", "b"))


def items(*purges: tuple[str, Purge]) -> list[list[object]]:
    return [[at, item_of(purge)] for at, purge in purges]


def log(*purges: tuple[str, Purge], length: int = 10) -> PurgeLog:
    log = PurgeLog(length)
    log.learn(items(*purges))
    return log


def test_without_purges_nothing_is_purged() -> None:
    assert not PurgeLog().covers(FIRST, "ns", ENTRY)


@pytest.mark.parametrize(
    "purge", [Purge(), Purge("ns"), Purge("ns", model="m"), Purge("ns", tag="a"), Purge("ns", tag="b")]
)
def test_a_purge_covers_what_was_written_before_it(purge: Purge) -> None:
    known = log(("5-1", purge))
    assert known.covers((5, 0), "ns", ENTRY)
    assert not known.covers((5, 1), "ns", ENTRY)
    assert not known.covers((6, 0), "ns", ENTRY)


@pytest.mark.parametrize("purge", [Purge("other"), Purge("ns", model="n"), Purge("ns", tag="c"), Purge("o", tag="a")])
def test_a_purge_of_something_else_covers_nothing(purge: Purge) -> None:
    assert not log(("5-1", purge)).covers(FIRST, "ns", ENTRY)


def test_the_later_of_two_equal_purges_counts() -> None:
    assert log(("5-0", Purge("ns")), ("9-0", Purge("ns"))).covers((7, 0), "ns", ENTRY)


@pytest.mark.parametrize("where", [Purge(), Purge("ns"), Purge("ns", model="m"), Purge("ns", tag="b")])
def test_a_purge_by_age_covers_what_was_created_before(where: Purge) -> None:
    known = log(("5-0", replace(where, before=1.5)))
    assert known.covers((4, 0), "ns", ENTRY)
    assert not known.covers((5, 0), "ns", ENTRY)
    assert not known.covers((4, 0), "ns", replace(ENTRY, created=1.5))
    assert known.start_of("ns") == FIRST


def test_of_purges_by_age_the_one_that_reaches_farthest_counts() -> None:
    known = log(
        *(("5-0", Purge("ns", before=9.0)), ("6-0", Purge("ns", before=3.0)), ("7-0", Purge("ns", before=6.0))),
    )
    created = {(4, 0): 8.9, (5, 0): 5.9, (6, 0): 5.9}
    for written, before in created.items():
        assert known.covers(written, "ns", replace(ENTRY, created=before))
        assert not known.covers(written, "ns", replace(ENTRY, created=before + 0.1))
    assert not known.covers((7, 0), "ns", ENTRY)


def test_a_whole_purge_reaches_farther_than_any_by_age() -> None:
    known = log(("5-0", Purge("ns", before=9.0)), ("6-0", Purge("ns")), ("7-0", Purge("ns", before=0.5)))
    assert known.covers((5, 0), "ns", replace(ENTRY, created=99.0))
    assert known.start_of("ns") == (6, 0)
    assert not known.covers((6, 0), "ns", ENTRY)


@pytest.mark.parametrize("rubbish", ["", "soon", "nan", "inf"])
def test_a_purge_before_no_time_is_refused(rubbish: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PurgeLog().learn([["5-0", ["purge", "1", "before", rubbish]]])


@pytest.mark.parametrize("fields", [["d", "digest", "v", "", "x", "9"], ["namespace", "ns"], []])
def test_an_item_of_another_stream_is_no_purge_of_everything(fields: list[str]) -> None:
    known = PurgeLog()
    with pytest.raises((ValueError, IndexError)):
        known.learn([["5-0", fields]])
    assert (known.last, known.covers(FIRST, "ns", ENTRY)) == (FIRST, False)


def test_learning_twice_changes_nothing() -> None:
    known = log(("5-0", Purge("x")), ("6-0", Purge("y")), length=2)
    known.learn(items(("6-0", Purge("y"))))
    assert known.last == (6, 0)
    assert not known.covers((5, 0), "ns", ENTRY)


def test_what_a_full_log_may_have_forgotten_counts_as_purged() -> None:
    assert not log(("5-0", Purge("x")), length=2).covers((4, 0), "ns", ENTRY)
    full = log(("5-0", Purge("x")), ("6-0", Purge("y")), length=2)
    assert full.covers((4, 0), "ns", ENTRY)
    assert not full.covers((5, 0), "ns", ENTRY)


def test_the_start_of_a_namespace_is_its_last_whole_purge() -> None:
    known = log(("5-0", Purge()), ("6-0", Purge("ns")), ("7-0", Purge("ns", tag="a")))
    assert (known.start_of("ns"), known.start_of("other")) == ((6, 0), (5, 0))


def test_stamps_are_ordered_by_number_not_by_letter() -> None:
    assert stamp("9-10") > stamp("9-9") > stamp("8-100")
    assert text_of(stamp("12-3")) == "12-3"


@pytest.mark.parametrize("rubbish", [None, 5, "", "x-1", "5"])
def test_what_is_no_stamp_is_refused(rubbish: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        stamp(rubbish)
