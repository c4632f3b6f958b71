"""The rules that raise alerts, and the webhook body and signature."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from sentinel_core.cache.events import Alert

NANO = 1_000_000_000
"""Dollars are counted in whole billionths: sums are exact, whatever the order."""

PERCENTS = (50, 80, 100)
"""Shares of a budget at which an alert is raised."""

WINDOW = 600
"""Seconds per window of Unix time in which spending is summed."""

EARLIER = 12
"""Number of earlier windows that the current window is compared with."""

AGAIN_SECONDS = 900
"""Seconds of Unix time within which repeated openings of a breaker, in any instance, are one event."""

_HOUR = 3600


def window(now: float) -> int:
    """Return the index of the window that contains `now`."""
    return int(now // WINDOW)


def of_spending(spent: int, earlier: Sequence[int], *, least_usd: float, times: float, now: float) -> Alert | None:
    """
    Return an alert if this window's spending is at least `least_usd` and above `times` the mean of `earlier`.

    `spent` and `earlier` are in billionths of a dollar. The id allows one alert an hour.
    """
    mean = sum(earlier) / len(earlier)
    if spent < least_usd * NANO or spent <= times * mean:
        return None
    minutes = WINDOW // 60
    return Alert(
        id=f"spending:{int(now // _HOUR)}",
        kind="spending",
        text=f"${spent / NANO:.2f} spent within {minutes} minutes, against ${mean / NANO:.2f} before",
        at=now,
        facts={"spent_usd": spent / NANO, "mean_usd": round(mean) / NANO, "minutes": minutes},
    )


def of_store(now: float) -> Alert:
    """Return the alert for an open store breaker; not shared, because claims need the store."""
    text = "circuit breaker open for the store; requests are answered without the cache"
    return Alert(f"store:{int(now // AGAIN_SECONDS)}", "store", text, now, is_shared=False)


def of_provider(name: str, now: float) -> Alert:
    """Return the alert for an open provider breaker."""
    text = f"circuit breaker open for {name}"
    return Alert(f"provider:{name}:{int(now // AGAIN_SECONDS)}", "provider", text, now, {"provider": name})


def body(alert: Alert, stage: str) -> bytes:
    """Encode an alert as JSON; chat services show its `text`."""
    fields = {"id": alert.id, "kind": alert.kind, "text": alert.text, "at": alert.at, "stage": stage, **alert.facts}
    return json.dumps(fields, separators=(",", ":")).encode()


def signature(secret: bytes, timestamp: str, content: bytes) -> str:
    """Return the hex HMAC-SHA256 of timestamp, dot and body; the timestamp prevents replay."""
    return hmac.new(secret, timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
