"""Authenticates callers by their headers, before a byte of the body is read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sentinel_core.errors import (
    NotAllowedError,
    NotFoundError,
    RateLimitedError,
    RequestError,
    ServiceUnavailableError,
    UnauthenticatedError,
)
from sentinel_core.support import work_places
from sentinel_core.support.rests import OTHERS
from sentinel_core.support.turns import OWNER
from sentinel_core.tenants import api_key
from sentinel_core.tenants.api_key import ANYONE, Caller
from sentinel_core.tenants.key_directory import Directory, refused
from sentinel_core.tenants.key_scopes import needed
from sentinel_core.web import console, docs, errors, guide
from sentinel_core.web.answer_parts import AnswerParts
from sentinel_core.web.auditing import audited
from sentinel_core.web.body_room import BodyPlace, BodyRoom
from sentinel_core.web.client_address import client_address
from sentinel_core.web.context import context_of
from sentinel_core.web.paths import PROMETHEUS
from sentinel_core.web.service import Service

OPEN_TO_ALL = frozenset({"/health"}) | docs.PATHS | guide.PATHS | console.PATHS
"""Paths that need no key; every other path does, also one without a route."""

ADMIN = "/v1/admin"
COUNTS = frozenset({"/v1/metrics", PROMETHEUS})
CURATED, ENTRIES = "/v1/cache/curated", "/v1/cache/entries"
_BELOW_ADMIN, _BELOW_CURATED = f"{ADMIN}/", f"{CURATED}/"
_BEARER = re.compile(r"bearer +([\x21-\x7e]+) *", re.IGNORECASE)
_TENANTS_KEY = "admin_key_needed"
_NOBODY, _OPERATOR = Caller(""), Caller("", is_admin=True)


class Authentication:
    """
    Lets in whom the directory knows; without a directory, everyone.

    Operators have a key of their own: it opens the admin routes, and answers no prompts. While an open server has
    neither keys nor an admin key, a caller on the same machine is its operator.
    """

    def __init__(self, app: ASGIApp, service: Service, room: BodyRoom) -> None:
        self._app = app
        self._room = room
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = context_of(scope)
        context.origin = client_address(scope, self._service.access.trusted)
        try:
            context.caller = await self._caller(scope)
            owner = "" if context.caller.key is None else context.caller.key.id
            self._service.access.shares.begin(owner)
        except UnauthenticatedError as error:
            await self._refuse_wrong_key(error, scope, receive, send)
            return
        except RequestError as error:
            await errors.refuse(self._service.recording, Request(scope), error)(scope, receive, send)
            return
        OWNER.set(owner)
        OTHERS.set(self._service.access.shares)
        if self._service.audit is not None:
            send = audited(send, scope, self._service.audit)
        try:
            await work_places.turn()
            await self._answer(scope, receive, send, owner)
        finally:
            self._service.access.shares.end(owner)
            for meter in context.meters:
                meter.close()
            if context.body is not None:
                context.body.give_back()

    async def _answer(self, scope: Scope, receive: Receive, send: Send, owner: str) -> None:
        """Pass the request on; a large answer for which there is no room is a 503 in its place."""
        context = context_of(scope)
        if context.caller is not _NOBODY:  # the pages that are open to all are the same bytes for all
            context.body = BodyPlace(self._room, owner)
        if context.is_buffered:
            await self._app(scope, receive, send)
            return
        answer = AnswerParts(send, context.body)
        try:
            await self._app(scope, receive, answer)
        except ServiceUnavailableError as error:
            if answer.has_begun:
                raise
            await errors.refuse(self._service.recording, Request(scope), error)(scope, receive, send)

    async def _refuse_wrong_key(self, error: RequestError, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, or 429 after too many wrong keys of one address; no key at all is no wrong key."""
        wrong_keys = self._service.access.wrong_keys
        if wrong_keys is not None and presented(scope["headers"]) and error.code != _TENANTS_KEY:
            try:
                wrong_keys.note(context_of(scope).origin)
            except RateLimitedError as limited:
                error = limited
        await errors.refuse(self._service.recording, Request(scope), error)(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller:
        path = scope["path"]
        is_operators = path == ADMIN or path.startswith(_BELOW_ADMIN)
        if is_operators:
            self._check_port(scope)
        elif path in OPEN_TO_ALL:
            return _NOBODY
        key = presented(scope["headers"])
        is_putting = path == ENTRIES and scope["method"] == "PUT"
        is_curating = is_putting or path == CURATED or path.startswith(_BELOW_CURATED)
        if (is_operators or is_curating or path in COUNTS) and self._is_admin(key):
            return _OPERATOR
        if is_operators:
            return await self._operator(scope, key, needed(scope["method"], path))
        directory = await self._directory(scope)
        if directory is None:
            return ANYONE
        scope_needed = needed(scope["method"], path)
        found = await directory.caller(key)
        if found.key is not None and not found.key.may(scope_needed):
            raise _out_of_scope(scope_needed)
        return found

    def _check_port(self, scope: Scope) -> None:
        """Raise NotFoundError where admin routes are switched off, or another port has them."""
        where = self._service.access.admin_routes
        if where is True:
            return
        if where is False or (scope.get("server") or ("", None))[1] != where:
            raise NotFoundError("there is no such route here", code="not_found")

    async def _operator(self, scope: Scope, key: str, scope_needed: str) -> Caller:
        """Return the operator: a key with the scope of this part, or a caller on this machine of an open server."""
        directory = self._service.access.current
        if key and directory is not None:
            found = (await directory.caller(key)).key
            if found is not None and found.may(scope_needed):
                return Caller("", found, is_admin=True)
            is_operators = found is not None and found.is_operators
            raise _out_of_scope(scope_needed) if is_operators else _operators_only(scope_needed)
        return await self._local_operator(scope)

    async def _local_operator(self, scope: Scope) -> Caller:
        """Let in a caller on this machine while the server is open and has no admin key; refuse every other."""
        access = self._service.access
        if access.local is None or access.admin_digest is not None or not access.local.is_direct(scope):
            raise refused()
        if await self._directory(scope) is not None:
            raise refused()
        return _OPERATOR

    async def _directory(self, scope: Scope) -> Directory | None:
        """Return the directory of keys; None for a caller whom an open server answers."""
        access = self._service.access
        if access.directory is not None:
            return access.directory
        directory = None if access.watch is None else await access.watch.directory()
        if directory is None and access.local is not None:
            access.local.check(scope["headers"])
        return directory

    def _is_admin(self, key: str) -> bool:
        admin = self._service.access.admin_digest
        return admin is not None and api_key.same(admin, api_key.digest(key))


def _out_of_scope(scope: str) -> NotAllowedError:
    return NotAllowedError(f"this key has no scope `{scope}`", code="scope_missing")


def _operators_only(scope: str) -> UnauthenticatedError:
    """Return the 401 for a tenant's key at an admin route: it is right elsewhere, so it counts as no wrong key."""
    message = f"the admin key is needed, or a key with the scope `{scope}`"
    return UnauthenticatedError(message, code=_TENANTS_KEY)


def presented(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the one key these headers hold; "", which opens nothing, for none and for two that differ."""
    shown: str | None = None
    for name, value in headers:
        if name == b"authorization":
            found = _BEARER.fullmatch(value.decode("latin-1"))
            key = "" if found is None else found[1]
        elif name == b"x-api-key":
            key = value.decode("latin-1")
        else:
            continue
        if shown is not None and key != shown:
            return ""
        shown = key
    return shown or ""
