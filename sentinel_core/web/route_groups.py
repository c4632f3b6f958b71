"""All routes, in groups that are imported together; `/v1/query` is there from the start."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute

from sentinel_core.web.lazy_routes import RouteGroup, routes_of


def _query() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import query

    return routes_of(query.router)


def _chat() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import chat_completions

    return routes_of(chat_completions.router)


def _models() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import models

    return routes_of(models.router)


def _embeddings() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import embeddings

    return routes_of(embeddings.router)


def _passthrough() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import passthrough

    return routes_of(passthrough.router)


def _responses() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import responses

    return routes_of(responses.router, responses.kept)


def _messages() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import anthropic_messages

    return routes_of(anthropic_messages.router)


def _completions() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import completions

    return routes_of(completions.router)


def _batch() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import batch

    return routes_of(batch.router)


def _counts() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import metrics_and_health

    return routes_of(metrics_and_health.router)


def _cache() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import cache, compare, curated, explain, own_requests

    return routes_of(
        explain.router,
        compare.router,
        cache.router,
        cache.writing,
        curated.router,
        curated.writing,
        own_requests.router,
        own_requests.writing,
    )


def _admin() -> Sequence[BaseRoute]:
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

    return routes_of(
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
    )


def _prometheus() -> Sequence[BaseRoute]:
    from sentinel_core.web.routes import prometheus

    return routes_of(prometheus.router)


def _pages() -> Sequence[BaseRoute]:
    from sentinel_core.web import console, docs, guide

    return [*docs.routes(), *guide.routes(), *console.routes()]


GROUPS = (
    RouteGroup(("/v1/query",), _query, is_at_once=True),
    RouteGroup(("/v1/chat/completions",), _chat),
    RouteGroup(("/v1/models",), _models),
    RouteGroup(("/v1/embeddings",), _embeddings),
    RouteGroup(
        (
            *("/v1/moderations", "/v1/images", "/v1/audio", "/v1/files", "/v1/batches", "/v1/uploads"),
            *("/v1/messages/batches", "/v1/fine_tuning", "/v1/vector_stores", "/v1/containers", "/v1/assistants"),
            *("/v1/threads", "/v1/conversations", "/v1/evals", "/v1/videos", "/v1/skills", "/v1/realtime"),
            "/v1/chatkit",
        ),
        _passthrough,
    ),
    RouteGroup(("/v1/responses",), _responses),
    RouteGroup(("/v1/messages",), _messages),
    RouteGroup(("/v1/completions",), _completions),
    RouteGroup(("/v1/query/batch",), _batch),
    RouteGroup(("/health", "/v1/metrics"), _counts),
    RouteGroup(("/v1/cache",), _cache),
    RouteGroup(("/v1/admin",), _admin),
    RouteGroup(("/metrics",), _prometheus),
    RouteGroup(("/", "/openapi.json", "/docs", "/guide", "/console"), _pages),
)
"""In the order of the description."""
