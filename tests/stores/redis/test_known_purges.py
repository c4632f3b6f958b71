from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Purge
from sentinel_core.chat.messages import Completion
from sentinel_core.stores.redis.known_purges import FIRST, SPARE, PurgeLog, item_of, stamp, text_of

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


class Stream:
    """What Redis keeps of the log: trimmed to a length, without deleted items."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.items: dict[str, Purge] = {}
        self.milliseconds = 0

    def write(self, log: PurgeLog, purge: Purge) -> str:
        """Write as a store does, and let the writer read on; return the stamp of the purge."""
        writing, superfluous = log.room_for(purge)
        self.milliseconds += 1_000
        first = f"{self.milliseconds}-0"
        for number, each in enumerate(writing):
            self.items[f"{self.milliseconds}-{number}"] = each
            if len(self.items) > self.length + SPARE:
                del self.items[next(iter(self.items))]
        for at in superfluous:
            self.items.pop(text_of(at), None)
        self.read(log)
        return first

    def read(self, log: PurgeLog) -> PurgeLog:
        log.learn([[at, item_of(purge)] for at, purge in self.items.items() if stamp(at) > log.last])
        return log


def stored(at: int, *tags: str) -> Entry:
    """An entry made when the server's clock showed this many milliseconds."""
    return replace(ENTRY, created=at / 1000, tags=tags)


def test_a_tenant_that_purges_without_end_purges_only_its_own() -> None:
    stream, writer = Stream(100), PurgeLog(100)
    purged = stream.write(writer, Purge("victim", tag="a"))
    before, after = (stamp(purged)[0] - 1, 0), stamp(purged)
    for number in range(2_000):
        stream.write(writer, Purge("attacker", tag=f"t{number}"))

    for log in (writer, stream.read(PurgeLog(100))):
        assert len(log) <= 100
        assert log.covers(before, "victim", stored(1_000, "a"))
        assert not log.covers(before, "victim", stored(1_000, "b"))
        assert not log.covers(after, "victim", stored(1_001, "a"))
        assert log.covers(after, "attacker", stored(1_001, "t0"))
    assert len(stream.items) <= 100


def test_purges_of_very_many_tenants_are_merged_by_age() -> None:
    stream, writer = Stream(200), PurgeLog(200)
    for number in range(500):
        stream.write(writer, Purge(f"ns{number}", tag="a"))

    for log in (writer, stream.read(PurgeLog(200))):
        assert log.covers(FIRST, "ns0", stored(0, "a"))
        assert not log.covers((450_000, 0), "ns0", stored(2_000_000, "a"))
        assert len(log) <= 200


def test_a_reader_that_was_away_for_a_full_log_trusts_nothing_older() -> None:
    stream = Stream(10)
    away = PurgeLog(10)
    writers = [PurgeLog(10) for _ in range(30)]
    for number, writer in enumerate(writers):  # none of them reads before it writes
        stream.write(writer, Purge(f"ns{number}", tag="a"))
    stream.read(away)

    assert away.covers((1_000, 0), "ns0", stored(900, "a"))
    assert not away.covers(away.last, "ns0", stored(40_000, "a"))


PURGES = st.builds(
    Purge,
    st.sampled_from([None, "a", "b", "c"]),
    st.none(),
    st.sampled_from([None, "x", "y", "z"]),
    st.one_of(st.none(), st.floats(0, 3_000)),
)


@given(st.lists(PURGES, max_size=60), st.integers(4, 30), st.integers(0, 60), st.integers(0, 60))
def test_no_merging_forgets_a_purge(purges: list[Purge], length: int, wrote: int, joined: int) -> None:
    """Compared with a log that keeps all; one reader is warm, one joins in between, one at the end."""
    stream, writer, complete, late = Stream(length), PurgeLog(length), PurgeLog(10_000), PurgeLog(length)
    for number, purge in enumerate(purges):
        at = stream.write(writer, purge)
        complete.learn([[at, item_of(purge)]])
        if number >= joined:
            stream.read(late)
    written = 1_000 * wrote, 0
    for namespace, tag in product("abc", "xyz"):
        entry = stored(1_000 * wrote, tag)
        if complete.covers(written, namespace, entry):
            assert writer.covers(written, namespace, entry)
            assert late.covers(written, namespace, entry) or not len(purges) > joined
            assert stream.read(PurgeLog(length)).covers(written, namespace, entry)


OLD, NEW = replace(ENTRY, tags=("d", "d@1")), replace(ENTRY, tags=("d", "d@2"))
CHANGE = Purge("ns", tag="d", keeps="d@2")


def test_a_new_version_covers_older_ones_whenever_they_are_written() -> None:
    known = log(("5-0", CHANGE))
    for written in [FIRST, (5, 0), (9, 0)]:
        assert known.covers(written, "ns", OLD)
        assert known.covers(written, "ns", replace(ENTRY, tags=("d",)))
        assert not known.covers(written, "ns", NEW)
        assert not known.covers(written, "ns", ENTRY)
        assert not known.covers(written, "other", OLD)


def test_the_version_that_was_named_last_is_the_newest() -> None:
    known = log(("5-0", CHANGE), ("6-0", replace(CHANGE, keeps="d@3")), ("7-0", replace(CHANGE, keeps="d@1")))
    assert (known.covers(FIRST, "ns", OLD), known.covers(FIRST, "ns", NEW), len(known)) == (False, True, 1)
    assert known.room_for(CHANGE) == ([CHANGE], [(7, 0), (5, 0), (6, 0)])


def test_a_purge_of_all_leaves_the_newest_version_known() -> None:
    known = log(("5-0", CHANGE), ("6-0", Purge("ns")), ("7-0", Purge()))
    assert known.covers((8, 0), "ns", OLD)
    assert not known.covers((8, 0), "ns", NEW)


def test_versions_make_room_in_a_full_log() -> None:
    known = PurgeLog(10)
    for number in range(30):
        written, gone = known.room_for(Purge("ns", tag=f"{number}", keeps=f"{number}@1"))
        assert len(written) + len(known) - len(gone) <= 10 + SPARE
        known.learn(items(*((f"{2_000_000 * (number + 1)}-{place}", each) for place, each in enumerate(written))))
    assert len(known) <= 10
    assert known.covers(FIRST, "ns", replace(ENTRY, tags=("29", "29@0")))
