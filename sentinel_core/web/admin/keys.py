"""`/v1/admin/keys`: for the operator's key only, which authentication checks before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from sentinel_core.errors import NotAllowedError, NotFoundError
from sentinel_core.tenants import api_key, key_operations
from sentinel_core.tenants.api_key import ApiKey, Label, Limits, Moment, Name, Tenant, UserScope
from sentinel_core.tenants.key_directory import Directory
from sentinel_core.tenants.key_scopes import KeyScope, rights
from sentinel_core.web.admin.common import (
    Strict,
    bad_cursor,
    directory_of,
    operated,
    reading_router,
    store_needed,
    told,
    writing_router,
)
from sentinel_core.web.auditing import note
from sentinel_core.web.context import caller
from sentinel_core.web.service import Service

router = reading_router()
writing = writing_router()

_WHICH = {"parameters": [{"in": "path", "name": "identifier", "required": True, "schema": {"type": "string"}}]}


class NewKey(Strict):
    """The tenant of a new key, and its rights."""

    tenant: Tenant = Field(description="Whose answers it opens.")
    name: Label = Field("", description="What people know it by.")
    models: list[Name] = Field([], max_length=100, description="Models it may ask; all if empty.")
    providers: list[Name] = Field([], max_length=100, description="Providers it may ask; all if empty.")
    expires: Moment | None = Field(None, description="Unix time from which on it is no longer good; never if null.")
    limits: Limits = Field(api_key.NO_LIMITS, description="What it may spend.")
    scopes: list[KeyScope] = Field(
        [],
        max_length=32,
        description="What it may be used for: answer, cache, curate, metrics, admin:<part>; the first four if empty; "
        "curated answers are written only with a named curate.",
    )
    user_scope: UserScope | None = Field(
        None, description="Which prompts of a named end user are theirs alone; the setting's if null."
    )


class Rotation(Strict):
    overlap_seconds: float = Field(0.0, ge=0, le=31_536_000, description="How long the old key stays good.")


class KeyView(BaseModel):
    """A key as it is kept: its id is not secret, the key itself is nowhere."""

    id: str
    tenant: str
    name: str
    state: Literal["active", "expired", "revoked", "forged"]
    created: float
    expires: float | None
    models: Sequence[str]
    providers: Sequence[str]
    limits: Limits
    user_scope: UserScope | None
    scopes: Sequence[str]


class ShownKey(BaseModel):
    key: str = Field(description="Shown this once.")
    kept: KeyView
    admin_key: str | None = Field(
        None, description="The admin key, made with the first key of an open server; shown this once."
    )


class Revoked(BaseModel):
    changed: bool = Field(description="False if it was revoked before.")
    kept: KeyView


class KeyPage(BaseModel):
    keys: list[KeyView]
    next_cursor: str | None = Field(description="For the next page; null at the end.")


@router.get("/keys", summary="List keys")
async def list_keys(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(pattern="^[0-9a-f]{16}$", description="`next_cursor` of a page.")] = None,
) -> KeyPage:
    """Return keys, oldest first, revoked ones included; none is shown."""
    service, directory = _keyed(request)
    kept = await _kept(directory)
    start = 0 if cursor is None else _after([key.id for key in kept], cursor)
    page = kept[start : start + limit]
    more = start + limit < len(kept)
    return KeyPage(
        keys=[_view(key, service.clock.now()) for key in page], next_cursor=page[-1].id if more and page else None
    )


@writing.post("/keys", status_code=201, response_model=ShownKey, summary="Make a key")
async def create_key(body: NewKey, request: Request) -> Response:
    """
    Make a key, and show it once.

    The first key of an open server closes it: from then on every caller needs a key, and an operator the admin key.
    """
    service = operated(request)
    now = service.clock.now()
    _check_rights(request, body.scopes)
    shown, key = key_operations.made(now=now, **dict(body))
    access = service.access
    with store_needed():
        if access.current is None and access.first_key is not None:
            admin_key = await access.first_key(key)
            if access.watch is not None:
                access.watch.look_again()
                await access.watch.directory()
        else:
            admin_key = None
            await directory_of(service).store.put(key)
    note(request, after=key_operations.facts(key))
    return told(ShownKey(key=shown, kept=_view(key, now), admin_key=admin_key), 201)


@writing.post(
    "/keys/{identifier}/rotate",
    status_code=201,
    response_model=ShownKey,
    summary="Replace a key",
    openapi_extra=_WHICH,
)
async def rotate_key(body: Rotation, request: Request) -> Response:
    """Make a new key that opens the same; the old one ends now, or after the overlap."""
    service, directory = _keyed(request)
    now, old = service.clock.now(), await _existing(directory, request)
    _check_rights(request, old.scopes)
    with store_needed():
        shown, key = await key_operations.rotate(directory.store, old, now=now, overlap=body.overlap_seconds)
    directory.forget(old.sha256)
    note(request, before=key_operations.facts(old), after=key_operations.facts(key))
    return told(ShownKey(key=shown, kept=_view(key, now)), 201)


@router.delete("/keys/{identifier}", summary="Revoke a key", openapi_extra=_WHICH)
async def revoke_key(request: Request) -> Revoked:
    """Take a key back: here at once, everywhere within a minute; twice is no error."""
    service, directory = _keyed(request)
    key = await _existing(directory, request)
    with store_needed():
        changed = await key_operations.revoke(directory.store, key)
    directory.forget(key.sha256)
    note(request, before=key_operations.facts(key), after=key_operations.facts(key.revoked()))
    return Revoked(changed=changed, kept=_view(key.revoked(), service.clock.now()))


def _check_rights(request: Request, scopes: Collection[str]) -> None:
    """Raise NotAllowedError if a key would get a key with more rights than its own; the operator may make any."""
    own = caller(request).key
    if own is not None and not rights(scopes) <= rights(own.scopes):
        raise NotAllowedError("scopes: more than this key has", code="scope_not_allowed", param="scopes")


def _keyed(request: Request) -> tuple[Service, Directory]:
    service = operated(request)
    return service, directory_of(service)


async def _kept(directory: Directory) -> Sequence[ApiKey]:
    with store_needed():
        return await directory.store.all()


async def _existing(directory: Directory, request: Request) -> ApiKey:
    key = api_key.find(await _kept(directory), request.path_params["identifier"])
    if key is None:
        raise NotFoundError("identifier: no key has this id", code="no_such_key", param="identifier")
    return key


def _after(identifiers: Sequence[str], cursor: str) -> int:
    if cursor not in identifiers:
        raise bad_cursor()
    return identifiers.index(cursor) + 1


def _view(key: ApiKey, now: float) -> KeyView:
    fields: dict[str, Any] = {**dict(key), "id": key.id, "state": key_operations.state(key, now)}
    return KeyView.model_validate({name: fields[name] for name in KeyView.model_fields})
