"""`POST /v1/cache/compare`: whether two prompts would share an answer, without storing or asking anything."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from sentinel_core.gateway.comparison import Compared
from sentinel_core.web import errors
from sentinel_core.web.admin.common import Strict, told
from sentinel_core.web.json_route import JsonRoute
from sentinel_core.web.routes.explain import Verdict
from sentinel_core.web.service import service_of

router = APIRouter(prefix="/v1/cache", tags=["cache"], responses=errors.RESPONSES, route_class=JsonRoute)

LONGEST = 20_000
Prompt = Annotated[str, Field(max_length=LONGEST)]


class TwoPrompts(Strict):
    """The prompts, as two requests of one scope would have them."""

    first: Prompt = Field(description="As if it were stored.")
    second: Prompt = Field(description="As if it were asked.")


class Comparison(BaseModel):
    """Similarity of two prompts, and the gate's verdict on them."""

    similarity: float | None = Field(description="Cosine; null if they were not compared.")
    threshold: float = Field(description="Least similarity of a semantic hit, by the operator's settings.")
    not_compared: str | None = Field(description="Why the prompts were not compared.")
    verdict: Verdict | None = Field(description="The gate's, every rule asked; null if they were not compared.")


@router.post("/compare", response_model=Comparison, summary="Compare two prompts")
async def compare(body: TwoPrompts, request: Request) -> Response:
    """Embed both prompts and ask every rule of the gate; no provider is asked and nothing is stored."""
    service = service_of(request)
    await service.admit(request)
    return told(_view(await service.gateway.compare(body.second, body.first)))


def _view(compared: Compared) -> Comparison:
    verdict = compared.verdict
    return Comparison(
        similarity=compared.similarity,
        threshold=compared.threshold,
        not_compared=None if compared.not_compared is None else compared.not_compared.value,
        verdict=None if verdict is None else Verdict.model_validate(verdict, from_attributes=True),
    )
