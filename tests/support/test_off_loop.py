from __future__ import annotations

import threading

import pytest

from sentinel_core.support.off_loop import off_loop

pytestmark = pytest.mark.anyio


async def test_only_large_work_leaves_the_loops_thread() -> None:
    here = threading.get_ident()

    assert await off_loop(threading.get_ident, is_large=False) == here
    assert await off_loop(threading.get_ident, is_large=True) != here


async def test_errors_of_large_work_reach_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        await off_loop(lambda: 1 // 0, is_large=True)
