"""Owners take turns, whatever the number of their items."""

from __future__ import annotations

from contextvars import copy_context

from sentinel_core.support.turns import OWNER, Turns


def put(turns: Turns[str], owner: str, *items: str) -> None:
    def run() -> None:
        OWNER.set(owner)
        for item in items:
            turns.put(item)

    copy_context().run(run)


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
