"""Settings that bound what callers and providers may take of this process."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LimitSettings(BaseModel):
    """Bounds on size and number; part of `Settings`."""

    max_answer_bytes: int = Field(
        8_388_608,
        ge=1_024,
        le=104_857_600,
        description="largest provider answer: a larger plain one is a 502, a larger stream is not stored",
    )
