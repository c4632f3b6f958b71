from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from sentinel_core.cache.events import Alert
from sentinel_core.errors import AlertError, StoreError
from sentinel_core.telemetry import alerts
from sentinel_core.telemetry.alert_delivery import AlertDelivery
from sentinel_core.telemetry.alert_retries import PAUSES
from tests.support.fakes import FakeClock, NotedEvents

pytestmark = pytest.mark.anyio

DOWN = AlertError("answered 500")
PROVIDER, STORE = alerts.of_provider("groq", 900.0), alerts.of_store(900.0)


@dataclass
class Line:
    """A receiver that fails as the script says, and hangs at None."""

    script: deque[AlertError | None] = field(default_factory=deque)
    sent: list[str] = field(default_factory=list)
    called: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def have(self, calls: int) -> list[str]:
        """Wait until as many were begun."""
        async with asyncio.timeout(10), self.called:
            await self.called.wait_for(lambda: len(self.sent) >= calls)
        return self.sent

    async def send(self, alert: Alert) -> None:
        async with self.called:
            self.sent.append(alert.id)
            self.called.notify_all()
        if self.script:
            error = self.script.popleft()
            if error is None:
                await asyncio.Event().wait()
            else:
                raise error


@dataclass
class Claimed:
    """`Claims` of instances that share a store which can be taken away."""

    ids: dict[str, object] = field(default_factory=dict)
    is_down: bool = False

    def of(self, instance: object) -> InstanceClaims:
        return InstanceClaims(self, instance)


@dataclass
class InstanceClaims:
    shared: Claimed
    instance: object

    async def claim(self, alert: Alert) -> bool:
        if self.shared.is_down:
            raise StoreError("down")
        return self.shared.ids.setdefault(alert.id, self.instance) is self.instance


@dataclass
class Made:
    outbox: AlertDelivery
    events: NotedEvents

    @property
    def noted(self) -> list[str]:
        return [alert.id for alert in self.events.raised]


def outbox(
    clock: FakeClock,
    line: Line | None,
    claimed: Claimed | None = None,
    *,
    has_background: bool = False,
    pauses: Sequence[float] = PAUSES,
) -> Made:
    events = NotedEvents()
    claims = None if claimed is None else claimed.of(events)
    box = AlertDelivery(
        claims=claims,
        send=None if line is None else line.send,
        events=events,
        clock=clock,
        has_background=has_background,
        pauses=pauses,
        seconds=0.3,
    )
    return Made(box, events)


async def test_an_event_is_told_once_however_often_it_is_noticed(clock: FakeClock) -> None:
    line = Line()
    made = outbox(clock, line)
    for _ in range(3):
        made.outbox.add(PROVIDER)
        await made.outbox.deliver(within=1.0)

    assert (line.sent, made.noted) == ([PROVIDER.id], [PROVIDER.id])


async def test_one_instance_tells_it_for_all(clock: FakeClock) -> None:
    line, claimed = Line(), Claimed()
    instances = [outbox(clock, line, claimed) for _ in range(4)]
    for made in instances:
        made.outbox.add(PROVIDER)
        await made.outbox.deliver(within=1.0)

    assert line.sent == [PROVIDER.id]
    assert sorted(made.noted for made in instances) == [[], [], [], [PROVIDER.id]]


async def test_while_the_store_is_away_an_event_waits_rather_than_be_told_twice(clock: FakeClock) -> None:
    line, claimed = Line(), Claimed(is_down=True)
    made = outbox(clock, line, claimed)
    made.outbox.add(PROVIDER)
    for _ in range(len(PAUSES) + 3):
        await made.outbox.deliver(within=1.0)
        clock.advance(max(PAUSES))
    assert (line.sent, made.noted) == ([], [])

    claimed.is_down = False
    await made.outbox.deliver(within=1.0)
    assert (line.sent, made.noted) == ([PROVIDER.id], [PROVIDER.id])


async def test_that_the_store_is_away_is_told_without_it(clock: FakeClock) -> None:
    line = Line()
    made = outbox(clock, line, Claimed(is_down=True))
    made.outbox.add(STORE)
    await made.outbox.deliver(within=1.0)

    assert (line.sent, made.noted) == ([STORE.id], [STORE.id])


async def test_what_did_not_arrive_is_sent_again_after_a_pause_that_grows(clock: FakeClock) -> None:
    line = Line(deque([DOWN, None, DOWN]))
    made = outbox(clock, line)
    made.outbox.add(PROVIDER)
    attempts = []
    for _ in range(30):
        await made.outbox.deliver(within=1.0)
        attempts.append(len(line.sent))
        clock.advance(1.0)

    assert attempts == [1, *[2] * 4, *[3] * 16, *[4] * 9]
    assert made.noted == [PROVIDER.id]


async def test_it_is_given_up_after_the_last_pause(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "sentinel")
    line = Line(deque([DOWN] * 100))
    made = outbox(clock, line)
    made.outbox.add(PROVIDER)
    for _ in range(20):
        await made.outbox.deliver(within=1.0)
        clock.advance(max(PAUSES))

    assert len(line.sent) == len(PAUSES) + 1
    assert [record.message for record in caplog.records] == [
        "alert.raised",
        *["alert.late"] * len(PAUSES),
        "alert.lost",
    ]


async def test_what_is_refused_for_good_is_not_sent_again(clock: FakeClock) -> None:
    line = Line(deque([AlertError("answered 404", retryable=False)]))
    made = outbox(clock, line)
    made.outbox.add(PROVIDER)
    for _ in range(3):
        await made.outbox.deliver(within=1.0)
        clock.advance(max(PAUSES))

    assert line.sent == [PROVIDER.id]


async def test_a_receiver_that_hangs_holds_nobody_longer_than_allowed(clock: FakeClock) -> None:
    line = Line(deque([None, None]))
    made = outbox(clock, line)
    made.outbox.add(PROVIDER)
    made.outbox.add(STORE)
    async with asyncio.timeout(30):
        await made.outbox.deliver(within=0.01)

    assert line.sent == [PROVIDER.id, STORE.id]  # both at once


async def test_without_time_nothing_is_begun(clock: FakeClock) -> None:
    line = Line()
    made = outbox(clock, line)
    made.outbox.add(PROVIDER)
    await made.outbox.deliver(within=-0.1)
    assert line.sent == []
    await made.outbox.deliver(within=1.0)
    assert line.sent == [PROVIDER.id]


async def test_without_a_receiver_an_alert_is_noted_and_that_is_all(clock: FakeClock) -> None:
    made = outbox(clock, None, Claimed())
    made.outbox.add(PROVIDER)
    await made.outbox.deliver(within=1.0)

    assert made.noted == [PROVIDER.id]


async def test_where_the_process_lives_on_alerts_are_sent_behind_the_callers_backs(clock: FakeClock) -> None:
    line = Line(deque([DOWN, None]))
    made = outbox(clock, line, has_background=True, pauses=(0.0, 0.0))
    made.outbox.add(PROVIDER)
    assert line.sent == []
    await line.have(3)
    made.outbox.add(STORE)

    assert await line.have(4) == [*[PROVIDER.id] * 3, STORE.id]
    await made.outbox.aclose()


async def test_at_the_end_it_stops_sending(clock: FakeClock) -> None:
    line = Line(deque([DOWN]))
    made = outbox(clock, line, has_background=True, pauses=(0.0,))
    made.outbox.add(PROVIDER)
    await line.have(1)
    await made.outbox.aclose()
    others = asyncio.all_tasks() - {asyncio.current_task()}

    assert (line.sent, [task for task in others if "_keep_sending" in str(task)]) == ([PROVIDER.id], [])


async def test_an_alert_outlives_ten_minutes_without_a_receiver(clock: FakeClock) -> None:
    begun, line = clock.now(), Line()
    made = outbox(clock, line)
    made.outbox.add(PROVIDER)
    for _ in range(120):
        line.script = deque([DOWN] if clock.now() < begun + 600 else [])
        await made.outbox.deliver(within=1.0)
        clock.advance(10.0)

    assert not line.script
    assert not made.outbox._waiting
    assert len(line.sent) == len(PAUSES)
