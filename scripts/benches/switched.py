"""
A Sentinel whose memory of the latest requests `GET /switch/0` takes away and `GET /switch/1` gives back.

With Redis, only their way to the other instances is switched.
"""

from __future__ import annotations

import argparse
import socket
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.server import config
from sentinel_core.app.settings import Settings

PREFIX = "/switch/"


def switched(sentinel: Sentinel) -> ASGIApp:
    """Return the application with the switch in front."""
    observed = sentinel.recording.observed
    shared = None if observed is None else (observed.shared, observed.shared_series)

    async def turn(way: str) -> None:
        is_on = way == "1"
        if observed is not None and shared is not None and shared != (None, None):
            observed.shared, observed.shared_series = shared if is_on else (None, None)
        else:
            object.__setattr__(sentinel.recording, "observed", observed if is_on else None)

    return with_switch(sentinel.app, turn)


def with_switch(app: ASGIApp, turn: Callable[[str], Awaitable[None]]) -> ASGIApp:
    """Return the application with a switch in front: `GET /switch/WAY` awaits `turn(WAY)`."""

    async def switch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await app(scope, receive, send)
            return
        await turn(scope["path"].removeprefix(PREFIX))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    return switch


def main() -> None:
    """Serve without a log, as its lines cost more than what is measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--redis", help="address of a Redis")
    arguments = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", arguments.port))
    settings = Settings(log_level="error", simulated_delay_ms=0, redis_url=arguments.redis)
    uvicorn.Server(config(switched(build(settings, has_background=True)), settings)).run(sockets=[listener])


if __name__ == "__main__":
    main()
