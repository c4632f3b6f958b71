"""A Sentinel with a judge, whose learning `GET /switch/0` takes away and `GET /switch/1` gives back."""

from __future__ import annotations

import argparse
import gc
import socket

import uvicorn
from starlette.types import ASGIApp

from scripts.benches.switched import with_switch
from sentinel_core.app.build import Sentinel, build
from sentinel_core.app.server import config
from sentinel_core.app.settings import Settings
from sentinel_core.gateway.lookup import Lookup

JUDGE = "llama-3.1-8b-instant"


def switched(sentinel: Sentinel) -> ASGIApp:
    """Return the application with the switch in front; `GET /switch/2` waits for the background, too."""
    [lookup] = [each for each in gc.get_objects() if isinstance(each, Lookup)]
    learning, background = lookup.learning, sentinel.parts.background

    async def turn(way: str) -> None:
        if way == "2":
            await background.drain(within=5.0)
        else:
            object.__setattr__(lookup, "learning", learning if way == "1" else None)

    return with_switch(sentinel.app, turn)


def main() -> None:
    """Serve without a log, as its lines cost more than what is measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    asked = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", asked.port))
    environ = {
        "GROQ_API_KEY": "none",
        "GROQ_BASE_URL": asked.upstream,
        "SENTINEL_JUDGE": f"groq/{JUDGE}",
        "SENTINEL_JUDGE_MODE": "background",
        "SENTINEL_JUDGE_USD_PER_DAY": "1000",
        "SENTINEL_AUDIT_SHARE": "0",
        "SENTINEL_LOG_LEVEL": "error",
    }
    settings = Settings.from_environ(environ)
    uvicorn.Server(config(switched(build(settings, has_background=True)), settings)).run(sockets=[listener])


if __name__ == "__main__":
    main()
