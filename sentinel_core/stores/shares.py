"""Shares a bound among namespaces: the one that holds most gives way first, so that none can evict another."""

from __future__ import annotations

import heapq


class Shares:
    """
    Weights by owner, such as bytes, with their sum.

    An owner below its fair share, the bound divided by the number of owners, is never the largest while the sum
    is above the bound (max-min fairness).
    """

    def __init__(self) -> None:
        self.total = 0.0
        self._weights: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        """Largest first, with outdated pairs in between: a pair counts only while it is the owner's weight."""

    def __len__(self) -> int:
        return len(self._weights)

    def of(self, owner: str) -> float:
        return self._weights.get(owner, 0)

    def add(self, owner: str, weight: float) -> None:
        """Add a weight, or take it away if negative; an owner without any is forgotten."""
        if not weight:
            return
        self.total += weight
        left = self.of(owner) + weight
        if left <= 0:
            self.total -= left  # nothing, or what rounding left
            self._weights.pop(owner, None)
            return
        self._weights[owner] = left
        heapq.heappush(self._heap, (-left, owner))
        if len(self._heap) > 4 * len(self._weights) + 64:
            self._heap = [(-each, name) for name, each in self._weights.items()]
            heapq.heapify(self._heap)

    def largest(self) -> str | None:
        """Return the owner with the largest weight, None without owners."""
        while self._heap:
            weight, owner = self._heap[0]
            if self._weights.get(owner) == -weight:
                return owner
            heapq.heappop(self._heap)
        return None
