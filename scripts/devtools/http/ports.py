"""Free ports of this machine, for servers that start in a moment."""

from __future__ import annotations

import socket
from contextlib import suppress
from secrets import randbelow

_FIRST, _COUNT = 15_000, 17_000
"""Below the ports that systems give to connections (Linux from 32768): one of those could take it meanwhile."""

_TRIES = 1_000
_given: set[int] = set()


def free_port() -> int:
    """Return a loopback port that no process listens on, a new one each time; raises OSError where none is free."""
    for _ in range(_TRIES):
        port = _FIRST + randbelow(_COUNT)
        if port in _given:
            continue
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            _given.add(port)
            return port
    raise OSError("no free port found")
