"""Settings of the server and its log."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from sentinel_core.app.field_types import Deployments, HttpAddress


class ServerSettings(BaseModel):
    """Where the process listens and how it logs; part of `Settings`."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8001, ge=0, le=65_535, description="port to listen on; 0 takes a free one")
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="worker processes; more than one need Redis, and share the bounds of connections, memory and "
        "provider concurrency",
    )
    base_path: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$",
        max_length=200,
        description="path in front of all routes, as `/ai`; the routes are served without it as well",
    )
    azure_deployments: Deployments = Field(
        {},
        description="serve Azure's paths `/openai/deployments/NAME/…` and its header `api-key`: "
        "`name=provider/model, …`; `*` takes any name for a model's",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level that is logged")
    log_format: Literal["json", "text"] | None = Field(
        None,
        description="json, or text: one short line per answer; text on a terminal by default, json on Lambda always",
    )
    stage: str = Field("local", pattern=r"^[A-Za-z0-9_-]{1,32}$", description="deployment; a dimension of each metric")
    log_prompts: bool = Field(False, description="write prompts and answers into the log, for debugging only")
    show_prompts: bool | None = Field(
        None,
        description="keep beginnings of prompts and answers of the latest requests, in memory and in Redis if any, for"
        " the console; if unset, true except on Lambda",
    )
    otlp_endpoint: HttpAddress | None = Field(
        None,
        description="OpenTelemetry collector that receives traces and metrics over HTTP, as `http://localhost:4318`; "
        "needs `pip install '.[otel]'`, and is not read on Lambda",
    )
    otlp_headers: SecretStr | None = Field(
        None, description="headers for the collector: `name=value, …`, as a hosted one asks for"
    )
    otlp_service: str = Field("sentinel", max_length=200, description="name of this service in traces and metrics")
    otlp_metrics_ms: float = Field(
        60_000, ge=100, le=3_600_000, description="milliseconds between two sendings of metrics"
    )
