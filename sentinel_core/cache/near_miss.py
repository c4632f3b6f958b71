"""A lookup that came near to an answer."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_core.cache.scope import Query
from sentinel_core.cache.verdict import Verdict

MARGIN = 0.1
"""Similarities down to this far below the threshold are near."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """
    A `query` without an answer, and the entry that came nearest, by its `digest` in the same scope.

    `verdict` is why the gate refused it; None where it was below the `threshold`. `at` is Unix time.
    `author` and `key` are who asked, as in an entry.
    """

    at: float
    query: Query
    digest: str
    similarity: float
    threshold: float
    verdict: Verdict | None
    author: str | None = None
    key: str = ""
