"""Shows which parts of the scope change from request to request."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from sentinel_core.cache.scope_variety import Variety


class PartVarietyView(BaseModel):
    """How much one part of the scope varies."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(description="model, system, history, attachments, user, prompt, or a parameter.")
    distinct: int = Field(description="Different values in these requests.")
    share: float = Field(description="Share of the requests whose value is new: near 1, nothing can hit.")
    holds: Sequence[str] = Field(description="Kinds of text in most system prompts: time, date, id, address.")


class VarietyView(BaseModel):
    """The last requests in this process, at most 100; no text of them is kept."""

    model_config = ConfigDict(from_attributes=True)

    requests: int
    parts: Sequence[PartVarietyView] = Field(description="The most varied first.")
    advice: str | None = Field(description="The part that keeps requests from hitting, and a remedy; null if none.")


def variety_view(variety: Variety) -> VarietyView:
    """Return the view of a namespace's requests."""
    return VarietyView.model_validate(variety)
