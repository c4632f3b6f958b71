from __future__ import annotations

from sentinel_core.support.fair_map import FairMap


def held(of: FairMap[str, int], *keys: str) -> list[int | None]:
    return [of.peek(key[0], key) for key in keys]


def filled(most: int, *keys: str) -> FairMap[str, int]:
    found: FairMap[str, int] = FairMap(most)
    for number, key in enumerate(keys):
        found.put(key[0], key, number)
    return found


def test_the_owner_that_holds_most_loses_its_oldest_key() -> None:
    found = filled(3, "a1", "b1", "b2", "a2", "a3")

    assert (held(found, "a1", "a2", "a3", "b1", "b2"), len(found)) == ([None, None, 4, 1, 2], 3)


def test_a_used_key_outlives_an_older_use() -> None:
    found = filled(2, "a1", "a2")
    found.use("a", "a1")
    found.put("a", "a3", 9)

    assert held(found, "a1", "a2", "a3") == [0, None, 9]


def test_a_dropped_owner_holds_nothing() -> None:
    found = filled(9, "a1", "a2", "b1")
    found.drop("a")

    assert (held(found, "a1", "b1"), "a" in found, "b" in found, len(found)) == ([None, 2], False, True, 1)


def test_all_owners_can_be_dropped() -> None:
    found = filled(9, "a1", "b1")
    found.drop(None)

    assert (len(found), "a" in found) == (0, False)


def test_a_map_for_nothing_keeps_nothing() -> None:
    assert len(filled(0, "a1")) == 0
