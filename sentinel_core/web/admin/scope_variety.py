"""`GET /v1/admin/scope-variety`: the parts of the scope that change from request to request."""

from __future__ import annotations

from fastapi import Request

from sentinel_core.web.admin.common import namespace_of, operated, reading_router
from sentinel_core.web.admin.entries import Whose
from sentinel_core.web.scope_variety_view import VarietyView, variety_view

router = reading_router()


@router.get("/scope-variety", summary="Show what keeps requests from hitting")
async def scope_variety(request: Request, tenant: Whose = None) -> VarietyView:
    """Return how much each part of the scope varied in a tenant's last 100 requests, in this process."""
    service = operated(request)
    return variety_view(service.gateway.varieties.of(namespace_of(service, tenant)))
