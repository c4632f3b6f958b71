"""Delivery of alerts: claimed by one instance, logged, and sent with retries."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from sentinel_core.cache.events import NO_EVENTS, Alert, Events
from sentinel_core.errors import AlertError, StoreError
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry.alert_retries import PAUSES, Waiting

_log = logging.getLogger("sentinel")

SEND_SECONDS = 2.0

_MOST_KNOWN = 10_000
_MOST_WAITING = 100


class Claims(Protocol):
    """Elects the one instance that sends an alert."""

    async def claim(self, alert: Alert) -> bool:
        """Return whether this instance sends the alert; repeated calls agree. Raises StoreError."""


class AlertDelivery:
    """
    Queues alerts and sends each once; an alert added again is ignored.

    An alert that cannot be claimed, because the store is unreachable, waits: late is better than twice.
    Without `claims` every alert is sent here; without `send` alerts are logged only. With `has_background`
    a background task sends them; otherwise `deliver` does.
    """

    def __init__(
        self,
        *,
        claims: Claims | None = None,
        send: Callable[[Alert], Awaitable[None]] | None,
        events: Events = NO_EVENTS,
        clock: Clock,
        has_background: bool,
        pauses: Sequence[float] = PAUSES,
        seconds: float = SEND_SECONDS,
    ) -> None:
        self.claims = claims
        self._send = send
        self._events = events
        self._monotonic = clock.monotonic
        self._has_background = has_background
        self._pauses = pauses
        self._seconds = seconds
        self._known: dict[str, None] = {}
        self._waiting: dict[str, Waiting] = {}
        self._sending: asyncio.Task[None] | None = None

    def add(self, alert: Alert) -> None:
        """Queue an alert unless its id is known. Requires a running event loop."""
        if alert.id in self._known or len(self._waiting) >= _MOST_WAITING:
            return
        self._known[alert.id] = None
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        is_claimed = self.claims is None or not alert.is_shared
        self._waiting[alert.id] = Waiting(alert, self._monotonic(), is_claimed)
        if is_claimed:
            self._log_and_notify(alert)
        if self._has_background and (self._sending is None or self._sending.done()):
            self._sending = asyncio.create_task(self._keep_sending())

    async def deliver(self, *, within: float) -> None:
        """Attempt each due alert once, concurrently; never raises."""
        now = self._monotonic()
        due = [waiting for waiting in self._waiting.values() if waiting.due <= now]
        if due and within > 0:
            await asyncio.gather(*(self._attempt(waiting, min(within, self._seconds)) for waiting in due))

    async def aclose(self) -> None:
        """Stop sending; undelivered alerts are lost. Never raises."""
        if self._sending is not None:
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending

    async def _keep_sending(self) -> None:
        while self._waiting:
            await self.deliver(within=self._seconds)
            dues = [waiting.due for waiting in self._waiting.values()]
            await asyncio.sleep(max(0.0, min(dues, default=0.0) - self._monotonic()))

    async def _attempt(self, waiting: Waiting, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await self._claim_and_send(waiting)
        except (StoreError, AlertError, TimeoutError) as error:
            self._postpone(waiting, error)
        else:
            del self._waiting[waiting.alert.id]

    async def _claim_and_send(self, waiting: Waiting) -> None:
        if not waiting.is_claimed and self.claims is not None:
            if not await self.claims.claim(waiting.alert):
                return
            waiting.claim()
            self._log_and_notify(waiting.alert)
        if self._send is not None:
            await self._send(waiting.alert)

    def _postpone(self, waiting: Waiting, error: Exception) -> None:
        is_lost = waiting.is_lost(error, self._pauses)
        reason = str(error) or "no answer in time"
        fields = {"id": waiting.alert.id, "reason": reason}
        _log.warning("alert.lost" if is_lost else "alert.late", extra={"fields": fields})
        if is_lost:
            del self._waiting[waiting.alert.id]
            return
        waiting.postpone(self._monotonic(), self._pauses)

    def _log_and_notify(self, alert: Alert) -> None:
        _log.warning("alert.raised", extra={"fields": {"id": alert.id, "kind": alert.kind, "text": alert.text}})
        self._events.alert_raised(alert)
