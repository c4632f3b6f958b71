"""Puts together who notices what an operator should hear of, and who tells it: a part of the composition root."""

from __future__ import annotations

from collections.abc import Callable

from sentinel_core.app.settings import Settings
from sentinel_core.cache.ports import Counts
from sentinel_core.support.clock import Clock
from sentinel_core.support.http import LeanTransport
from sentinel_core.telemetry.alert_delivery import AlertDelivery, Claims
from sentinel_core.telemetry.alerts import Alert
from sentinel_core.telemetry.spending_spikes import Spending
from sentinel_core.telemetry.webhook import Webhook


def webhook(settings: Settings, clock: Clock) -> Webhook | None:
    """Build the way to the receiver, if there is one; raises ConfigurationError for an address that is none."""
    if settings.alert_url is None or settings.alert_secret is None:
        return None
    return Webhook(
        settings.alert_url.get_secret_value(),
        settings.alert_secret.get_secret_value().encode(),
        stage=settings.stage,
        now=clock.now,
        transport=LeanTransport(),
    )


def outbox(
    claims: Claims | None,
    webhook: Webhook | None,
    clock: Clock,
    *,
    on_alert: Callable[[Alert], None],
    has_background: bool,
) -> AlertDelivery:
    """Build the queue that sends each alert once: of all instances with `claims`, else of this process."""
    return AlertDelivery(
        claims=claims,
        send=None if webhook is None else webhook.send,
        on_alert=on_alert,
        monotonic=clock.monotonic,
        has_background=has_background,
    )


def spending(
    settings: Settings, counts: Counts, clock: Clock, on_alert: Callable[[Alert], None]
) -> Callable[[float], None]:
    """Return what is to hear of each answer's dollars."""
    if not settings.alert_spike_usd:
        return lambda _: None
    least, times = settings.alert_spike_usd, settings.alert_spike_times
    return Spending(counts, now=clock.now, on_alert=on_alert, least_usd=least, times=times).add
