"""Outcomes of requests as types, and their names for callers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias, assert_never


class HitKind(StrEnum):
    EXACT = "exact"
    SEMANTIC = "semantic"


class BypassReason(StrEnum):
    """Why the cache was left out on purpose; each is a counter of its own."""

    NO_CACHE = "no-cache"
    TEMPERATURE = "temperature"
    SEVERAL_CHOICES = "several-choices"
    LOGPROBS = "logprobs"
    NOT_A_USER_TURN = "not-a-user-turn"
    STORE_UNAVAILABLE = "store-unavailable"
    PERSONAL = "personal"
    PERSONAL_DATA = "personal-data"
    NOVELTY = "novelty"
    PASSED_ON = "passed-on"
    MODE_OFF = "mode-off"


class MissDetail(StrEnum):
    """Why a lookup could find less than everything."""

    PROMPT_TOO_LONG = "prompt-too-long"
    EMBEDDER_UNAVAILABLE = "embedder-unavailable"
    NOT_TEXT = "not-text"
    GATE = "gate"
    EXPIRED = "expired"
    STORE_SLOW = "store-slow"
    EXACT_ONLY = "exact-only"
    SHADOW = "shadow"
    AUDIT = "audit"
    PERSONAL_DATA = "personal-data"
    NOVELTY = "novelty"


@dataclass(frozen=True, slots=True)
class Hit:
    """Answered from a fresh entry; `similarity` is 1.0 when exact."""

    kind: HitKind
    similarity: float
    age: float
    is_curated: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """
    Answered from an entry past its ttl because the provider failed (RFC 5861 section 4).

    Where it is `revalidating`, the provider has not failed, but is asked behind the caller's back (section 3).
    """

    kind: HitKind
    similarity: float
    age: float
    revalidating: bool = False


@dataclass(frozen=True, slots=True)
class Miss:
    """Looked, and found nothing to reuse; `rule` is the gate's, if it refused a candidate that was near enough."""

    detail: MissDetail | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Bypass:
    """Did not look, or could not."""

    reason: BypassReason


Outcome: TypeAlias = Hit | Stale | Miss | Bypass
STORED = (Hit, Stale)
"""Outcomes of answers that an entry gave; a union made at each question would take twice as long."""


def name(outcome: Outcome) -> str:
    """Return the one word used in bodies, logs, counters and metrics."""
    match outcome:
        case Hit(kind=kind):
            return f"hit_{kind}"
        case Stale():
            return "stale"
        case Miss():
            return "miss"
        case Bypass():
            return "bypass"
        case _:
            assert_never(outcome)


def detail(outcome: Outcome) -> str | None:
    """Return the reason behind the word, where there is one; a gate's refusal names its rule."""
    match outcome:
        case Stale(revalidating=True):
            return "stale-while-revalidate"
        case Hit(is_curated=True):
            return "curated"
        case Hit() | Stale():
            return f"{outcome.kind}"
        case Miss():
            if outcome.rule is not None:
                return f"gate:{outcome.rule}"
            return None if outcome.detail is None else outcome.detail.value
        case Bypass():
            return outcome.reason.value
        case _:
            assert_never(outcome)


def cache_status(outcome: Outcome, *, stored: bool, collapsed: bool) -> str:
    """
    Write the `Cache-Status` member of RFC 9211.

    `hit` says that no provider was asked, so an entry that stood in for a failed provider is `fwd=stale`.
    """
    match outcome:
        case Hit() | Stale(revalidating=True):
            source = "hit"
        case Stale():
            source = "fwd=stale"
        case Miss():
            source = "fwd=miss"
        case Bypass(reason=BypassReason.NO_CACHE):
            source = "fwd=request"
        case Bypass():
            source = "fwd=bypass"
        case _:
            assert_never(outcome)
    return _member(source, stored, collapsed, detail(outcome))


@lru_cache(maxsize=256)
def _member(source: str, stored: bool, collapsed: bool, reason: str | None) -> str:
    parts = [source, *["stored"] * stored, *["collapsed"] * collapsed]
    if reason is not None:
        parts.append(f'detail="{reason}"' if ":" in reason else f"detail={reason}")
    return "; ".join(["sentinel", *parts])


def similarity(outcome: Outcome) -> float | None:
    """Return the value of `similarity_score`: None if no entry answered."""
    return outcome.similarity if isinstance(outcome, STORED) else None


def age(outcome: Outcome) -> int | None:
    """Return the `Age` of RFC 9111 section 5.1 in whole seconds, where an entry answered."""
    return int(outcome.age) if isinstance(outcome, STORED) else None
