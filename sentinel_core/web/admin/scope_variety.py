"""`GET /v1/admin/scope-variety`: the parts of the scope that change from request to request."""

from __future__ import annotations

from fastapi import APIRouter, Request

from sentinel_core.web import errors
from sentinel_core.web.admin.common import KNOWN_QUERY, PREFIX, namespace_of, operated
from sentinel_core.web.admin.entries import Whose
from sentinel_core.web.scope_variety_view import VarietyView, variety_view

router = APIRouter(prefix=PREFIX, tags=["admin"], responses=errors.RESPONSES, dependencies=[KNOWN_QUERY])


@router.get("/scope-variety", summary="Show what keeps requests from hitting")
async def scope_variety(request: Request, tenant: Whose = None) -> VarietyView:
    """Return how much each part of the scope varied in a tenant's last 100 requests, in this process."""
    service = operated(request)
    return variety_view(service.gateway.varieties.of(namespace_of(service, tenant)))
