"""The call over a real socket, to receivers that take it, refuse it, hang and send it elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable

import pytest

from sentinel_core.errors import AlertError, ConfigurationError
from sentinel_core.support.http import LeanTransport
from sentinel_core.telemetry import alerts
from sentinel_core.telemetry.webhook import Webhook
from tests.support.fakes import FakeClock
from tests.support.receiver import HANG, Receiver

pytestmark = pytest.mark.anyio

SECRET = b"canary-secret-of-alerts"
ALERT = alerts.of_provider("groq", 900.0)
Connect = Callable[[str], Webhook]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    made: list[Webhook] = []

    def connect(url: str) -> Webhook:
        made.append(Webhook(url, SECRET, stage="test", clock=FakeClock(1000.9), transport=LeanTransport()))
        return made[-1]

    yield connect
    for webhook in made:
        await webhook.aclose()


async def test_a_call_carries_the_event_and_a_signature_that_the_receiver_can_check(connect: Connect) -> None:
    async with Receiver.running() as receiver:
        await connect(receiver.url).send(ALERT)

        [call] = receiver.calls
    timestamp = call.headers["x-sentinel-timestamp"]
    expected = hmac.new(SECRET, timestamp.encode() + b"." + call.body, hashlib.sha256).hexdigest()
    assert (timestamp, call.headers["x-sentinel-signature"]) == ("1000", expected)
    assert call.headers["x-sentinel-event"] == call.told["id"] == ALERT.id
    assert call.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(500, True), (503, True), (429, True), (408, True), (400, False), (404, False), (301, False), (307, False)],
)
async def test_what_is_not_taken_is_an_error_that_says_whether_to_try_again(
    connect: Connect, status: int, retryable: bool
) -> None:
    async with Receiver.running(status) as receiver:
        with pytest.raises(AlertError) as caught:
            await connect(receiver.url).send(ALERT)

        assert (str(caught.value), caught.value.retryable) == (f"answered {status}", retryable)
        assert len(receiver.calls) == 1  # a redirect is not followed


async def test_a_receiver_that_is_not_there_is_an_error_without_its_address(connect: Connect) -> None:
    with pytest.raises(AlertError) as caught:
        await connect("http://127.0.0.1:1/canary").send(ALERT)

    assert (str(caught.value), caught.value.retryable) == ("no answer: ConnectError", True)


async def test_one_that_hangs_can_be_left_and_called_again(connect: Connect) -> None:
    async with Receiver.running(HANG) as receiver:
        webhook = connect(receiver.url)
        left = asyncio.create_task(webhook.send(ALERT))
        await receiver.have(1)
        left.cancel()
        await webhook.send(ALERT)

        assert (len(receiver.calls), left.cancelled()) == (2, True)


async def test_after_its_connections_are_given_back_it_opens_new_ones(connect: Connect) -> None:
    async with Receiver.running() as receiver:
        webhook = connect(receiver.url)
        await webhook.send(ALERT)
        await webhook.aclose()
        await webhook.send(ALERT)

        assert len(receiver.calls) == 2


def test_an_address_that_is_none_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="SENTINEL_ALERT_URL must be an"):
        Webhook("http://a:b:c/", SECRET, stage="test", clock=FakeClock(), transport=LeanTransport())
