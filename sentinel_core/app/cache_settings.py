"""Settings of the cache: likeness, lifetime, and what is stored."""

from __future__ import annotations

from pydantic import Field

from sentinel_core.app.field_types import Cosine, Seconds, Words
from sentinel_core.app.server_settings import ServerSettings
from sentinel_core.cache import chat_scope
from sentinel_core.cache.operator_rules import Mode


class CacheSettings(ServerSettings):
    """Which answers are stored, for how long, and which prompts they answer; part of `Settings`."""

    similarity_threshold: Cosine = Field(0.6, description="least cosine of a semantic hit; callers may raise it")
    max_wrong: float = Field(
        0.02, gt=0, le=1, description="largest expected share of wrong semantic hits; sets how sure the gate must be"
    )
    mode: Mode = Field(
        "semantic",
        description="answers served: semantic (equal and similar prompts), exact (equal ones only), shadow (none: hits "
        "are decided, counted and compared with the provider's answer) or off",
    )
    policy: str | None = Field(
        None,
        description="file of rules by key, tenant, tag, model and route (YAML), or its text; reloaded if changed",
    )
    gate_rules_off: Words = Field((), description="gate rules to switch off, separated by commas")
    ttl_seconds: Seconds = Field(86_400, description="seconds for which an answer is fresh; a hit does not extend them")
    stale_seconds: Seconds = Field(
        3_600, description="seconds for which an expired answer may be used while the provider fails"
    )
    volatile: bool = Field(
        True, description="store answers to volatile prompts (today, now, the latest, …) for a short time only"
    )
    volatile_ttl_seconds: Seconds = Field(
        300, description="seconds for which answers to volatile prompts are fresh; 0 stores none"
    )
    volatile_rules_off: Words = Field(
        (),
        description="volatile rules to switch off: today, now, current, latest, period, clock, live, rates, prices, "
        "balances, scores, weather, stock, status, opening, date-near-now, wording",
    )
    volatile_words: Words = Field(
        (), description="more words or phrases that make a prompt volatile, separated by commas"
    )
    novelty: bool = Field(
        True,
        description="send requests for something new (a random number, a password, a joke, another one) to the "
        "provider each time; `max-age` permits the stored answer to the same words",
    )
    store_tool_calls: bool = Field(
        False, description="store all answers that call tools, for the same conversation only; a hit repeats the call"
    )
    chat_scope: str = Field(
        "full",
        pattern=f"^({chat_scope.PATTERN})$",
        description="how much of a chat before its last turn must be equal: `full`, `last:N` messages, or "
        "`standalone` (nothing where the last turn is a question that stands alone)",
    )
    max_temperature: float = Field(
        1.0, ge=0, le=2, description="largest temperature that is cached; above it answers are meant to differ"
    )
