"""The share of wrong answers among audited hits, by namespace, model and route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sentinel_core.learning.intervals import NO_ERRORS, Measured, true_rate
from sentinel_core.support.bounded import BoundedMap

WINDOW = 1_000
"""Latest audits of a namespace, model and route that the rate rests on."""

MOST_RATES = 4_096


@dataclass(frozen=True, slots=True)
class Rate:
    """
    The share of wrong answers among audited hits, with its 95 % interval; `seen_wrong` is the judge's own count.

    `name` is a model's or a route's, "" for all. `rate`, `low` and `high` are None where there are no audits: not
    measured.
    """

    name: str
    audits: int
    seen_wrong: int
    rate: float | None
    low: float | None
    high: float | None


def _windows() -> BoundedMap[tuple[str, str, str], bytearray]:
    return BoundedMap(MOST_RATES)


@dataclass(slots=True)
class Rates:
    """Results of audits by namespace, model and route, the latest `WINDOW` of each; least recently used ones go."""

    errors: Measured = NO_ERRORS
    windows: BoundedMap[tuple[str, str, str], bytearray] = field(default_factory=_windows)

    def note(self, namespace: str, model: str, route: str = "", *, is_wrong: bool) -> None:
        place = namespace, model, route
        window = self.windows.get(place)
        if window is None:
            window = bytearray()
            self.windows.put(place, window)
        window.append(is_wrong)
        del window[:-WINDOW]

    def of(self, namespace: str | None = None) -> Rate:
        """Return the rate of a namespace over all its models and routes, or of everyone."""
        return self._rate("", [each for _, each in self._chosen(namespace)])

    def by_model(self, namespace: str | None = None) -> Iterator[Rate]:
        """Yield the rates of the models, of a namespace or of everyone."""
        return self._by(1, namespace)

    def by_route(self, namespace: str | None = None) -> Iterator[Rate]:
        """Yield the rates of the routes, of a namespace or of everyone."""
        return self._by(2, namespace)

    def of_counts(self, name: str, audits: int, wrong: int) -> Rate:
        """Return the rate behind counted audits."""
        if not audits:
            return Rate(name, 0, 0, None, None, None)
        return Rate(name, audits, wrong, *true_rate(min(wrong, audits), audits, self.errors))

    def _by(self, part: int, namespace: str | None) -> Iterator[Rate]:
        chosen: dict[str, list[bytearray]] = {}
        for place, window in self._chosen(namespace):
            chosen.setdefault(place[part], []).append(window)
        yield from (self._rate(name, windows) for name, windows in sorted(chosen.items()))

    def _chosen(self, namespace: str | None) -> Iterator[tuple[tuple[str, str, str], bytearray]]:
        return ((place, each) for place, each in self.windows.items() if namespace in (None, place[0]))

    def _rate(self, name: str, windows: list[bytearray]) -> Rate:
        return self.of_counts(name, sum(map(len, windows)), sum(map(sum, windows)))
