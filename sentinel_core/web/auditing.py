"""Records the actions of operators, and of keys on stored answers, in the audit log before they are answered."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.types import Message, Scope, Send

from sentinel_core.telemetry.audit import Action, AuditTrail, Facts
from sentinel_core.web.context import RequestContext, context_of

_ADMIN, _ENTRIES, _CACHE = "/v1/admin/", "/v1/admin/entries", "/v1/cache/"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_UNRECORDED = frozenset({"/v1/cache/feedback", "/v1/cache/explain"})
"""Recorded only where they change something."""


def note(request: Request, *, before: Facts | None = None, after: Facts | None = None) -> None:
    """Give the audit log the values before and after an action; no prompts, no names of users."""
    context_of(request.scope).noted = {"before": before, "after": after}


def audited(send: Send, scope: Scope, trail: AuditTrail) -> Send:
    """Return a `send` that records the request before its answer leaves, if it is of a kind that is recorded."""
    method, path = scope["method"], scope["path"]
    if not path.startswith((_ADMIN, _CACHE)):
        return send
    is_kind = (method not in _READING and path not in _UNRECORDED) or path.startswith(_ENTRIES)

    async def sending(message: Message) -> None:
        context = context_of(scope)
        if message["type"] == "http.response.start" and (is_kind or context.noted is not None):
            await trail.record(_action(method, path, context, message["status"]))
        await send(message)

    return sending


def _action(method: str, path: str, context: RequestContext, status: int) -> Action:
    noted: dict[str, Any] = context.noted or {}
    return Action(
        actor=_actor(context),
        action=f"{method} {path}",
        origin=context.origin,
        status=status,
        request_id=context.request_id,
        before=noted.get("before"),
        after=noted.get("after"),
    )


def _actor(context: RequestContext) -> str:
    caller = context.caller
    if caller is None:
        return "unknown"
    if caller.key is not None:
        return f"key:{caller.key.id}"
    return "admin" if caller.is_admin else "anyone"
