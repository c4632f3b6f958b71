"""Builds the alerting: detectors, queue and webhook."""

from __future__ import annotations

from sentinel_core.app.settings import Settings
from sentinel_core.cache.events import Events
from sentinel_core.cache.ports import Counts
from sentinel_core.support.background import Background
from sentinel_core.support.clock import Clock
from sentinel_core.support.http import LeanTransport
from sentinel_core.telemetry.alert_delivery import AlertDelivery
from sentinel_core.telemetry.spending_spikes import Spending
from sentinel_core.telemetry.webhook import Webhook


def webhook(settings: Settings, clock: Clock) -> Webhook | None:
    """Build the webhook of the alert receiver, if one is set; raises ConfigurationError for a bad address."""
    if settings.alert_url is None or settings.alert_secret is None:
        return None
    return Webhook(
        settings.alert_url.get_secret_value(),
        settings.alert_secret.get_secret_value().encode(),
        stage=settings.stage,
        clock=clock,
        transport=LeanTransport(),
    )


def outbox(webhook: Webhook | None, clock: Clock, *, events: Events, has_background: bool) -> AlertDelivery:
    """Build the queue of alerts; its claims are attached once there is a store."""
    return AlertDelivery(
        send=None if webhook is None else webhook.send,
        events=events,
        clock=clock,
        has_background=has_background,
    )


def spending(
    settings: Settings, counts: Counts, clock: Clock, *, events: Events, background: Background
) -> Spending | None:
    """Build the detector of spending spikes, unless it is switched off."""
    if not settings.alert_spike_usd:
        return None
    return Spending(
        counts,
        clock=clock,
        background=background,
        events=events,
        least_usd=settings.alert_spike_usd,
        times=settings.alert_spike_times,
    )
