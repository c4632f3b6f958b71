"""Settings of the judge, and of the learning from it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sentinel_core.app.provider_settings import ProviderSettings


class JudgeSettings(ProviderSettings):
    """Who is asked about doubtful pairs of prompts, when, and at what cost; part of `Settings`."""

    judge: str | None = Field(
        None,
        pattern=r"^[a-z_]+/\S+$",
        max_length=200,
        description="model that judges doubtful pairs of prompts, as provider/model: `groq/llama-3.1-8b-instant`; none "
        "if unset",
    )
    judge_mode: Literal["background", "inline", "race"] = Field(
        "background",
        description="when the judge is asked: background after the answer, for the next caller; inline before it; race "
        "beside the provider, whose answer is paid for and kept also where the judge is faster",
    )
    judge_timeout_ms: float = Field(
        800, ge=10, le=60_000, description="milliseconds after which a silent judge counts as a no"
    )
    judge_usd_per_day: float = Field(
        1.0,
        ge=0,
        le=1_000_000,
        description="most dollars a UTC day for the judge, three quarters of them for one key; then pairs are unjudged",
    )
    judge_sees_answer: bool = Field(False, description="show the judge the stored answer as well as both prompts")
    audit_share: float = Field(
        0.02,
        ge=0,
        le=1,
        description="share of semantic hits for which the provider is asked all the same, and the answers compared by "
        "the judge, where there is one; 0: none",
    )
    audit_usd_per_day: float = Field(
        1.0,
        ge=0,
        le=1_000_000,
        description="most dollars a UTC day for the answers that audits ask for, three quarters of them for one key",
    )
    judge_errors: Annotated[str, Field(pattern=r"^\d{1,9}/\d{1,9},\d{1,9}/\d{1,9}$")] = Field(
        "2/100,8/100",
        description="errors of the judge on labelled pairs: different ones it accepted, equal ones it rejected; as "
        "`sentinel evaluate --judge` counts them",
    )
    compute_usd_per_second: float = Field(
        0.000023,
        ge=0,
        le=1,
        description="dollars for a second of computing, in the ledger: AWS Lambda's for 1,769 MB on arm64; 0 where the "
        "machine is paid for anyway",
    )
    store_usd_per_million: float = Field(
        2.0,
        ge=0,
        le=1_000,
        description="dollars for a million store commands, in the ledger: Upstash's price; 0 for a Redis of your own",
    )
    learning_doubt: float = Field(
        0.07,
        ge=0,
        le=0.5,
        description="a pair that the judge calls the same is served while at most this share of such pairs is "
        "expected to be different",
    )
    learning_max_wrong: float = Field(
        0.03,
        ge=0,
        le=0.5,
        description="passes of the gate are served without the judge while at most this share of them is expected "
        "to be wrong on this traffic",
    )
    learning_probes: float = Field(
        0.1,
        ge=0,
        le=1,
        description="share of decided pairs that the judge is asked about all the same, to keep learning",
    )
    learning: Literal["on", "frozen"] = Field(
        "on", description="whether the judge's verdicts go on changing the odds by which candidates are served"
    )
