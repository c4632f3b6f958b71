"""The straight line of a repeated exact hit: the driver's first step, then the answer, with no states between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sentinel_core.cache.answer import Answer
from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.decided import Decided, Reusing
from sentinel_core.cache.decision import Arrived, Bypassed, Comparing, Looking, exact_hit
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.ports import Meter
from sentinel_core.cache.rewording import Recalled
from sentinel_core.errors import CacheError
from sentinel_core.gateway.drive import Driver
from sentinel_core.gateway.repeated import again
from sentinel_core.support.clock import Clock, Timer

State: TypeAlias = Looking | Decided


@dataclass(frozen=True, slots=True)
class Repeating(Arrived):
    """The first state of a request that comes again; its plan has `deadline` and `meter` once there is no exact hit."""

    deadline: float
    meter: Meter | None

    async def admit(self) -> None:
        if self.meter is not None:
            await self.meter.admit()

    def next(
        self,
        entry: Entry | None,
        waited: float,
        now: float,
        recalled: Recalled | None = None,
        curated: CuratedEntry | None = None,
    ) -> Reusing | Comparing | Decided:
        if curated is None and entry is not None and self.plan.may_repeat(entry):
            hit = exact_hit(self.plan, entry, now)
            if hit is not None:
                return Reusing(self.plan, self.trace, hit, entry, self.query.entry_id)
        return again(self, self.deadline, self.meter).next(entry, waited, now, recalled, curated)

    def without_store(self, now: float) -> Bypassed:
        return again(self, self.deadline, self.meter).without_store(now)


class Again(NamedTuple):
    """
    A repeated exact hit of the Unix time `at`, whose entry was found within `store_ms`.

    In place of an `Answer`, for nearly all of that is the same each time the entry answers.
    """

    reusing: Reusing
    at: float
    store_ms: float

    @property
    def entry(self) -> Entry:
        return self.reusing.entry

    @property
    def age(self) -> int:
        """The entry's age in whole seconds."""
        return int(self.reusing.outcome.age)

    def answer(self) -> Answer:
        """Return the answer in full."""
        return self.reusing.answer({"store": self.store_ms})


class StraightLine:
    """
    Answers a request whose first state is known, if a fresh entry of the very prompt is stored.

    The driver gets the facts, and the rules of the states decide; without such an entry both go on from there. To a
    repeated exact hit it saves copies of request and plan, the driver's loop and most of the answer. It
    `is_free` to do so where nothing learns from hits, and no provider is asked before a miss.
    """

    def __init__(self, driver: Driver, clock: Clock, *, is_free: bool) -> None:
        self._driver = driver
        self._now = clock.now
        self._is_free = is_free

    async def answer(self, known: Arrived, deadline: float, meter: Meter | None, timer: Timer) -> Again | State:
        """Return the hit; else the state to which the facts lead. Raises as the driver does."""
        if not self._is_free or known.plan.rules.mode == "shadow":
            return again(known, deadline, meter)
        repeating = Repeating(known.plan, known.trace, known.query, deadline, meter)
        try:
            found = await self._driver.step(repeating, timer)
        except CacheError:
            return repeating.without_store(self._now())
        if isinstance(found, Reusing) and found.plan is known.plan:  # another plan is that of another decision
            return Again(found, self._now(), timer.stages["store"])
        return found
