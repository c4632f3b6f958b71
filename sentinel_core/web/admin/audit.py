"""`GET /v1/admin/audit`: the audit log as JSON Lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from sentinel_core.errors import InvalidRequestError, NotFoundError
from sentinel_core.web.admin.common import operated, reading_router, store_needed

router = reading_router()
NEXT = "x-sentinel-next-cursor"


@router.get(
    "/audit",
    summary="Export the audit log",
    response_class=Response,
    responses={200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}},
)
async def audit(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    cursor: Annotated[
        str | None, Query(pattern="^[0-9]{1,20}(-[0-9]{1,20})?$", description=f"`{NEXT}` of what was read before.")
    ] = None,
) -> Response:
    """
    Return records of actions, one JSON object a line, oldest first.

    Each record names actor, action, address, the values before and after, and holds the hash of itself and of the
    record before in the same instance's chain; `sentinel audit verify` checks them.
    """
    service = operated(request)
    if service.audit is None:
        raise NotFoundError("this server keeps no audit log", code="no_audit")
    await service.audit.flush()
    with store_needed():
        try:
            lines = await service.audit.store.read(cursor, limit)
        except ValueError:
            raise InvalidRequestError("cursor: of another store", code="invalid_cursor", param="cursor") from None
    headers = {NEXT: lines[-1][0]} if len(lines) == limit else {}
    return Response("".join(f"{line}\n" for _, line in lines), media_type="application/jsonl", headers=headers)
