"""Patterns that are compiled at their first use, because a cold start needs few of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

PIECE, OVERLAP = 32_768, 256
"""Characters."""


class _Pattern:
    """Compiles at the first use of an attribute; from then on its methods are those of the compiled pattern."""

    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        for each in ("search", "match", "fullmatch", "sub", "finditer", "findall", "split", "pattern"):
            setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)


_LAZY: list[_Pattern] = []


def lazy(source: str, flags: int = 0) -> re.Pattern[str]:
    """
    Return a pattern that is compiled at its first use; call it once per source, while a module is imported.

    A match's `re` is the compiled pattern, not the one returned here.
    """
    pattern = _Pattern(source, flags)
    _LAZY.append(pattern)
    return cast("re.Pattern[str]", pattern)


def has_any(text: str, parts: Iterable[str]) -> bool:
    """Whether one of some texts stands in a text: a first test that spares most prompts a pattern with many words."""
    return True in map(text.__contains__, parts)


def search_long(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """
    Search a text of any length piece by piece: a search holds the interpreter from all threads until its end.

    A match of more than `OVERLAP` characters is found only where it lies in one piece.
    """
    pieces = (pattern.search(text, at, at + PIECE + OVERLAP) for at in range(0, len(text) or 1, PIECE))
    return next((found for found in pieces if found is not None), None)


def warm() -> None:
    """Compile all patterns made until now, which takes about 100 ms: too long for the event loop of a server."""
    for pattern in tuple(_LAZY):
        _ = pattern.pattern
