"""Empties the caches of functions, which may hold words of prompts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import _lru_cache_wrapper, lru_cache
from typing import Any


def forget_texts() -> None:
    """
    Empty every bounded `lru_cache` of the package's modules.

    Unbounded ones are built from the package's own data, and stay. The next calls compute their values again.
    """
    for cached in _caches(len(sys.modules)):
        cached.cache_clear()


@lru_cache(maxsize=1)
def _caches(modules: int) -> Sequence[_lru_cache_wrapper[Any]]:
    """Find the caches again if there are other `modules` than before."""
    ours = [vars(module) for name, module in [*sys.modules.items()] if name.startswith("sentinel_core.")]
    found = (value for names in ours for value in [*names.values()] if isinstance(value, _lru_cache_wrapper))
    return [each for each in found if each.cache_parameters()["maxsize"] is not None and each is not _caches]
