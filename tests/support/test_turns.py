"""Owners take turns, whatever the number of their items."""

from __future__ import annotations

from contextvars import copy_context

from sentinel_core.support.turns import OWNER, Lanes, Turns


def put(turns: Turns[str] | Lanes[str], owner: str, *items: str) -> list[bool | None]:
    def run() -> list[bool | None]:
        OWNER.set(owner)
        return [turns.put(item) for item in items]

    return copy_context().run(run)


def test_each_waiting_owner_gets_one_item_in_turn() -> None:
    turns: Turns[str] = Turns()
    put(turns, "a", "a1", "a2", "a3", "a4")
    put(turns, "b", "b1")
    put(turns, "c", "c1", "c2")
    first = [turns.take() for _ in range(4)]
    put(turns, "b", "b2")
    rest = [turns.take() for _ in range(5)]

    assert first == ["a1", "b1", "c1", "a2"]
    assert rest == ["c2", "a3", "b2", "a4", None]
    assert (len(turns), turns._items) == (0, {})


def test_items_of_one_owner_may_be_taken() -> None:
    turns: Turns[str] = Turns()
    put(turns, "a", "a1", "a2")
    put(turns, "b", "b1")

    assert [turns.take("b"), turns.take("b"), turns.take("a"), turns.take(), turns.take()] == [
        "b1",
        None,
        "a1",
        "a2",
        None,
    ]


def test_lanes_give_each_owner_one_item_at_a_time() -> None:
    lanes: Lanes[str] = Lanes()
    assert put(lanes, "a", "a1", "a2") == [True, True]
    put(lanes, "b", "b1", "b2")
    assert [lanes.take() for _ in range(3)] == [("a", "a1"), ("b", "b1"), None]

    assert put(lanes, "a", "a3") == [False]
    lanes.done("b")
    lanes.done("a")
    assert [lanes.take() for _ in range(3)] == [("a", "a2"), ("b", "b2"), None]
    lanes.done("a")
    lanes.done("b")
    assert lanes.take() == ("a", "a3")
    lanes.done("a")
    assert (lanes.take(), lanes._items, lanes._served) == (None, {}, set())
