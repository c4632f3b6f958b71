"""A Sentinel whose memory of the latest requests `GET /switch/0` takes away and `GET /switch/1` gives back."""

from __future__ import annotations

import argparse
import socket

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.server import config
from sentinel_core.app.settings import Settings

PREFIX = "/switch/"


def switched(sentinel: Sentinel) -> ASGIApp:
    """Return the application with the switch in front."""
    observed = sentinel.recording.observed

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await sentinel.app(scope, receive, send)
            return
        object.__setattr__(sentinel.recording, "observed", observed if scope["path"] == f"{PREFIX}1" else None)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    return app


def main() -> None:
    """Serve without a log, as its lines cost more than what is measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    listener = socket.create_server(("127.0.0.1", parser.parse_args().port))
    settings = Settings(log_level="error", simulated_delay_ms=0)
    uvicorn.Server(config(switched(build(settings, has_background=True)), settings)).run(sockets=[listener])


if __name__ == "__main__":
    main()
