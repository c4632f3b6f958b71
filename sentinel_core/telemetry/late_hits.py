"""Hits that are answered and not recorded yet: to record many at once costs a third of each alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from sentinel_core.telemetry.alike import AlikeHit

MOST_UNRECORDED = 64


@runtime_checkable
class HitRecorder(Protocol):
    """Records hits, the earliest first; must not raise and must not wait."""

    def record_hits(self, hits: Sequence[AlikeHit]) -> None: ...


class LateHits:
    """
    Hits that are answered and not recorded yet: `MOST_UNRECORDED` at most, and those of one turn of the event loop.

    Readers and recorders settle them first, so that none is
    missing and their order stays; a crash loses those of one turn.
    """

    def __init__(self, recorder: HitRecorder) -> None:
        self._recorder = recorder
        self._hits: list[AlikeHit] = []

    def add(self, hit: AlikeHit) -> None:
        """Record a hit soon; needs a running event loop."""
        if not self._hits:
            asyncio.get_running_loop().call_soon(self.settle)
        self._hits.append(hit)
        if len(self._hits) >= MOST_UNRECORDED:
            self.settle()

    def settle(self) -> None:
        """Record all of them."""
        if self._hits:
            hits, self._hits = self._hits, []
            self._recorder.record_hits(hits)
