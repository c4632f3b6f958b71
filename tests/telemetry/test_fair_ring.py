from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.telemetry.fair_ring import FairRing


def test_a_ring_returns_the_latest_items_first() -> None:
    ring: FairRing[str] = FairRing(10)
    numbers = [ring.add(owner, item) for owner, item in (("a", "1"), ("b", "2"), ("a", "3"))]

    assert numbers == [1, 2, 3]
    assert ring.latest() == [(3, "3"), (2, "2"), (1, "1")]
    assert ring.latest("a") == [(3, "3"), (1, "1")]
    assert ring.latest("nobody") == []


def test_a_busy_owner_keeps_a_quiet_owners_items() -> None:
    ring: FairRing[int] = FairRing(10)
    for item in range(3):
        ring.add("quiet", item)
    for item in range(1_000):
        ring.add("busy", item)

    assert [item for _, item in ring.latest("quiet")] == [2, 1, 0]
    assert [item for _, item in ring.latest("busy")] == list(range(999, 992, -1))


def test_a_new_owner_displaces_the_owner_with_the_most_items() -> None:
    ring: FairRing[int] = FairRing(4)
    for item in range(4):
        ring.add("busy", item)
    ring.add("new", 9)

    assert (ring.latest("new"), [item for _, item in ring.latest("busy")]) == ([(5, 9)], [3, 2, 1])


def test_removed_items_leave_their_room_to_others() -> None:
    ring: FairRing[int] = FairRing(3)
    for owner, item in (("a", 1), ("a", 2), ("b", 3)):
        ring.add(owner, item)
    ring.remove(lambda item: item != 2)
    ring.add("b", 4)

    assert (len(ring), ring.latest()) == (2, [(4, 4), (2, 2)])


@given(st.integers(1, 12), st.lists(st.integers(0, 6), max_size=120))
def test_a_ring_never_exceeds_its_size_nor_starves_an_owner(most: int, owners: list[int]) -> None:
    ring: FairRing[int] = FairRing(most)
    for number, owner in enumerate(owners):
        ring.add(str(owner), number)

    latest = ring.latest()
    assert len(ring) == len(latest) == min(most, len(owners))
    assert all(ring.latest(str(owner)) for owner in owners[-1:])


class Plain:
    """The rule of the ring, said as plainly as possible."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held: dict[str, list[int]] = {}

    def add(self, owner: str, item: int) -> None:
        if sum(map(len, self.held.values())) == self.most:
            own = self.held.get(owner, [])
            owners = len({*self.held, owner})
            loser = owner if len(own) * owners >= self.most else max(self.held, key=lambda each: len(self.held[each]))
            self.held[loser].pop(0)
            self.held = {each: items for each, items in self.held.items() if items or each == owner}
        self.held.setdefault(owner, []).append(item)


@given(st.integers(1, 12), st.lists(st.integers(0, 6), max_size=120))
def test_each_owner_holds_as_many_items_as_the_plain_rule_leaves(most: int, owners: list[int]) -> None:
    ring: FairRing[int] = FairRing(most)
    plain = Plain(most)
    for number, owner in enumerate(owners):
        ring.add(str(owner), number)
        plain.add(str(owner), number)

    counts = sorted(len(items) for items in plain.held.values() if items)
    assert sorted(len(ring.latest(str(owner))) for owner in set(owners) if ring.latest(str(owner))) == counts
