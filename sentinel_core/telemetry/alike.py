"""Facts of answers that are alike, as hits of one entry on one remembered request."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sentinel_core.telemetry.histogram import BOUNDS_MS
from sentinel_core.telemetry.records import Answered
from sentinel_core.telemetry.sums import Batch, Line, SeenRequest, Sums


@dataclass(slots=True)
class Alike:
    """
    The facts they have in common: those of `answered` but latency, timings and request id.

    `key` is the id of the caller's key, `prompt` the beginning of the prompt where that may be kept, `asked` the digest
    of the prompt that the entry answers. `log_line` is a format of their lines in the log, made with the first.
    """

    answered: Answered
    key: str | None
    prompt: str
    entry_id: str
    namespace: str
    asked: str | None
    log_line: str = ""
    row: Line = field(init=False)

    def __post_init__(self) -> None:
        facts = self.answered
        self.row = Line(facts.tenant or "", self.key or "", facts.provider or "", facts.model or "", facts.outcome)


class AlikeHit(NamedTuple):
    """One of them, which was not billed; `at` is Unix time, `store_ms` the part of the store in `latency_ms`."""

    alike: Alike
    at: float
    latency_ms: float
    store_ms: float
    request_id: str

    @property
    def answered(self) -> Answered:
        """Its facts, made each time they are read."""
        timings = {"store": self.store_ms}
        return self.alike.answered._replace(latency_ms=self.latency_ms, timings_ms=timings, request_id=self.request_id)

    @property
    def key(self) -> str | None:
        return self.alike.key

    @property
    def namespace(self) -> str:
        return self.alike.namespace

    def seen(self) -> SeenRequest:
        """Return it as one of the latest requests."""
        alike = self.alike
        return SeenRequest(self.at, self.answered, alike.key, alike.prompt, alike.entry_id, alike.namespace)


def hit_batches(hits: Sequence[AlikeHit]) -> Iterator[Batch]:
    """Sum the hits of each line and minute, as `sums.batches` does."""
    groups: dict[tuple[int, Line], list[AlikeHit]] = {}
    for hit in hits:
        groups.setdefault((int(hit.at // 60), hit.alike.row), []).append(hit)
    for (minute, row), held in groups.items():
        saved = [hit.alike.answered.saved_usd for hit in held]
        sums = Sums(
            requests=len(held),
            avoided_tokens=sum([hit.alike.answered.avoided_tokens for hit in held]),
            saved_usd=sum([each for each in saved if each]),
            unpriced=saved.count(None),
        )
        bins = Counter([bisect_left(BOUNDS_MS, hit.latency_ms) for hit in held])
        yield Batch(minute * 60, held[0].alike.answered.tenant, row, sums, bins)
