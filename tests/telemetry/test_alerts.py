from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from sentinel_core.cache.events import Alert
from sentinel_core.cache.ports import Count
from sentinel_core.telemetry import alerts
from sentinel_core.telemetry.alerts import NANO
from sentinel_core.tenants import budget_alerts
from tests.tenants.doors import key_of

KEY = key_of("acme", name="ci")
DAY = Count(f"{KEY.sha256}:usd:2026-11-25", 0, 172_800.0)
NOW = 1_795_600_000.0


def of_budget(spent_usd: float, budget_usd: float = 10.0) -> list[Alert]:
    spent = round(spent_usd * NANO)
    return budget_alerts.of_budget(KEY, DAY, spent=spent, budget_usd=budget_usd, period="day", now=NOW)


@pytest.mark.parametrize(
    ("spent", "percents"),
    [
        (0.0, []),
        (4.999999999, []),
        (5.0, [50]),
        (7.999999999, [50]),
        (8.0, [50, 80]),
        (9.999999999, [50, 80]),
        (10.0, [50, 80, 100]),
        (25.0, [50, 80, 100]),
    ],
)
def test_each_share_of_a_budget_is_told_from_when_it_is_reached(spent: float, percents: list[int]) -> None:
    assert [alert.facts["percent"] for alert in of_budget(spent)] == percents


def test_an_alert_of_a_budget_names_the_key_and_never_shows_it() -> None:
    [alert] = of_budget(5.5)

    assert alert == Alert(
        id=f"budget:{KEY.id}:2026-11-25:10:50",
        kind="budget",
        text=f"acme's key {KEY.id} has spent 50 % of its $10 a day",
        at=NOW,
        facts={
            "tenant": "acme",
            "key": KEY.id,
            "name": "ci",
            "period": "day",
            "span": "2026-11-25",
            "budget_usd": 10.0,
            "spent_usd": 5.5,
            "percent": 50,
        },
        seconds=172_800.0,
    )
    assert KEY.sha256 not in str(alert)


def test_a_budget_that_is_changed_is_another_event() -> None:
    assert {alert.id for alert in of_budget(5)} & {alert.id for alert in of_budget(5, 8.0)} == set()


@pytest.mark.parametrize(
    ("spent", "earlier", "is_spike"),
    [
        (5.0, [0.0] * 12, True),
        (4.99, [0.0] * 12, False),
        (8.0, [2.0] * 12, False),
        (8.01, [2.0] * 12, True),
        (8.01, [24.0, *[0.0] * 11], True),
        (8.01, [25.0, *[0.0] * 11], False),
    ],
)
def test_a_spike_is_much_in_itself_and_against_what_came_before(
    spent: float, earlier: list[float], is_spike: bool
) -> None:
    nanos = [round(each * NANO) for each in earlier]
    found = alerts.of_spending(round(spent * NANO), nanos, least_usd=5.0, times=4.0, now=NOW)

    assert (found is not None) == is_spike


def test_a_spike_says_how_much_and_is_told_once_an_hour() -> None:
    hour = 3600.0
    at = [NOW // hour * hour, NOW // hour * hour + 3599, NOW // hour * hour + 3600]
    first, second, third = (
        alerts.of_spending(6 * NANO, [NANO] * 12, least_usd=5.0, times=4.0, now=moment) for moment in at
    )

    assert first is not None
    assert second is not None
    assert third is not None
    assert first.text == "$6.00 spent within 10 minutes, against $1.00 before"
    assert first.facts == {"spent_usd": 6.0, "mean_usd": 1.0, "minutes": 10}
    assert first.id == second.id != third.id


def test_breakers_that_open_within_a_quarter_of_an_hour_are_one_event() -> None:
    at = [900.0, 1799.0, 1800.0]
    store, provider = [alerts.of_store(now) for now in at], [alerts.of_provider("groq", now) for now in at]

    assert [alert.id for alert in store] == ["store:1", "store:1", "store:2"]
    assert [alert.id for alert in provider] == ["provider:groq:1", "provider:groq:1", "provider:groq:2"]
    assert (store[0].is_shared, provider[0].is_shared) == (False, True)


def test_the_body_is_one_json_object_and_its_signature_covers_the_time() -> None:
    content = alerts.body(alerts.of_provider("groq", 900.0), "prod")

    assert json.loads(content) == {
        "id": "provider:groq:1",
        "kind": "provider",
        "text": "circuit breaker open for groq",
        "at": 900.0,
        "stage": "prod",
        "provider": "groq",
    }
    expected = hmac.new(b"secret", b"900." + content, hashlib.sha256).hexdigest()
    assert alerts.signature(b"secret", "900", content) == expected
    assert alerts.signature(b"secret", "901", content) != expected
