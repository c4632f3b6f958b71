from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sentinel_core.support.thread_priority import LOWER, give_way


def priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of threads")
def test_a_thread_gives_way_and_its_process_keeps_its_priority() -> None:
    before = priority()
    with ThreadPoolExecutor(1, "giving", give_way) as pool:
        lowered = pool.submit(priority).result()

    assert (lowered, priority()) == (min(before + LOWER, 19), before)
