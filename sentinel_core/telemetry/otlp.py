"""
Sends traces and metrics to an OpenTelemetry collector (OTLP over HTTP), by the official SDK.

Nothing imports this module unless a collector is set. Attributes follow the semantic conventions for HTTP servers and
for generative AI; prompts and answers are none of them.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics.export import Metric as SdkMetric
from opentelemetry.sdk.metrics.export import (
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sentinel_core import __version__
from sentinel_core.support.clock import Clock
from sentinel_core.support.trace import Trace
from sentinel_core.telemetry.otlp_metrics import as_sdk_metrics
from sentinel_core.telemetry.prometheus import Figures
from sentinel_core.telemetry.records import Answered

CALL_SECONDS = 3.0
"""Longest wait for the collector, retries included; at the end of the process too."""

_CONTINUES = (b"traceparent", b"tracestate")
_OPERATIONS = {"/v1/embeddings": "embeddings", "/v1/completions": "text_completion"}
_PROVIDER_STAGE = "provider"
_SERVER_ERROR = 500
_NANO = 1_000_000_000
_PROPAGATOR = TraceContextTextMapPropagator()


class Collector(NamedTuple):
    """Where to send, with which headers, and as which service."""

    endpoint: str
    headers: Mapping[str, str]
    service: str


class OpenSpan(NamedTuple):
    """The span of a request under way; `begun` is a reading of the monotonic clock in seconds."""

    span: Span
    begun: float


class Otlp:
    """
    The connection to one collector.

    Spans wait in a bounded queue that a thread of the SDK sends; those beyond it are dropped. A collector that is
    away costs requests nothing. `start` before the first request, `aclose` after the last one.
    """

    def __init__(self, collector: Collector, clock: Clock) -> None:
        self._collector = collector
        self._clock = clock
        self._started_ns = int(clock.now() * _NANO)
        attributes = {"service.name": collector.service, "service.version": __version__}
        self._resource = Resource.create({**attributes, "service.instance.id": str(uuid.uuid4())})
        self._scope = InstrumentationScope("sentinel", __version__)
        self._provider = TracerProvider(resource=self._resource, shutdown_on_exit=False)
        self._tracer = self._provider.get_tracer("sentinel", __version__)

    def start(self) -> None:
        """Begin to send: start the thread of the spans, and make the exporter of the metrics."""
        address, headers = self._collector.endpoint, dict(self._collector.headers)
        spans = OTLPSpanExporter(f"{address}/v1/traces", headers=headers, timeout=CALL_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(spans))
        self._metrics = OTLPMetricExporter(f"{address}/v1/metrics", headers=headers, timeout=CALL_SECONDS)

    def begin(self, method: str, headers: Iterable[tuple[bytes, bytes]]) -> tuple[OpenSpan, Trace]:
        """Begin the span of a request, as a child of the caller's if `traceparent` is well-formed."""
        parent = _PROPAGATOR.extract(_carrier(headers))
        span = self._tracer.start_span(
            method, context=parent, kind=SpanKind.SERVER, start_time=int(self._clock.now() * _NANO)
        )
        onward: dict[str, str] = {}
        _PROPAGATOR.inject(onward, context=set_span_in_context(span))
        return OpenSpan(span, self._clock.monotonic()), Trace(onward)

    def end(self, opened: OpenSpan, trace: Trace, *, method: str, route: str | None, status: int) -> None:
        """End the span of a request, with its stages as children; `status` is 0 if no answer has begun."""
        span = opened.span
        if not span.is_recording():
            return
        answered: Sequence[Answered] = trace.answered
        only = answered[0] if len(answered) == 1 else None
        span.set_attribute("http.request.method", method)
        if route is not None:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
        if status:
            span.set_attribute("http.response.status_code", status)
        if only is not None:
            span.set_attributes(_facts(only))
        for each in answered if only is None else ():
            span.add_event("answer", _facts(each))
        if status >= _SERVER_ERROR or not status:
            span.set_status(Status(StatusCode.ERROR))
        self._add_stages(opened, trace, only)
        span.end(end_time=int(self._clock.now() * _NANO))

    async def export(self, figures: Figures) -> None:
        """Send the metrics once; never raises."""
        metrics = as_sdk_metrics(figures, self._started_ns, int(self._clock.now() * _NANO))
        await asyncio.to_thread(self._send, metrics)

    async def aclose(self) -> None:
        """Send the spans that wait, for `CALL_SECONDS` at the most, and end the threads."""
        await asyncio.to_thread(self._provider.shutdown)

    def _send(self, metrics: Sequence[SdkMetric]) -> None:
        scoped = ScopeMetrics(scope=self._scope, metrics=metrics, schema_url="")
        with suppress(Exception):  # the exporter logs its failures
            self._metrics.export(MetricsData([ResourceMetrics(self._resource, [scoped], "")]))

    def _add_stages(self, opened: OpenSpan, trace: Trace, only: Answered | None) -> None:
        start, parent = opened.span.start_time, set_span_in_context(opened.span)  # type: ignore[attr-defined]
        for name, begin, end in trace.stages:
            is_call = name == _PROVIDER_STAGE and only is not None and only.model is not None
            child = self._tracer.start_span(
                f"{_operation(only)} {only.model}" if is_call and only is not None else name,
                context=parent,
                kind=SpanKind.CLIENT if name == _PROVIDER_STAGE else SpanKind.INTERNAL,
                attributes={"sentinel.stage": name, **(_generation(only) if is_call and only is not None else {})},
                start_time=start + int((begin - opened.begun) * _NANO),
            )
            child.end(end_time=start + int((end - opened.begun) * _NANO))


def _carrier(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers of W3C Trace Context; none if `traceparent` is there twice."""
    found = [(name, value.decode("latin-1")) for name, value in headers if name in _CONTINUES]
    parents = [value for name, value in found if name == b"traceparent"]
    states = [value for name, value in found if name == b"tracestate"]
    return {"traceparent": parents[0], "tracestate": ",".join(states)} if len(parents) == 1 else {}


def _operation(answered: Answered | None) -> str:
    return "chat" if answered is None else _OPERATIONS.get(answered.route, "chat")


def _generation(answered: Answered) -> dict[str, Any]:
    """Return the attributes `gen_ai.*`; tokens are those that were billed."""
    named = {
        "gen_ai.operation.name": _operation(answered),
        "gen_ai.provider.name": answered.provider,
        "gen_ai.request.model": answered.model,
        "gen_ai.response.model": answered.model,
        "gen_ai.usage.input_tokens": answered.prompt_tokens or None,
        "gen_ai.usage.output_tokens": answered.completion_tokens or None,
    }
    return {name: value for name, value in named.items() if value is not None}


def _facts(answered: Answered) -> dict[str, Any]:
    named = {
        "sentinel.outcome": answered.outcome,
        "sentinel.reason": answered.detail,
        "sentinel.similarity": answered.similarity,
        "sentinel.cost_usd": answered.cost_usd,
        "sentinel.saved_usd": answered.saved_usd,
        "sentinel.avoided_tokens": answered.avoided_tokens or None,
        "sentinel.tenant": answered.tenant,
        "sentinel.request_id": answered.request_id,
        "error.type": answered.detail if answered.status >= 400 else None,
    }
    return _generation(answered) | {name: value for name, value in named.items() if value is not None}
