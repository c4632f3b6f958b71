"""`PUT /v1/cache/entries` and `/v1/cache/curated`: answers that a person stands behind; `/v1/cache/sources`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from sentinel_core.cache import curated
from sentinel_core.cache.curated import Record
from sentinel_core.cache.ports import Purge
from sentinel_core.errors import (
    EmbeddingError,
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    ServiceUnavailableError,
)
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.support.moments import moment
from sentinel_core.tenants.api_key import Tenant
from sentinel_core.tenants.key_directory import refused
from sentinel_core.tenants.key_scopes import CURATE
from sentinel_core.web import errors
from sentinel_core.web.admin.common import Strict, namespace_of, store_needed, told
from sentinel_core.web.auditing import note
from sentinel_core.web.cache_options import SOURCE_PATTERN, TAG_PATTERN, source_tag, version_tag
from sentinel_core.web.context import caller
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.service import Service, service_of

router = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES)
writing = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES, route_class=JsonRoute)

MOST_RECORDS = 20_000
"""Curated answers of one namespace."""

Text = Annotated[str, Field(min_length=1, max_length=100_000)]
Named = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Whose = Annotated[Tenant | None, Query(description="Whose answers; with the admin key only, where keys exist.")]
Identifier = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", description="`id` of a curated answer.")]


def _begin(value: Any) -> Any:
    return None if value is None else moment(value)


def _end(value: Any) -> Any:
    return None if value is None else moment(value, is_end=True)


Moment = Annotated[
    float,
    Field(ge=0, le=1e12),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "format": "date-time"}]}),
]


class CuratedAnswer(Strict):
    """
    An answer with its questions; `question` may stand for a list of one.

    Times are Unix times, or dates and times by ISO 8601 (UTC unless they name an offset).
    """

    id: Named | None = Field(None, description="Its name; by default from the first question and the scope.")
    questions: list[Text] = Field(min_length=1, max_length=100, description="Each is answered, also in other words.")
    answer: Text
    tags: list[Annotated[str, Field(pattern=TAG_PATTERN)]] = Field([], max_length=16)
    model: Text | None = Field(None, description="Answers requests of this model only; null: of all.")
    system: Text | None = Field(None, description="Answers requests with this system prompt only; null: with any.")
    surface: Literal["chat", "completions", "messages", "query", "responses"] | None = Field(
        None, description="Answers requests of this kind of route only; null: of all."
    )
    tools: bool = Field(False, description="Also answers requests that bring tools.")
    turns: bool = Field(False, description="Also answers requests with earlier turns, by the last one.")
    formats: bool = Field(False, description="Also answers requests that ask for a format, which it then has to have.")
    ttl: float | None = Field(None, gt=0, le=1e10, description="Seconds for which it answers; null: pinned.")
    valid_from: Annotated[Moment, BeforeValidator(_begin)] | None = None
    valid_until: Annotated[Moment, BeforeValidator(_end)] | None = Field(
        None, description="A date alone: the end of that day."
    )
    approved_by: Annotated[str, Field(max_length=200)] | None = Field(None, description="Who approved it.")

    @model_validator(mode="before")
    @classmethod
    def _from_one_question(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "question" not in given or "questions" in given:
            return given
        return {
            **{name: value for name, value in given.items() if name != "question"},
            "questions": [given["question"]],
        }

    @model_validator(mode="after")
    def _says_something(self) -> CuratedAnswer:
        if not self.answer.strip() or not all(question.strip() for question in self.questions):
            raise ValueError("questions and answer must say something")
        if self.valid_from is not None and self.valid_until is not None and self.valid_from >= self.valid_until:
            raise ValueError("valid_until must be later than valid_from")
        return self

    def record(self) -> Record:
        fields: dict[str, Any] = self.model_dump()
        fields |= {"id": self.id or "", "questions": tuple(self.questions), "tags": tuple(self.tags)}
        record = Record(**fields)
        return record if record.id else replace(record, id=curated.identifier(record))


class CuratedAnswers(Strict):
    """Entries; one alone may stand for a list of one."""

    entries: list[CuratedAnswer] = Field(min_length=1, max_length=100)

    @model_validator(mode="before")
    @classmethod
    def _from_one(cls, given: Any) -> Any:
        return {"entries": [given]} if isinstance(given, dict) and "answer" in given else given


class CuratedView(BaseModel):
    """A curated answer as it is kept."""

    id: str
    questions: Sequence[str]
    answer: str
    tags: Sequence[str]
    model: str | None
    system: str | None
    surface: str | None
    tools: bool
    turns: bool
    formats: bool
    ttl: float | None
    valid_from: float | None
    valid_until: float | None
    approved_by: str | None
    created: float
    version: int


class Stored(BaseModel):
    ids: list[str] = Field(description="Of all entries of the request, in its order.")
    changed: int = Field(description="Entries that are new or say something new.")


class CuratedPage(BaseModel):
    entries: list[CuratedView]
    next_cursor: str | None = Field(description="For the next page; null at the end.")


class Changed(BaseModel):
    changed: bool


class SourceVersion(Strict):
    source: Annotated[str, Field(pattern=SOURCE_PATTERN)] = Field(description="Name of the document.")
    version: Annotated[str, Field(pattern=SOURCE_PATTERN)] = Field(description="Its new version.")


class SourceChanged(BaseModel):
    source: str
    version: str
    note: str = "answers that rest on the source are misses at once here, in every instance within a second"


@writing.put("/entries", response_model=Stored, summary="Put curated answers")
async def put_entries(body: CuratedAnswers, request: Request) -> Response:
    """Store answers that come before learned ones; the same again changes nothing. All or none are stored."""
    service = service_of(request)
    namespace, book = _curator(request, service, request.query_params.get("tenant")), _book(service)
    records = [each.record() for each in body.entries]
    _check_conflicts(records)
    with store_needed():
        before = await book.current(namespace)
        if len(before) + len({each.id for each in records if each.id not in before}) > MOST_RECORDS:
            raise NotAllowedError(f"entries: a namespace holds {MOST_RECORDS} at most", code="too_many_entries")
        try:
            changed = await book.put(namespace, records)
        except EmbeddingError as error:
            raise ServiceUnavailableError("the embedder does not answer", what="embedder") from error
    note(request, after={"ids": list(changed)})
    return told(Stored(ids=[each.id for each in records], changed=len(changed)))


@router.get("/curated", summary="List curated answers")
async def list_curated(
    request: Request,
    tenant: Whose = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str, Query(max_length=64)] = "",
) -> CuratedPage:
    """Return curated answers page by page, by their ids."""
    service = service_of(request)
    with store_needed():
        records = await _book(service).current(_curator(request, service, tenant))
    names = sorted(name for name in records if name > cursor)
    page = [_view(records[name]) for name in names[:limit]]
    return CuratedPage(entries=page, next_cursor=names[limit - 1] if len(names) > limit else None)


@router.delete("/curated/{identifier}", summary="Delete a curated answer")
async def delete_curated(request: Request, identifier: Identifier, tenant: Whose = None) -> Changed:
    """Delete an answer with its former versions; twice is no error."""
    service = service_of(request)
    with store_needed():
        return Changed(changed=await _book(service).delete(_curator(request, service, tenant), identifier))


@router.post("/curated/{identifier}/rollback", summary="Return to the former version")
async def roll_back(request: Request, identifier: Identifier, tenant: Whose = None) -> CuratedView:
    """Make the version before the last change the current one, as a new version."""
    service = service_of(request)
    with store_needed():
        record = await _book(service).roll_back(_curator(request, service, tenant), identifier)
    if record is None:
        raise NotFoundError("identifier: there is no former version", code="no_such_entry", param="identifier")
    return _view(record)


@writing.post("/sources", response_model=SourceChanged, summary="Say that a document has changed")
async def change_source(body: SourceVersion, request: Request) -> Response:
    """Make misses of all answers that name another version of the document in `x-sentinel-source`, now and later."""
    service = service_of(request)
    await service.admit(request)
    with store_needed():
        tags = source_tag(body.source), version_tag(body.source, body.version)
        await service.stored.store.purge(Purge(caller(request).namespace, tag=tags[0], keeps=tags[1]))
    note(request, after={"source": body.source, "version": body.version})
    return told(SourceChanged(source=body.source, version=body.version))


def _check_conflicts(records: Sequence[Record]) -> None:
    """Raise InvalidRequestError for two entries of one id that say different things."""
    places: dict[str, int] = {}
    for place, record in enumerate(records):
        first = places.setdefault(record.id, place)
        if records[first].said != record.said:
            rule = f"entries[{place}]: says something else than entries[{first}], which has the same id or question"
            raise InvalidRequestError(rule, code="conflicting_entries", param=f"entries[{place}]", status=422)


def _curator(request: Request, service: Service, tenant: str | None) -> str:
    """Return the namespace whose answers the caller may curate; raises NotAllowedError where there is none."""
    known, access = caller(request), service.access
    if known.is_admin:
        return namespace_of(service, tenant)
    if known.key is not None:
        if CURATE not in known.key.scopes or tenant not in (None, known.key.tenant):
            raise NotAllowedError(
                "curated answers need the admin key, or a key of `sentinel keys create … --scopes curate`",
                code="scope_needed",
            )
        return known.namespace
    if access.admin_digest is None and access.local is not None and access.local.is_direct(request.scope):
        return known.namespace
    raise refused()


def _book(service: Service) -> CuratedBook:
    book = service.stored.curated
    if book is None:
        raise NotFoundError("this gateway keeps no curated answers", code="not_found")
    return book


def _view(record: Record) -> CuratedView:
    return CuratedView(**record.said, created=record.created, version=record.version)
