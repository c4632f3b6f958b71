"""Builds the ASGI application: routes, errors, and the layer around them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Lifespan

from sentinel_core import __version__
from sentinel_core.web import errors
from sentinel_core.web.authentication import Authentication
from sentinel_core.web.azure_paths import AzurePaths
from sentinel_core.web.body_limits import BodyLimits
from sentinel_core.web.cors import cross_origin
from sentinel_core.web.direct_routes import DirectRoutes
from sentinel_core.web.lazy_routes import LazyRoutes
from sentinel_core.web.middleware import RequestContextMiddleware
from sentinel_core.web.paths import PathResolver
from sentinel_core.web.route_groups import GROUPS
from sentinel_core.web.service import Service


def create_app(
    service: Service,
    *,
    body_limits: BodyLimits,
    lifespan: Lifespan[FastAPI] | None = None,
    cors_origins: Sequence[str] = (),
    base_path: str = "",
    deployments: Mapping[str, str] | None = None,
    mark: str = "",
) -> ASGIApp:
    """
    Build the application around a service, served at the root and below `base_path`; knows no platform.

    A request that carries the gateway's own `mark` is refused: it asks itself.
    """
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
    errors.install(app)
    app.openapi = cache(partial(_described, app))  # type: ignore[method-assign]
    app.state.routes = lazy = LazyRoutes(DirectRoutes(app), app.router.routes, GROUPS)
    inner: ASGIApp = Authentication(lazy, service, body_limits.room)
    if cors_origins:
        # Outside of authentication: a browser's preflight request carries no key.
        inner = cross_origin(inner, cors_origins)
    if deployments:
        inner = AzurePaths(inner, deployments)
    return RequestContextMiddleware(PathResolver(inner, base_path), service.clock, mark)


def _described(app: FastAPI) -> dict[str, Any]:
    from sentinel_core.web.description import describe  # needs FastAPI's models of OpenAPI, which are slow to import

    app.state.routes.add_all()
    return describe(app)
