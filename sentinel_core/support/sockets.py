"""Questions to a socket that an event loop answers too late."""

from __future__ import annotations

import select
import socket


def is_readable(sock: socket.socket) -> bool:
    """
    Whether bytes, an end or an error wait to be read; asks the kernel.

    The event loop does not know yet after a freeze of the process, or while it runs a timer.
    """
    if not hasattr(select, "poll"):  # Windows, where `select` takes any descriptor
        return bool(select.select([sock.fileno()], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))
