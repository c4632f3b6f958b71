"""An OpenTelemetry collector on a real socket: decodes what arrives over OTLP/HTTP with the official messages."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Collector:
    """What arrived, by path; `status` is answered to all calls."""

    status: int = 200
    url: str = ""
    headers: list[dict[str, str]] = field(default_factory=list)
    traces: list[ExportTraceServiceRequest] = field(default_factory=list)
    metrics: list[ExportMetricsServiceRequest] = field(default_factory=list)

    @classmethod
    @contextmanager
    def running(cls, status: int = 200) -> Iterator[Collector]:
        """Serve on a free port of the loopback, in a thread of its own."""
        collector = cls(status)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.receive(self)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        collector.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield collector
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def receive(self, call: BaseHTTPRequestHandler) -> None:
        body = call.rfile.read(int(call.headers["content-length"]))
        body = gzip.decompress(body) if call.headers.get("content-encoding") == "gzip" else body
        self.headers.append({name.lower(): value for name, value in call.headers.items()})
        if call.path == "/v1/traces":
            self.traces.append(ExportTraceServiceRequest.FromString(body))
        if call.path == "/v1/metrics":
            self.metrics.append(ExportMetricsServiceRequest.FromString(body))
        call.send_response(self.status)
        call.send_header("content-length", "0")
        call.end_headers()

    @property
    def spans(self) -> list[Any]:
        return [
            span
            for request in self.traces
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def latest_metrics(self) -> dict[str, Any]:
        """The metrics of the last call, by name."""
        resource = self.metrics[-1].resource_metrics[0]
        return {metric.name: metric for metric in resource.scope_metrics[0].metrics}


def attributes(found: Any) -> dict[str, Any]:
    """The attributes of a span, a data point or a resource."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in found.attributes}
