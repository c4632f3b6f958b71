"""`/v1/admin/erasures`: removes all that one end user or one API key has stored, and gives a signed receipt."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import Path, Request, Response
from pydantic import BaseModel, Field, model_validator

from sentinel_core.cache.purge import Purge, Removal
from sentinel_core.cache.scope import canonical_json
from sentinel_core.errors import NotFoundError
from sentinel_core.tenants import api_key
from sentinel_core.tenants.api_key import Tenant
from sentinel_core.tenants.limit_plan import DAY_SECONDS, counter_names
from sentinel_core.web.admin.common import (
    Strict,
    directory_of,
    namespace_of,
    operated,
    reading_router,
    store_needed,
    told,
    writing_router,
)
from sentinel_core.web.auditing import note
from sentinel_core.web.context import context_of
from sentinel_core.web.end_users import LONGEST
from sentinel_core.web.service import Service

router = reading_router("/erasures")
writing = writing_router("/erasures")

WAIT_SECONDS = 20.0
"""How long a request waits for the bytes to be gone."""

MARGIN_SECONDS = 2.0
"""Left of the platform's time for the answer."""

NOT_REACHED = (
    "Redis: its append-only file and snapshots until they are written again, replicas that are away, and backups",
    "memory: instances of AWS Lambda that are frozen forget before their next answer, or end unseen",
    "logs: CloudWatch, and other places that logs were sent to",
    "providers: requests that were sent to them",
    "this receipt and the record of it, which hold pseudonyms and no names",
)
"""Copies that no command of Sentinel erases."""


class Erasing(Strict):
    """Whose data is to go; in a body, for addresses end up in logs."""

    tenant: Tenant | None = Field(None, description="Whose user or key. Not needed where no keys are asked for.")
    user: str | None = Field(
        None, min_length=1, max_length=LONGEST, description="The end user, by the name in the requests."
    )
    key: str | None = Field(
        None, pattern="^[0-9a-f]{16}$", description="An API key, by its id: what requests with it have stored."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Erasing:
        if (self.user is None) == (self.key is None):
            raise ValueError("give either user or key")
        if self.user is not None and not self.user.strip():
            raise ValueError("user: must not be blank")
        return self


class Receipt(BaseModel):
    """The result of a removal."""

    id: str
    state: Literal["running", "done"]
    kind: Literal["user", "key", "purge"]
    subject: str | None = Field(description="The user's pseudonym, or the key's id.")
    started: float
    finished: float | None = Field(description="Null while bytes may be left.")
    removed: Mapping[str, int] = Field(description="How many of each kind, in this store.")
    not_reached: list[str]
    signature: str | None = Field(
        description="HMAC-SHA256 of the receipt as canonical JSON without this field; null while it runs, and on a"
        " server without a secret."
    )


class Receipts(BaseModel):
    erasures: list[Receipt] = Field(description="The last first, purges by tag, model or age included.")


@writing.post("", response_model=Receipt, summary="Erase a user's or a key's data")
async def erase(body: Erasing, request: Request) -> Response:
    """
    Make misses of all that this user or key has stored, at once, and free its bytes.

    Answers 200 with a receipt when the bytes are gone, or 202 if that takes longer: it goes on in the background, on
    AWS Lambda with the next call of this route or the next warm-up. Twice is no error. Requests under way store
    nothing more of this user.
    """
    service = operated(request)
    namespace = namespace_of(service, body.tenant)
    with store_needed():
        await _check_tenant(service, namespace, body.tenant)
        purge, counters = await _purge(service, namespace, body)
        begun = await service.stored.removals.begin(purge, counters)
    note(request, after={"id": begun.id, "tenant": body.tenant, "author": purge.author, "key": purge.key})
    return await _worked(request, service, begun)


@router.get("", summary="List erasures")
async def list_erasures(request: Request) -> Receipts:
    service = operated(request)
    with store_needed():
        recent = await service.stored.removals.recent()
    key = service.stored.receipt_key.read()
    return Receipts(erasures=[receipt(each, key) for each in recent])


@router.get("/{identifier}", response_model=Receipt, summary="Show an erasure")
async def show_erasure(
    request: Request, identifier: Annotated[str, Path(pattern="^(purge-)?[0-9a-z]{1,64}$")]
) -> Response:
    """Return the receipt; of one that still runs, wait for it as long as the request may."""
    service = operated(request)
    with store_needed():
        found = await service.stored.removals.get(identifier)
    if found is None:
        raise NotFoundError("identifier: there is no such erasure", code="no_such_erasure", param="identifier")
    return await _worked(request, service, found)


async def _check_tenant(service: Service, namespace: str, tenant: str | None) -> None:
    """Raise NotFoundError for a tenant without keys and answers: a receipt would say that a misspelt one is erased."""
    if tenant is None or await directory_of(service).knows(tenant):
        return
    if not await service.stored.inventory.scopes(namespace, limit=1):
        raise NotFoundError(f"tenant: there is no {tenant}", code="unknown_tenant", param="tenant")


async def _purge(service: Service, namespace: str, body: Erasing) -> tuple[Purge, list[str]]:
    """Return the purge, and the counters that go as well: those of a key that is still good limit it on."""
    if body.user is not None:
        return Purge(namespace, author=service.end_users.pseudonym_in(body.user, body.tenant or "")), []
    purge, directory = Purge(namespace, key=body.key), service.access.current
    key = None if directory is None else api_key.find(await directory.store.all(), body.key or "")
    if key is not None and key.tenant != body.tenant:
        raise NotFoundError("key: this tenant has no such key", code="no_such_key", param="key")
    now = service.clock.now()
    return purge, [] if key is None or key.is_open(now) else counter_names(key, int(now // DAY_SECONDS))


async def _worked(request: Request, service: Service, removal: Removal) -> Response:
    """Work on a removal for a while, then say how far it is; while the store is away it is as it was."""
    removals = service.stored.removals
    if removal.finished is None:
        left = context_of(request.scope).deadline - service.clock.monotonic() - MARGIN_SECONDS
        with store_needed():
            await removals.work(within=max(0.1, min(WAIT_SECONDS, left)))
            removal = await removals.get(removal.id) or removal
    return told(receipt(removal, service.stored.receipt_key.read()), 200 if removal.finished is not None else 202)


def receipt(removal: Removal, key: bytes) -> Receipt:
    """Return the receipt of a removal, signed if it is done."""
    purge = removal.purge
    unsigned = Receipt(
        id=removal.id,
        state="running" if removal.finished is None else "done",
        kind="user" if purge.author is not None else "purge" if purge.key is None else "key",
        subject=purge.author or purge.key,
        started=removal.started,
        finished=removal.finished,
        removed={
            name: getattr(removal, name)
            for name in ("entries", "vectors", "streams", "rankings", "counters", "unreadable")
        },
        not_reached=list(NOT_REACHED),
        signature=None,
    )
    if removal.finished is None or not key:
        return unsigned
    return unsigned.model_copy(update={"signature": signature(unsigned, key)})


def signature(signed: Receipt, key: bytes) -> str:
    """Return the HMAC-SHA256 of a receipt, without its own signature, in hex."""
    return hmac.new(key, canonical_json(signed.model_dump(exclude={"signature"})), hashlib.sha256).hexdigest()
