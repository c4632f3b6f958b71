"""The open connections of the server: how many there may be, and which one a full server closes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EdgeLimits:
    """
    Bounds of one connection and of all together; times are in seconds and absolute, none starts again with a byte.

    `head_seconds` is from the first byte of a request (or the connection's beginning) to the end of its head,
    `body_seconds` from there to the end of the body. A caller that does not read is cut off after `write_seconds`;
    no answer takes longer than `answer_seconds` and those. `idle_seconds` is how long a connection is kept between
    requests: a request in the last `ending_seconds` of them is answered with `Connection: close`.
    """

    connections: int = 2_048
    header_bytes: int = 65_536
    headers: int = 256
    head_seconds: float = 10.0
    body_seconds: float = 15.0
    write_seconds: float = 20.0
    answer_seconds: float = 60.0
    idle_seconds: float = 75.0
    ending_seconds: float = 10.0
    linger_seconds: float = 1.0


class State(IntEnum):
    """The reasons for which connections wait, in the order in which a full server closes them."""

    NEW = 0
    STALLED = 1
    RECEIVING = 2
    IDLE = 3
    ANSWERING = 4


class Closable(Protocol):
    """A connection that may have to make room."""

    def evict(self) -> None:
        """Close at once; called for a connection that is not answering."""


class Connections:
    """
    At most `most` connections. A new one takes the place of the oldest one that waits for its caller.

    Connections without a request go first, then callers that do not read, unfinished requests, idle ones; an
    answer under way is never cut off for a new connection. Every call costs O(1).
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._states: dict[Closable, State] = {}
        self._waiting: dict[State, dict[Closable, None]] = {state: {} for state in State}

    def __len__(self) -> int:
        return len(self._states)

    @property
    def is_nearly_full(self) -> bool:
        return len(self._states) >= self._most * 0.9

    def admit(self, connection: Closable) -> bool:
        """Add a new connection, in another's place if need be; False if all others are being answered."""
        if len(self._states) >= self._most and not self._make_room():
            return False
        self._states[connection] = State.NEW
        self._waiting[State.NEW][connection] = None
        return True

    def move(self, connection: Closable, state: State) -> None:
        """Note that a connection begins to wait for something else; no effect if it was refused or closed."""
        before = self._states.get(connection)
        if before is None or before is state:
            return
        del self._waiting[before][connection]
        self._states[connection] = state
        self._waiting[state][connection] = None

    def forget(self, connection: Closable) -> None:
        """Remove a closed connection; no effect if it was refused."""
        state = self._states.pop(connection, None)
        if state is not None:
            del self._waiting[state][connection]

    def _make_room(self) -> bool:
        oldest = next((next(iter(self._waiting[state])) for state in State if self._waiting[state]), None)
        if oldest is None or self._states[oldest] is State.ANSWERING:
            return False
        self.forget(oldest)
        oldest.evict()
        return True
