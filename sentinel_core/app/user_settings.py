"""Settings for the end users of a tenant."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sentinel_core.app.field_types import Words
from sentinel_core.app.judge_settings import JudgeSettings
from sentinel_core.tenants.api_key import UserScope


class UserSettings(JudgeSettings):
    """Whose answers are kept apart, and by which rules."""

    user_scope: UserScope = Field(
        "auto",
        description="whose answers are kept apart where a request names its end user: auto those to personal prompts, "
        "always all, never none",
    )
    personal_without_user: Literal["share", "skip"] = Field(
        "share", description="personal prompts that name no user: share them within the tenant, or skip the cache"
    )
    personal_rules_off: Words = Field(
        (), description="names of the rules for personal prompts that are switched off, with commas between"
    )
    personal_data: Literal["allow", "skip", "mask"] = Field(
        "allow",
        description="prompts with cards, accounts, addresses, ids or credentials: cache them as all others, skip the "
        "cache, or compare them exactly only and keep them masked",
    )
    mask_to_provider: bool = Field(
        False,
        description="send providers placeholders such as [card-1] for personal data, and put it back in their answers",
    )
