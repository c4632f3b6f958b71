"""Priorities of threads at the operating system."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

LOWER = 5
"""Steps of niceness: beside the event loop's thread, one on a busy processor gets a quarter of its time."""
_LOWEST = 19


def give_way() -> None:
    """
    Lower the priority of the calling thread, for work that may wait where other threads want the processor.

    Not for work that holds the interpreter for long: the others wait for that. Only Linux has priorities of threads.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            thread = threading.get_native_id()
            priority = min(os.getpriority(os.PRIO_PROCESS, thread) + LOWER, _LOWEST)
            os.setpriority(os.PRIO_PROCESS, thread, priority)
