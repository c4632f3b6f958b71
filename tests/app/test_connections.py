"""Which connection a full server closes."""

from __future__ import annotations

import pytest

from sentinel_core.app.connections import Connections, State


class Fake:
    def __init__(self, name: str, evicted: list[str]) -> None:
        self.name = name
        self.evicted = evicted

    def evict(self) -> None:
        self.evicted.append(self.name)


def test_connections_that_cost_least_make_room_first_and_the_oldest_of_them() -> None:
    evicted: list[str] = []
    registry = Connections(6)
    for state in reversed(State):
        fake = Fake(state.name, evicted)
        registry.admit(fake)
        registry.move(fake, state)
    registry.admit(second := Fake("second idle", evicted))
    registry.move(second, State.IDLE)

    admitted = []
    for _ in range(6):
        admitted.append(registry.admit(newest := Fake("newest", evicted)))
        registry.move(newest, State.ANSWERING)

    assert evicted == ["NEW", "STALLED", "RECEIVING", "IDLE", "second idle"]
    assert admitted == [True] * 5 + [False]
    assert len(registry) == 6


@pytest.mark.parametrize(("count", "is_nearly_full"), [(8, False), (9, True), (10, True)])
def test_a_registry_is_nearly_full_from_nine_tenths_on(count: int, is_nearly_full: bool) -> None:
    registry = Connections(10)
    for number in range(count):
        registry.admit(Fake(str(number), []))
    assert registry.is_nearly_full is is_nearly_full


def test_forgotten_connections_leave_nothing_behind() -> None:
    registry = Connections(2)
    for number in range(100):
        fake = Fake(str(number), [])
        registry.admit(fake)
        registry.move(fake, State.ANSWERING)
        registry.forget(fake)
        registry.forget(fake)
    assert len(registry) == 0
