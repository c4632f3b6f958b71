"""Attaches the OpenTelemetry collector that the settings name; imports the SDK only then."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.types import ASGIApp

from sentinel_core import __version__
from sentinel_core.app.settings import Settings
from sentinel_core.support.clock import SYSTEM_CLOCK
from sentinel_core.support.trace import TRACE
from sentinel_core.telemetry.records import Answered
from sentinel_core.web.recording import Recording

if TYPE_CHECKING:
    from sentinel_core.app.build import Sentinel
    from sentinel_core.telemetry.otlp import Otlp

_log = logging.getLogger("sentinel")


class TraceRecorder:
    """Adds the facts of an answer to the trace of its request."""

    def record(self, answered: Answered) -> None:
        """Note an answer; nothing outside of a traced request."""
        trace = TRACE.get()
        if trace is not None:
            trace.answered.append(answered)


def traced(settings: Settings, sentinel: Sentinel) -> ASGIApp:
    """Return the application with a span around each request; the plain one without a collector or without the SDK."""
    if settings.otlp_endpoint is None:
        return sentinel.app
    try:
        from sentinel_core.telemetry.otlp import Collector, Otlp
    except ImportError:
        _log.warning("otlp.not_installed", extra={"fields": {"install": "pip install '.[otel]'"}})
        return sentinel.app
    from sentinel_core.web.tracing import Traced

    collector = Collector(settings.otlp_endpoint, _headers(settings), settings.otlp_service)
    otlp = Otlp(collector, SYSTEM_CLOCK)
    return Traced(sentinel.app, otlp, MetricsExport(otlp, sentinel.recording, settings.otlp_metrics_ms / 1000))


def _headers(settings: Settings) -> dict[str, str]:
    """Return the headers; values are percent-encoded (specification of OpenTelemetry's exporters)."""
    text = "" if settings.otlp_headers is None else settings.otlp_headers.get_secret_value()
    pairs = (each.partition("=") for each in text.split(",") if "=" in each)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}


@dataclass(slots=True)
class MetricsExport:
    """Sends the metrics of this process every `seconds`, and once more at its end."""

    otlp: Otlp
    recording: Recording
    seconds: float
    _task: asyncio.Task[None] | None = field(default=None, init=False)

    async def begin(self) -> None:
        """Begin to send."""
        self.otlp.start()
        self._task = asyncio.create_task(self._repeat())

    async def finish(self) -> None:
        """Send what is left; wait for it no longer than the collector's time."""
        if self._task is not None:
            self._task.cancel()
        await asyncio.gather(self._export(), self.otlp.aclose())

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(self.seconds)
            await self._export()

    async def _export(self) -> None:
        from sentinel_core.telemetry.prometheus import Figures

        recording = self.recording
        observed, totals = recording.observed, {}
        if observed is not None:
            observed.settle()
            totals = observed.ledger.totals
        uptime = recording.clock.now() - recording.counters.started
        await self.otlp.export(Figures(__version__, uptime, recording.counters, totals))
