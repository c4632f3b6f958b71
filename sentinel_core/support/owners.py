"""State of owners, each kept for as long as something uses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Owners(Generic[T]):
    """Makes an owner's state at its first use, and forgets it at the end of its last."""

    def __init__(self, state: type[T]) -> None:
        self._make = state
        self._states: dict[str, T] = {}
        self._uses: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return the number of owners in use."""
        return len(self._states)

    def begin(self, name: str) -> T:
        """Return the owner's state; `end` has to follow."""
        if name not in self._states:
            self._states[name] = self._make()
        self._uses[name] += 1
        return self._states[name]

    def end(self, name: str) -> None:
        """Note the end of one use."""
        self._uses[name] -= 1
        if not self._uses[name]:
            del self._uses[name], self._states[name]

    @contextmanager
    def used(self, name: str) -> Iterator[T]:
        """Hold the owner's state."""
        state = self.begin(name)
        try:
            yield state
        finally:
            self.end(name)
