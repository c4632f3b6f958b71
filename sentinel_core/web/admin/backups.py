"""`/v1/admin/backup`: a namespace's stored and curated answers and judged pairs, page by page, and back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from sentinel_core.cache import backup, scope
from sentinel_core.cache.backup import Saved, SavedEntry, Sealer
from sentinel_core.errors import CorruptEntryError, EmbeddingError, InvalidRequestError, ServiceUnavailableError
from sentinel_core.gateway.backups import Backups
from sentinel_core.tenants.api_key import Tenant
from sentinel_core.web.admin.common import (
    Strict,
    bad_cursor,
    namespace_of,
    operated,
    reading_router,
    store_needed,
    told,
    writing_router,
)
from sentinel_core.web.auditing import note
from sentinel_core.web.service import Service

router = reading_router("/backup")
writing = writing_router("/backup")

_CONFLICT = 409
_WHOSE = "Whose answers; of a pool's tenant, the pool's. Not needed where no keys are asked for."
_CHECK = "header"


class BackupPage(BaseModel):
    """Rows of a backup."""

    header: dict[str, Any] = Field(description="Of the whole backup; restore wants it with each batch.")
    rows: list[dict[str, Any]]
    next_cursor: str | None = Field(description="For the next page, which may be empty; null at the end.")


class Restoring(Strict):
    """Rows of a backup, with its header."""

    tenant: Tenant | None = Field(None, description=_WHOSE)
    header: dict[str, Any]
    rows: list[dict[str, Any]] = Field(max_length=1000)
    embed: bool = Field(False, description="Compute the vectors here; needed where the embedder is another.")


class Refused(BaseModel):
    row: int = Field(description="Its place in the request, from 0.")
    reason: str


class RestoredView(BaseModel):
    changed: int = Field(description="Answers and pairs that are new here, or newer than those that were.")
    same: int = Field(description="Answers and pairs that were here, as new as these.")
    erased: int = Field(description="Answers whose writer was erased after they were given; they stay erased.")
    erased_rows: list[int] = Field(description="Their places in the request, from 0; leave out pairs of them.")
    refused: list[Refused]


@router.get("", summary="Read a tenant's answers for a backup")
async def read_backup(
    request: Request,
    tenant: Annotated[Tenant | None, Query(description=_WHOSE)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
    cursor: Annotated[str, Query(max_length=250)] = "",
    sealed: Annotated[bool, Query(description="Closed by this deployment's secret and encryption keys.")] = False,
) -> Response:
    """Return stored answers with their vectors, curated ones with their versions, and judged pairs; or sealed."""
    service = operated(request)
    namespace, backups = namespace_of(service, tenant), backups_of(service)
    with store_needed():
        try:
            page = await backups.page(namespace, cursor, limit)
        except ValueError:
            raise bad_cursor() from None
    rows = [backup.row_of(each) for each in page.saved]
    if sealed:
        rows = [backup.sealed(row, namespace, service.stored.sealer) for row in rows]
    note(request, after={"rows": len(rows), "sealed": sealed})
    header = _header(namespace, backups.embedder_id, service.stored.sealer if sealed else None)
    return told(BackupPage(header=header, rows=rows, next_cursor=page.cursor))


@writing.post("/restore", response_model=RestoredView, summary="Put rows of a backup back")
async def restore(body: Restoring, request: Request) -> Response:
    """Store the answers and pairs that are not here, or older here; the same again changes nothing."""
    service = operated(request)
    namespace, backups = namespace_of(service, body.tenant), backups_of(service)
    _check(body, namespace, backups.embedder_id, service.stored.sealer)
    saved: list[Saved] = []
    places: dict[tuple[str, str], int] = {}
    refused: list[Refused] = []
    for number, row in enumerate(body.rows):
        try:
            one = backup.read(backup.opened(row, namespace, service.stored.sealer))
            saved.append(backup.without_vectors(one) if body.embed else one)
            if isinstance(one, SavedEntry):
                places[one.fingerprint, one.digest] = number
        except CorruptEntryError as error:
            refused.append(Refused(row=number, reason=str(error)))
    with store_needed():
        try:
            outcome = await backups.restore(namespace, saved, embeds=body.embed)
        except EmbeddingError as error:
            raise ServiceUnavailableError("the embedder does not answer", what="embedder") from error
    note(request, after={"changed": outcome.changed})
    erased = sorted(places[each] for each in outcome.erased)
    return told(
        RestoredView(
            changed=outcome.changed, same=outcome.same, erased=len(erased), erased_rows=erased, refused=refused
        )
    )


def backups_of(service: Service) -> Backups:
    """Return the backups over the service's stores."""
    stored = service.stored
    return Backups(stored.store, stored.inventory, stored.removals, stored.embedder, stored.curated, stored.pairs)


def _header(namespace: str, embedder: str, sealer: Sealer | None) -> dict[str, Any]:
    header = {
        "kind": "header",
        "format": backup.FORMAT,
        "namespace": namespace,
        "scopes": scope.FORMAT,
        "embedder": embedder,
        "sealed": sealer is not None,
    }
    return header if sealer is None else {**header, "check": sealer.close(namespace, _CHECK, "{}")}


def _check(body: Restoring, namespace: str, embedder: str, sealer: Sealer) -> None:
    """Raise InvalidRequestError with the reason why no row of this backup can be of use here."""
    header = body.header
    if header.get("format") != backup.FORMAT or header.get("scopes") != scope.FORMAT:
        raise _unfit("other_format", "the backup is of another format than this version of Sentinel writes")
    if header.get("namespace") != namespace:
        raise _unfit(
            "other_namespace",
            "the backup is another tenant's, or of a deployment with another SENTINEL_NAMESPACE_SECRET",
        )
    if header.get("sealed"):
        try:
            sealer.open(namespace, _CHECK, str(header.get("check")))
        except CorruptEntryError as error:
            raise _unfit(
                "wrong_secret", "the backup is sealed by another SENTINEL_NAMESPACE_SECRET or SENTINEL_ENCRYPTION_KEYS"
            ) from error
    if header.get("embedder") != embedder and not body.embed:
        raise _unfit(
            "other_embedder", "the vectors are another embedder's: restore with embed (--embed) to compute them here"
        )


def _unfit(code: str, message: str) -> InvalidRequestError:
    return InvalidRequestError(f"header: {message}", code=code, param="header", status=_CONFLICT)
