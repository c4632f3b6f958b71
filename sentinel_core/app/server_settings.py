"""Settings of the server, the bounds on its callers, and its log."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from sentinel_core.app.field_types import Deployments, HttpAddress


class ServerSettings(BaseModel):
    """Where the process listens, how much it takes of callers, and how it logs; part of `Settings`."""

    # Of the classes that `Settings` consists of, none needs a validator of its own, which takes 3 ms to build.
    model_config = ConfigDict(defer_build=True)

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
    max_body_bytes: int = Field(5_242_880, ge=1_024, le=104_857_600, description="largest request body in bytes")
    max_json_values: int = Field(
        50_000, ge=100, le=10_000_000, description="most JSON values (scalars, arrays and objects) in a request body"
    )
    max_header_bytes: int = Field(
        65_536, ge=1_024, le=1_048_576, description="largest head of a request: its URL and headers together"
    )
    max_connections: int = Field(
        2_048,
        ge=8,
        le=1_000_000,
        description="most open connections of callers; a full server closes the oldest that waits for its caller",
    )
    keep_alive_seconds: float = Field(
        75.0,
        ge=1,
        le=86_400,
        description="seconds for which an idle connection is kept; more than the load balancer's idle time, often 60",
    )
    shutdown_seconds: float = Field(
        20.0, ge=0, le=3_600, description="seconds for answers under way to end after SIGTERM; then they are cut off"
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
