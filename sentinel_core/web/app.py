"""Builds the ASGI application: routes, errors, and the layer around them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan

from sentinel_core import __version__
from sentinel_core.web import docs, errors
from sentinel_core.web.authentication import Authentication
from sentinel_core.web.azure_paths import AzurePaths
from sentinel_core.web.body_limits import BodyLimits
from sentinel_core.web.cors import cross_origin
from sentinel_core.web.direct_routes import DirectRoutes
from sentinel_core.web.middleware import LazyRoutes, RequestContextMiddleware
from sentinel_core.web.paths import PathResolver
from sentinel_core.web.routes import (
    anthropic_messages,
    batch,
    chat_completions,
    completions,
    embeddings,
    metrics_and_health,
    models,
    passthrough,
    query,
    responses,
)
from sentinel_core.web.service import Service

_ROUTERS = (
    query.router,
    chat_completions.router,
    models.router,
    embeddings.router,
    passthrough.router,
    responses.router,
    responses.kept,
    anthropic_messages.router,
    completions.router,
    batch.router,
    metrics_and_health.router,
)


def _seldom() -> list[BaseRoute]:
    """Build rarely used routes, at the first request for one: together they cost a tenth of a cold start."""
    from sentinel_core.web import console, guide
    from sentinel_core.web.admin import (
        audit,
        backups,
        entries,
        erasures,
        experiment,
        keys,
        learning,
        ledger,
        near_misses,
        observed,
        operations,
        purge,
        scope_variety,
        stats,
        top,
    )
    from sentinel_core.web.routes import cache, compare, curated, explain, own_requests, prometheus

    routers = (
        explain.router,
        compare.router,
        cache.router,
        cache.writing,
        curated.router,
        curated.writing,
        keys.router,
        keys.writing,
        purge.writing,
        erasures.writing,
        erasures.router,
        audit.router,
        backups.router,
        backups.writing,
        entries.searching,
        entries.router,
        stats.router,
        near_misses.router,
        scope_variety.router,
        top.router,
        ledger.router,
        experiment.router,
        learning.router,
        learning.writing,
        observed.router,
        observed.writing,
        operations.router,
        own_requests.router,
        own_requests.writing,
        prometheus.router,
    )
    return [*_routes(routers), *docs.routes(), *guide.routes(), *console.routes()]


def create_app(
    service: Service,
    *,
    body_limits: BodyLimits,
    lifespan: Lifespan[FastAPI] | None = None,
    cors_origins: Sequence[str] = (),
    base_path: str = "",
    deployments: Mapping[str, str] | None = None,
) -> ASGIApp:
    """Build the application around a service, served at the root and below `base_path`; knows no platform."""
    app = FastAPI(
        title="Sentinel",
        version=__version__,
        description="A semantic AI gateway: answers what was asked before, in these words or in others, for $0.",
        openapi_url=None,  # docs.py serves the description, with keys and refusals in it
        redirect_slashes=False,
        lifespan=lifespan,
        # Sentinel keeps its own numbers; FastAPI's would ask the environment on every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.service = service
    app.state.body_limits = body_limits
    # The routes themselves, and first: an included router is asked twice per request, after the docs' routes.
    app.router.routes[:0] = _routes(_ROUTERS)
    errors.install(app)
    app.openapi = cache(partial(_described, app))  # type: ignore[method-assign]
    inner: ASGIApp = Authentication(LazyRoutes(DirectRoutes(app), lambda: app.router.routes.extend(_seldom())), service)
    if cors_origins:
        # Outside of authentication: a browser's preflight request carries no key.
        inner = cross_origin(inner, cors_origins)
    if deployments:
        inner = AzurePaths(inner, deployments)
    return RequestContextMiddleware(PathResolver(inner, base_path), service.clock)


def _described(app: FastAPI) -> dict[str, Any]:
    from sentinel_core.web.description import describe  # needs FastAPI's models of OpenAPI, which are slow to import

    return describe(app)


def _routes(routers: Sequence[APIRouter]) -> list[BaseRoute]:
    return [route for router in routers for route in router.routes]
