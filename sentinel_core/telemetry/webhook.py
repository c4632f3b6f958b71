"""Sends alerts by signed HTTP calls."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import httpx

from sentinel_core.cache.events import Alert
from sentinel_core.errors import AlertError, ConfigurationError
from sentinel_core.support.clock import Clock
from sentinel_core.telemetry import alerts

EVENT, TIMESTAMP, SIGNATURE = "x-sentinel-event", "x-sentinel-timestamp", "x-sentinel-signature"
_PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that a retry may cure."""


class Webhook:
    """
    Posts alerts to one URL.

    Follows no redirect, because the signature is for the configured URL only.
    """

    def __init__(
        self,
        url: str,
        secret: bytes,
        *,
        stage: str,
        clock: Clock,
        transport: httpx.AsyncBaseTransport,
    ) -> None:
        """Check `url`; raises ConfigurationError for an invalid one."""
        self._url = _checked(url)
        self._secret = secret
        self._stage = stage
        self._now = clock.now
        # The caller of `send` sets the timeout.
        self._connect = partial(httpx.AsyncClient, transport=transport, timeout=None, trust_env=False)
        self._client = self._connect()

    async def send(self, alert: Alert) -> None:
        """Post one alert; raises AlertError unless the status is 2xx. The response body is not read."""
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
        """Close connections; never raises. The webhook stays usable, as after a snapshot of the process."""
        former, self._client = self._client, self._connect()
        with suppress(httpx.HTTPError, OSError, RuntimeError):
            await former.aclose()


def _checked(url: str) -> httpx.URL:
    try:
        return httpx.Request("POST", url).url
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigurationError("SENTINEL_ALERT_URL must be an http:// or https:// URL") from error
