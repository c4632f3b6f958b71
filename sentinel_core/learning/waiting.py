"""Pairs that wait for a judge where nothing runs between requests: the next warm-up asks about them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sentinel_core.cache.decided import Reusing
from sentinel_core.cache.experiment import label_of
from sentinel_core.cache.plan import Plan
from sentinel_core.cache.scope import Query, digest
from sentinel_core.errors import CorruptEntryError


@dataclass(frozen=True, slots=True)
class WaitingPair:
    """
    The prompt that was asked, and the stored one by its digest `stored`; `stratum` as in a judged pair.

    With `is_audit`, the answers that are stored for both are compared instead of the prompts. `route` is the path that
    was asked. With `is_probe` one order is enough. `arm` is the request's in an experiment. `author` and `key` name
    the writer of the prompt, whose erasure covers it. `judge` is a policy's, None the setting's.
    """

    query: Query
    stored: str
    stratum: str = ""
    is_audit: bool = False
    route: str = ""
    author: str | None = None
    key: str = ""
    is_probe: bool = False
    arm: str = ""
    judge: str | None = None


class WaitingPairs(Protocol):
    """A queue shared by all instances: bounded, gone after an hour, and without purged or erased prompts."""

    def put(self, pair: WaitingPair) -> None:
        """Add a pair with the next round trip; never raises and never waits."""

    async def take(self, most: int) -> Sequence[WaitingPair]:
        """Take up to `most` pairs, each once for all instances; none if none waits. Raises StoreError."""


def waiting(plan: Plan, query: Query, stored: str, stratum: str, *, is_probe: bool = False) -> WaitingPair | None:
    """Return a pair of prompts that may be kept; None for a caller who forbids to keep it."""
    ask = plan.ask
    if ask.controls.directives.no_store:
        return None
    key, arm, judge = ask.request.key, label_of(ask.arm), plan.rules.judge
    return WaitingPair(query, stored, stratum, False, ask.route, ask.author, key, is_probe, arm, judge)


def audited(reusing: Reusing) -> WaitingPair | None:
    """Return a hit as a pair whose answers are compared, None if it may not be kept."""
    plan, ask = reusing.plan, reusing.plan.ask
    if plan.query is None or ask.controls.directives.no_store:
        return None
    stored, arm, judge = digest(reusing.entry.prompt), label_of(ask.arm), plan.rules.judge
    return WaitingPair(plan.query, stored, "", True, ask.route, ask.author, ask.request.key, arm=arm, judge=judge)


def encode(pair: WaitingPair) -> str:
    """Write as a JSON array of ASCII characters, without the namespace."""
    query = pair.query
    fields = [query.fingerprint, query.digest, query.prompt, pair.stored, pair.stratum, pair.is_audit, pair.route]
    judge = [] if pair.judge is None else [pair.judge]  # so that older versions read all other pairs
    return json.dumps([*fields, pair.author, pair.key, pair.is_probe, pair.arm, *judge], separators=(",", ":"))


def decode(namespace: str, text: str) -> WaitingPair:
    """Decode an encoded pair; raises CorruptEntryError for anything else."""
    try:
        fingerprint, asked, prompt, stored, stratum, is_audit, route, author, key, is_probe, arm, *judge = json.loads(
            text
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise CorruptEntryError("not a waiting pair") from error
    texts: tuple[Any, ...] = (fingerprint, asked, prompt, stored, stratum, route, key, arm, *judge)
    if (
        not all(type(each) is str for each in texts)
        or type(is_audit) is not bool
        or type(is_probe) is not bool
        or type(author) not in (str, type(None))
        or len(judge) > 1
    ):
        raise CorruptEntryError("a field of a waiting pair has another type")
    query = Query(namespace, fingerprint, prompt, asked)
    named = next(iter(judge), None)
    return WaitingPair(query, stored, stratum, is_audit, route, author, key, is_probe, arm, named)
