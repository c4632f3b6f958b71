"""The latest requests, served semantic hits and time series as routes show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from fastapi import Query, Request
from pydantic import BaseModel, BeforeValidator, Field

from sentinel_core.errors import InvalidRequestError
from sentinel_core.telemetry.series import KEPT, Step
from sentinel_core.telemetry.shared_rings import Verdict
from sentinel_core.web.admin.common import Strict
from sentinel_core.web.routes.metrics_and_health import Latency

Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[int, Query(ge=0, le=2**53, description="Only those with a greater id.")]
Outcome = Annotated[str | None, Query(max_length=40, description="Only those with this outcome.")]
Last = Annotated[int, Query(ge=1, le=max(KEPT.values()), description="So many steps, the current one included.")]
Span = Annotated[Step, Query(description="Length of a point.")]
Unjudged = Annotated[bool, Query(description="Only those without a verdict.")]


class RequestView(BaseModel):
    """One request, an error included."""

    id: int = Field(description="Grows with each request; the same in all instances that share a Redis.")
    at: float = Field(description="Unix time.")
    request_id: str | None
    tenant: str | None
    key: str | None = Field(description="Id of the caller's key.")
    route: str
    outcome: str
    reason: str | None
    status: int
    latency_ms: float
    timings_ms: Mapping[str, float] = Field(description="Milliseconds by stage.")
    similarity: float | None
    provider: str | None
    model: str | None
    cost_usd: float | None
    saved_usd: float | None
    prompt_tokens: int
    completion_tokens: int
    entry_id: str | None
    prompt: str | None = Field(description="Its beginning; null where prompts are not kept.")


class RequestPage(BaseModel):
    requests: list[RequestView] = Field(description="The latest first.")
    last: int = Field(description="The greatest id; pass it as `after` to get later ones.")
    keeps: bool = Field(description="Whether this server keeps its latest requests: on Lambda only with Redis.")
    keeps_prompts: bool = Field(description="Whether prompts are kept with them.")


class HitView(BaseModel):
    """A semantic hit as it was served."""

    id: int
    at: float
    request_id: str | None
    tenant: str | None
    prompt: str = Field(description="What was asked.")
    matched_prompt: str = Field(description="What the stored answer was given to.")
    answer: str = Field(description="Its beginning.")
    similarity: float | None
    provider: str | None
    model: str | None
    saved_usd: float | None
    entry_id: str | None
    verdict: Verdict | None


class HitPage(BaseModel):
    hits: list[HitView] = Field(description="The latest first.")
    unjudged: int
    keeps: bool = Field(
        description="Whether this server keeps served hits: not without prompts, and on Lambda only with Redis."
    )


def _underscored(value: Any) -> Any:
    return value.replace("-", "_") if isinstance(value, str) else value


class Judgement(Strict):
    """The verdict on a hit; hyphens do as well, as in feedback."""

    verdict: Annotated[Verdict, BeforeValidator(_underscored)] = Field(
        description="Whether answer and match are right, or which of them is wrong."
    )


class Judged(BaseModel):
    """The effect of a verdict."""

    hit: HitView
    changed: bool = Field(description="Whether the verdict banned the match, or deleted the stored answer.")
    effect: str = Field(description="The effect in one sentence.")


class PointView(BaseModel):
    """The sums of one step."""

    at: int = Field(description="Unix time at which it begins.")
    requests: int = Field(description="All but those that broke a rule.")
    exact_hits: int
    semantic_hits: int
    stale_answers: int
    misses: int
    bypasses: int
    errors: int = Field(description="Of providers and of Sentinel.")
    other: int = Field(description="Not cached, or left by the caller.")
    rejected: int
    cost_usd: float
    saved_usd: float
    own_usd: float = Field(description="Spent on judge and audits; in the series of everyone only.")
    unpriced: int
    right: int = Field(description="Verdicts.")
    wrong: int
    latency_ms: Mapping[str, Latency] = Field(description="By outcome.")


class WrongHits(BaseModel):
    """The share of judged hits that were wrong, with its 95 % interval by Wilson (1927); null without verdicts."""

    judged: int
    wrong: int
    rate: float | None
    low: float | None
    high: float | None


class SeriesView(BaseModel):
    step: Step
    points: list[PointView] = Field(description="Oldest first; steps without requests are left out.")
    total: PointView
    wrong_hits: WrongHits
    source: Literal["process", "instances"] = Field(
        description="`instances`: all that share a Redis. `process`: this one, since it started."
    )


class Number:
    """The id of a hit in a path."""

    WHICH: ClassVar[dict[str, Any]] = {
        "parameters": [
            {"in": "path", "name": "identifier", "required": True, "schema": {"type": "integer", "minimum": 1}}
        ]
    }

    @staticmethod
    def of(request: Request) -> int:
        """Read it; raises InvalidRequestError for anything but a whole number."""
        text: str = request.path_params["identifier"]
        if not (text.isascii() and text.isdecimal() and len(text) <= 16):
            raise InvalidRequestError(
                "identifier: must be the id of a hit", code="invalid_id", param="identifier", status=422
            )
        return int(text)
