"""The odds of each namespace, and the operator's hand on them: frozen, or started again; shared by all instances."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Protocol

from sentinel_core.cache.odds import JudgeErrors, Odds, Steering
from sentinel_core.cache.pairs import ASKED, JudgedPair, Pairs, Relation, Scope
from sentinel_core.errors import CorruptEntryError
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.support.clock import Clock

MOST_NAMESPACES = 1_024
"""About 30 MB if each has learned all `MOST_STRATA`."""

ASK_SECONDS = 30.0
"""Seconds after which the state of a namespace is read again, with the next round trip."""


MOST_SCOPES = 64


@dataclass(frozen=True, slots=True)
class LearningState:
    """Whether a namespace's odds are frozen, and the Unix time before which judged pairs do not count."""

    is_frozen: bool = False
    reset_at: float = 0.0


UNTOUCHED = LearningState()


class StateReader(Protocol):
    def read_state(self, namespace: str, state: LearningState) -> None:
        """Take over a state that was asked for."""


class LearningStates(Protocol):
    """The states of all namespaces, of all instances."""

    def ask(self, namespace: str, reader: StateReader) -> None:
        """Have a state read with the next round trip; never raises and never waits."""

    async def write(self, namespace: str, state: LearningState) -> None:
        """Keep a state; raises StoreError."""


def _spaces() -> BoundedMap[str, Odds]:
    return BoundedMap(MOST_NAMESPACES)


def _states() -> BoundedMap[str, LearningState]:
    return BoundedMap(MOST_NAMESPACES)


def _lists() -> BoundedMap[str, list[str]]:
    return BoundedMap(MOST_NAMESPACES)


def _times() -> BoundedMap[str, float]:
    return BoundedMap(MOST_NAMESPACES)


@dataclass(slots=True)
class OddsBook:
    """
    The odds by namespace; `states` is None in a process of its own.

    Until a namespace's state is known, all its pairs count; then they are counted again from `pairs`, from
    those of the first `MOST_SCOPES` scopes.
    """

    errors: JudgeErrors
    steering: Steering
    clock: Clock
    pairs: Pairs
    states: LearningStates | None = None
    held: BoundedMap[str, Odds] = field(default_factory=_spaces)
    _known: BoundedMap[str, LearningState] = field(default_factory=_states)
    _asked: BoundedMap[str, float] = field(default_factory=_times)
    _counted: BoundedMap[str, list[str]] = field(default_factory=_lists)

    def of(self, namespace: str) -> Odds:
        """Return the odds of a namespace, the shipped ones at first."""
        odds = self.held.get(namespace)
        if odds is None:
            odds = Odds(self.errors, self._steering(self.state(namespace)))
            self.held.put(namespace, odds)
        if self.states is not None:
            self._ask(self.states, namespace)
        return odds

    def state(self, namespace: str) -> LearningState:
        """Return the state of a namespace, as far as this process knows."""
        return self._known.peek(namespace) or UNTOUCHED

    def learn(self, scope: Scope, pair: JudgedPair) -> None:
        """Count a word of the judge, unless the odds were started again after it."""
        namespace, fingerprint = scope
        if pair.by not in ASKED or not pair.stratum or pair.at < self.state(namespace).reset_at:
            return
        self.of(namespace).note(pair.stratum, is_same=pair.relation is Relation.SAME)
        if self.states is not None and namespace not in self._known:
            self._remember(namespace, fingerprint)

    def read_state(self, namespace: str, state: LearningState) -> None:
        """Take over the state that an operator has set, here or in another instance."""
        known, counted = self.state(namespace), self._counted.peek(namespace) or []
        self._known.put(namespace, state)
        self._counted.put(namespace, [])
        odds = self.held.peek(namespace)
        if odds is None or state == known:
            return
        if state.reset_at > known.reset_at:
            odds.reset()
            for fingerprint in counted:
                for pair in list(self.pairs.of((namespace, fingerprint)).values()):
                    self.learn((namespace, fingerprint), pair)
        odds.steering = self._steering(state)

    async def change(
        self, namespace: str, *, is_frozen: bool | None = None, is_reset: bool = False
    ) -> tuple[LearningState, LearningState]:
        """Set the state for all instances; return the one before and the one now. Raises StoreError."""
        known = self.state(namespace)
        state = LearningState(
            known.is_frozen if is_frozen is None else is_frozen, self.clock.now() if is_reset else known.reset_at
        )
        if self.states is not None:
            await self.states.write(namespace, state)
        self.read_state(namespace, state)
        return known, state

    def _remember(self, namespace: str, fingerprint: str) -> None:
        counted = self._counted.get(namespace)
        if counted is None:
            self._counted.put(namespace, counted := [])
        if fingerprint not in counted and len(counted) < MOST_SCOPES:
            counted.append(fingerprint)

    def _steering(self, state: LearningState) -> Steering:
        return replace(self.steering, is_frozen=self.steering.is_frozen or state.is_frozen)

    def _ask(self, states: LearningStates, namespace: str) -> None:
        now, asked = self.clock.monotonic(), self._asked.peek(namespace)
        if asked is None or now - asked >= ASK_SECONDS:
            self._asked.put(namespace, now)
            states.ask(namespace, self)


def encode(state: LearningState) -> str:
    """Write as a JSON array."""
    return json.dumps([state.is_frozen, state.reset_at], separators=(",", ":"))


def decode(text: str) -> LearningState:
    """Decode an encoded state; raises CorruptEntryError for anything else."""
    try:
        is_frozen, reset_at = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise CorruptEntryError("not a state") from error
    if type(is_frozen) is not bool or type(reset_at) not in (int, float) or not 0 <= reset_at < 1e12:
        raise CorruptEntryError("not a state")
    return LearningState(is_frozen, float(reset_at))
