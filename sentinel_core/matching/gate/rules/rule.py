"""A rule of the gate with the examples that are its tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sentinel_core.matching.gate.reading import Difference, Reading, Rule


@dataclass(frozen=True, slots=True)
class GateRule:
    """
    A comparison of two prompts by one kind of difference.

    `must_refuse` has the prompt asked, the one stored and the two spans that differ; `must_pass` has two wordings
    of one request, which pass either way round.
    """

    name: str
    compare: Rule
    must_refuse: tuple[tuple[str, str, str, str], ...]
    must_pass: tuple[tuple[str, str], ...]

    def __call__(self, asked: Reading, stored: Reading) -> Difference | None:
        """Return the difference that refuses the pair, or None."""
        return self.compare(asked, stored)


def gate_rule(
    *, must_refuse: Sequence[tuple[str, str, str, str]], must_pass: Sequence[tuple[str, str]]
) -> Callable[[Rule], GateRule]:
    """Make a rule of a function, named as the function is."""
    return lambda compare: GateRule(compare.__name__, compare, tuple(must_refuse), tuple(must_pass))
