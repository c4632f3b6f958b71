"""Shared parts of the operator's routes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict

from sentinel_core.errors import InvalidRequestError, NotFoundError, ServiceUnavailableError, StoreError
from sentinel_core.tenants.api_key import OPEN_NAMESPACE
from sentinel_core.tenants.key_directory import Directory, refused
from sentinel_core.web import errors
from sentinel_core.web.context import caller
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.service import Service, service_of

PREFIX = "/v1/admin"


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


def operated(request: Request) -> Service:
    """Return the service of an operator's request; authentication has let in no other caller."""
    if not caller(request).is_admin:
        raise refused()
    return service_of(request)


async def known_query(request: Request) -> None:
    """
    Refuse query parameters that the route does not have.

    A misspelt filter must not return everything. Raises InvalidRequestError that names the first of them.
    """
    operated(request)
    known = [field.alias for field in request.scope["route"].dependant.query_params]
    unknown = next((name for name in request.query_params if name not in known), None)
    if unknown is not None:
        there = f"this route knows {', '.join(sorted(known))}" if known else "this route knows none"
        raise InvalidRequestError(
            f"{unknown[:64]}: no such query parameter; {there}", code="unknown_parameter", param=unknown[:64]
        )


def reading_router(path: str = "") -> APIRouter:
    """Return a router of the operator's routes without a body; each refuses query parameters that it does not have."""
    return APIRouter(
        prefix=PREFIX + path, tags=["admin"], responses=errors.RESPONSES, dependencies=[Depends(known_query)]
    )


def writing_router(path: str = "") -> APIRouter:
    """Return a router of the operator's routes with a JSON body."""
    return APIRouter(prefix=PREFIX + path, tags=["admin"], responses=errors.RESPONSES, route_class=JsonRoute)


def directory_of(service: Service) -> Directory:
    directory = service.access.current
    if directory is None:
        raise NotFoundError(
            "this gateway asks for no keys: make the first with `sentinel keys create`, or start it with"
            " SENTINEL_NAMESPACE_SECRET",
            code="no_keys",
        )
    return directory


def namespace_of(service: Service, tenant: str | None) -> str:
    """Return where a tenant's answers are; where no keys are asked for there is one place, and no tenant to name."""
    if tenant is not None:
        return directory_of(service).namespace(tenant)
    if service.access.current is not None:
        raise InvalidRequestError("tenant: whose answers are meant", code="missing", param="tenant", status=422)
    return OPEN_NAMESPACE


@contextmanager
def store_needed() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise ServiceUnavailableError("the store does not answer", what="store") from error


def bad_cursor() -> InvalidRequestError:
    return InvalidRequestError("cursor: must be the next_cursor of a page", code="invalid_cursor", param="cursor")


def told(content: BaseModel, status: int = 200) -> Response:
    return Response(content.model_dump_json(), status, media_type="application/json")
