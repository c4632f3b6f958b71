"""Runs work on large values outside the event loop, so that no caller's body holds up the other callers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="large-values")
"""
One thread, started with its first work: several would compete with the event loop for the interpreter. The gate judges
long prompts in the event loop's own threads instead (`asyncio.to_thread`): a verdict of 5 ms must not wait for a body
of another caller that takes 100 ms.
"""


async def off_loop(work: Callable[[], T], *, is_large: bool) -> T:
    """Return the result of `work`, done in another thread if `is_large`; the hand-over costs about 0.1 ms."""
    if not is_large:
        return work()
    return await asyncio.get_running_loop().run_in_executor(_WORKER, work)
