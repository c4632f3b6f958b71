"""Cross-origin access for browsers, to the origins that the operator names."""

from __future__ import annotations

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from sentinel_core.web.presenting import ANTHROPIC_RATE_HEADERS, ENTRY, RATE_HEADERS, SIMILARITY

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
EXPOSED = (
    *("age", "allow", "cache-status", "content-length", "retry-after", "server-timing", "www-authenticate"),
    *("x-request-id", "request-id", "x-should-retry", "x-sentinel-hint", SIMILARITY, ENTRY),
    *RATE_HEADERS,
    *ANTHROPIC_RATE_HEADERS,
)
"""Response headers that scripts of an allowed origin may read, besides those that all may."""


def cross_origin(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """
    Wrap `app` so that pages of `origins` may call it; `*` stands for all origins.

    A preflight of an allowed origin is granted the headers it asks for: SDKs in browsers send `x-stainless-…` and
    others, a new one with each version, and trust is decided by the origin, not by the header.
    """
    return CORSMiddleware(app, origins, METHODS, ("*",), allow_private_network=True, expose_headers=EXPOSED)
