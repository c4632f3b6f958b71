"""The trace of one request: what is noted for its span, and the headers that continue it at a provider."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MOST_STAGES = 256
"""Stages kept of one request: a batch has several for each of its prompts."""


class Stage(NamedTuple):
    """One stage of a request; `begin` and `end` are readings of the monotonic clock in seconds."""

    name: str
    begin: float
    end: float


@dataclass(slots=True)
class Trace:
    """
    What is known of a request that is traced.

    `onward` are the headers of W3C Trace Context that a call to a provider carries. `answered` are the facts of its
    answers, more than one in a batch.
    """

    onward: Mapping[str, str] = field(default_factory=dict)
    stages: list[Stage] = field(default_factory=list)
    answered: list[Any] = field(default_factory=list)

    def note(self, name: str, begin: float, end: float) -> None:
        """Note a stage that has ended; past `MOST_STAGES` it is left out."""
        if len(self.stages) < MOST_STAGES:
            self.stages.append(Stage(name, begin, end))


TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""The trace of the request under way; None where requests are not traced. Tasks of a request inherit it."""
