"""`GET /v1/models` and `GET /v1/models/{id}`: the models that the caller's key may ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from sentinel_core.chat.messages import Json
from sentinel_core.errors import NotFoundError
from sentinel_core.web import errors
from sentinel_core.web.context import caller
from sentinel_core.web.routes.chat_schema import Model, ModelList
from sentinel_core.web.routes.embeddings import LOCAL_MODEL, LOCAL_PROVIDER
from sentinel_core.web.service import Service, service_of

router = APIRouter(tags=["openai"], responses=errors.RESPONSES)


@router.get("/v1/models", summary="List the models that may be asked", response_model=ModelList)
async def models(request: Request) -> Response:
    """
    Name each provider's default model, then all that it lists, as `provider/model`, if the key may ask them.

    Lists are remembered for ten minutes. A caller with `anthropic-version` gets Anthropic's shape.
    """
    service, known = service_of(request), caller(request)
    found = [pair for pair in await _pairs(service) if known.allows(*pair)]
    if "anthropic-version" in request.headers:
        return JSONResponse(_anthropic([f"{provider}/{model}" for provider, model in found]))
    listed = [Model(id=f"{provider}/{model}", owned_by=provider) for provider, model in found]
    return JSONResponse(ModelList(data=listed).model_dump())


@router.get("/v1/models/{model:path}", summary="Show a model", response_model=Model)
async def model(model: str, request: Request) -> Response:
    """Show one model, by its name with or without the provider; 404 if there is none that the key may ask."""
    service = service_of(request)
    provider, name = _split(service, model)
    if not caller(request).allows(provider, name) or not await _exists(service, provider, name):
        raise NotFoundError(f"the model {model[:200]!r} does not exist", code="model_not_found", param="model")
    if "anthropic-version" in request.headers:
        return JSONResponse(_anthropic_model(model))
    return JSONResponse(Model(id=model, owned_by=provider).model_dump())


def _split(service: Service, model: str) -> tuple[str, str]:
    if model == f"{LOCAL_PROVIDER}/{LOCAL_MODEL}":
        return LOCAL_PROVIDER, LOCAL_MODEL
    return service.defaults.split(model)


async def _exists(service: Service, provider: str, name: str) -> bool:
    """Where a provider does not list its models, any name may be one."""
    if (provider, name) == (LOCAL_PROVIDER, LOCAL_MODEL) or service.defaults.models.get(provider) == name:
        return True
    listed = await service.direct.lists.of(provider) if service.direct.lists is not None else None
    return provider in service.defaults.models and (listed is None or name in listed)


async def _pairs(service: Service) -> Sequence[tuple[str, str]]:
    lists: Mapping[str, Sequence[str] | None] = {}
    if service.direct.lists is not None:
        lists = await service.direct.lists.all()
    default = [pair for pair in service.defaults.models.items() if pair[1]]
    listed = [(provider, name) for provider, names in lists.items() for name in names or ()]
    return list(dict.fromkeys([*default, *listed, (LOCAL_PROVIDER, LOCAL_MODEL)]))


def _anthropic(names: Sequence[str]) -> dict[str, Json]:
    data: list[Json] = [_anthropic_model(name) for name in names]
    first, last = (names[0], names[-1]) if names else (None, None)
    return {"data": data, "has_more": False, "first_id": first, "last_id": last}


def _anthropic_model(name: str) -> dict[str, Json]:
    return {"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"}
