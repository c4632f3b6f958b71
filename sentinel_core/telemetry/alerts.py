"""What an operator should hear of, told from values and `now`, and how the call that tells it is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Fact: TypeAlias = str | float

NANO = 1_000_000_000
"""Dollars are counted in whole billionths: sums are exact, whatever the order."""

PERCENTS = (50, 80, 100)
"""Of a budget."""

WINDOW = 600
"""Seconds: spending is compared by such windows of Unix time."""

EARLIER = 12
"""Windows that the one now is compared with."""

AGAIN_SECONDS = 900
"""A breaker that opens anew within such a span of Unix time, wherever it is, is the same event."""

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Alert:
    """
    One event.

    `id` is the same in every instance that notices it. `seconds` is how long it must be remembered that it
    was told. Unless it `is_shared`, the store cannot be asked whether another instance has told it.
    """

    id: str
    kind: str
    text: str
    at: float
    facts: Mapping[str, Fact] = field(default_factory=dict)
    seconds: float = 2 * _HOUR
    is_shared: bool = True


def window(now: float) -> int:
    """Number the window that `now` is in."""
    return int(now // WINDOW)


def of_spending(spent: int, earlier: Sequence[int], *, least_usd: float, times: float, now: float) -> Alert | None:
    """
    An alert if this window's spending is a spike: `least_usd` or more, and more than `times` the mean of the earlier.

    Amounts are in billionths of a dollar. There is one an hour at the most.
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
    """The store's breaker has opened: nobody can be asked who else has noticed."""
    text = "the store fails; requests are answered without the cache"
    return Alert(f"store:{int(now // AGAIN_SECONDS)}", "store", text, now, is_shared=False)


def of_provider(name: str, now: float) -> Alert:
    """A provider's breaker has opened."""
    text = f"{name} fails, and is left alone for a while"
    return Alert(f"provider:{name}:{int(now // AGAIN_SECONDS)}", "provider", text, now, {"provider": name})


def body(alert: Alert, stage: str) -> bytes:
    """Write an alert as JSON; `text` is what chat services show."""
    told = {"id": alert.id, "kind": alert.kind, "text": alert.text, "at": alert.at, "stage": stage, **alert.facts}
    return json.dumps(told, separators=(",", ":")).encode()


def signature(secret: bytes, timestamp: str, content: bytes) -> str:
    """HMAC-SHA256 of the timestamp, a dot and the body, in hex: an old call cannot be sent again under a new time."""
    return hmac.new(secret, timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
