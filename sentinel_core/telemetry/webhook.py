"""Tells alerts by signed HTTP calls."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import httpx

from sentinel_core.errors import AlertError, ConfigurationError
from sentinel_core.telemetry import alerts
from sentinel_core.telemetry.alerts import Alert

EVENT, TIMESTAMP, SIGNATURE = "x-sentinel-event", "x-sentinel-timestamp", "x-sentinel-signature"
_PASSING = frozenset({408, 425, 429})
"""Refusals that asking again may cure, as every 5xx."""


class Webhook:
    """
    Calls one address.

    Follows no redirect: the address is the operator's to mend, and the signature is for it alone.
    """

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        stage: str,
        now: Callable[[], float],
        transport: httpx.AsyncBaseTransport,
    ) -> None:
        """Raises ConfigurationError for an address that HTTP cannot carry."""
        self._url = _checked(url)
        self._secret = secret
        self._stage = stage
        self._now = now
        # Whoever sends bounds the time.
        self._connect = partial(httpx.AsyncClient, transport=transport, timeout=None, trust_env=False)
        self._client = self._connect()

    async def send(self, alert: Alert) -> None:
        """Raises AlertError unless the receiver took it; its body is not read."""
        content = alerts.body(alert, self._stage)
        timestamp = str(int(self._now()))
        headers = {
            "content-type": "application/json",
            EVENT: alert.id,
            TIMESTAMP: timestamp,
            SIGNATURE: alerts.signature(self._secret, timestamp, content),
        }
        try:
            async with self._client.stream("POST", self._url, content=content, headers=headers) as response:
                status = response.status_code
        except (httpx.HTTPError, OSError) as error:
            raise AlertError(f"no answer: {type(error).__name__}") from error
        if not response.is_success:
            raise AlertError(f"answered {status}", retryable=status in _PASSING or response.is_server_error)

    async def aclose(self) -> None:
        """Give connections back; never raises. May be used again, as after a snapshot of the process."""
        former, self._client = self._client, self._connect()
        with suppress(httpx.HTTPError, OSError, RuntimeError):
            await former.aclose()


def _checked(url: str) -> httpx.URL:
    try:
        return httpx.Request("POST", url).url
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigurationError("SENTINEL_ALERT_URL is not a URL") from error
