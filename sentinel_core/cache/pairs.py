"""Judged pairs: two prompts of one scope, and whether one answer is right for both."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from sentinel_core.cache.scope import Query
from sentinel_core.cache.verdict import Verdict
from sentinel_core.errors import CorruptEntryError

KNOWN_DIFFERENT = "known-different"
"""The `rule` of a verdict on a pair that is known as different."""

Scope: TypeAlias = tuple[str, str]
"""Namespace and fingerprint."""

PairKey: TypeAlias = str
"""The two digests, each cut to 128 bits, in ascending order."""

_HALF = 32  # hex digits: 128 bits


class Relation(StrEnum):
    """
    Whether one answer is right for two prompts.

    `DOUBTED` is one audit's "different": it neither bans the pair nor lets it be taken for the same.
    """

    SAME = "same"
    DIFFERENT = "different"
    DOUBTED = "doubted"


class Labeller(StrEnum):
    """
    Who says so; a later one in this list is believed more.

    `PROBE` is a judge that was asked in one order only, where its "same" needs both.
    """

    AGREEMENT = "agreement"
    PROBE = "probe"
    JUDGE = "judge"
    AUDIT = "audit"
    FEEDBACK = "feedback"
    CURATED = "curated"


ASKED = frozenset({Labeller.PROBE, Labeller.JUDGE})
"""Labels of which odds are learned: words of the judge."""

WEAK = frozenset({Labeller.AGREEMENT, Labeller.PROBE})
"""Labellers whose "same" opens no pair by itself."""

_RANK = {labeller: rank for rank, labeller in enumerate(Labeller)}


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """
    One pair of prompts with its relation.

    `at` and `expires` are Unix times. `stratum` names the group of pairs that the gate holds for equally likely to
    be the same (`gateway` and `learning` choose the names); "" where nothing is learned from the pair.
    """

    key: PairKey
    relation: Relation
    by: Labeller
    at: float
    expires: float
    stratum: str = ""


Placed: TypeAlias = tuple[str, JudgedPair]
"""A pair with the fingerprint of its scope."""


class PairLearner(Protocol):
    """Learns from the judged pairs of this process and of the other instances."""

    def learn(self, scope: Scope, pair: JudgedPair) -> None:
        """Learn from a pair that is new or has another label."""


class Pairs(Protocol):
    """The judged pairs of all scopes."""

    def of(self, scope: Scope) -> Mapping[PairKey, JudgedPair]:
        """Return the pairs of a scope as far as this process knows: no round trip."""

    def follow(self, learner: PairLearner) -> None:
        """Give the learner each pair that becomes known or gets another label, also by another instance."""

    async def note(self, query: Query, pair: JudgedPair, *, soon: bool = False) -> None:
        """Keep a pair of this query's scope: now, or `soon` with the next round trip. Raises StoreError."""

    async def page(self, namespace: str, cursor: str, limit: int) -> tuple[Sequence[Placed], str | None]:
        """Return up to `limit` pairs of a namespace and the cursor of the next page; raises StoreError."""

    async def restore(self, namespace: str, saved: Sequence[Placed]) -> int:
        """Keep the pairs of a backup that say more than is known; return their number. Raises StoreError."""


def key_of(one: str, other: str) -> PairKey:
    """Return the key of two digests, in either order."""
    first, second = sorted((half(one), half(other)))
    return first + second


def half(digest: str) -> str:
    """Return a digest as pairs have it: cut to 128 bits."""
    return digest[:_HALF]


def parts(key: PairKey) -> tuple[str, str]:
    """Return the halves of a pair's key."""
    return key[:_HALF], key[_HALF:]


def is_of(key: PairKey, digests: Collection[str]) -> bool:
    """Whether one of a pair's two prompts has one of these digests, each cut to 128 bits."""
    return any(part in digests for part in parts(key))


def halves(digests: Iterable[str]) -> set[str]:
    """Return digests as pairs have them: cut to 128 bits."""
    return set(map(half, digests))


def merged(known: JudgedPair | None, new: JudgedPair) -> JudgedPair:
    """
    Return what is known of a pair after one more label.

    The more trusted labeller wins; of two of one kind "different" wins, and a second audit's doubt is "different".
    """
    if known is None or _RANK[new.by] > _RANK[known.by]:
        return new
    if _RANK[new.by] < _RANK[known.by] or known.relation is Relation.DIFFERENT:
        return known
    if known.relation is new.relation is Relation.DOUBTED and new.at > known.at:
        return replace(new, relation=Relation.DIFFERENT)
    return known if known.relation is Relation.DOUBTED and new.relation is Relation.SAME else new


def says_more(saved: JudgedPair, known: JudgedPair | None, now: float) -> bool:
    """Whether a pair of a backup has to be kept beside what is known: never one that is over, or older and no news."""
    if saved.expires <= now:
        return False
    if known is None or known.expires <= now:
        return True
    is_news = saved.by is not known.by or saved.relation is not known.relation or saved.at > known.at
    return is_news and merged(known, saved) != known


def next_page(
    pairs: Mapping[str, Mapping[PairKey, JudgedPair]], cursor: str, limit: int, now: float
) -> tuple[list[Placed], str | None]:
    """Return the pairs by scope and key after a cursor, those that are over left out, and the next cursor."""
    places = sorted(f"{scope}:{key}" for scope in pairs for key, pair in pairs[scope].items() if pair.expires > now)
    left = [place.split(":") for place in places if place > cursor]
    chosen = left[:limit]
    found = [(scope, pairs[scope][key]) for scope, key in chosen]
    return found, ":".join(chosen[-1]) if len(left) > limit else None


def verdict_of(pair: JudgedPair | None, now: float) -> Verdict | None:
    """Return the verdict that a known pair needs no gate for; None where the gate decides."""
    if pair is None or pair.expires <= now or pair.relation is Relation.DOUBTED:
        return None
    if pair.relation is Relation.SAME and pair.by in WEAK:
        return None
    if pair.relation is Relation.SAME:
        return Verdict(passed=True, confidence=1.0, known_by=pair.by)
    return Verdict(passed=False, confidence=0.0, rule=KNOWN_DIFFERENT, known_by=pair.by)


def encode(pair: JudgedPair) -> str:
    """Write as a JSON array of ASCII characters."""
    return json.dumps([pair.key, pair.relation, pair.by, pair.at, pair.expires, pair.stratum], separators=(",", ":"))


def decode(text: str) -> JudgedPair:
    """Decode an encoded pair; raises CorruptEntryError for anything else."""
    try:
        key, relation, by, at, expires, stratum = json.loads(text)
        pair = JudgedPair(_text(key), Relation(relation), Labeller(by), _time(at), _time(expires), _text(stratum))
    except (ValueError, TypeError, RecursionError) as error:
        raise CorruptEntryError("not a pair") from error
    if len(pair.key) != 2 * _HALF:
        raise CorruptEntryError("not the key of a pair")
    return pair


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("not a text")
    return value


def _time(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise ValueError("not a time")
    return float(value)
