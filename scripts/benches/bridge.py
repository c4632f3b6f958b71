"""The bridge before a Redis, in a process of its own: what is measured shares it with nothing."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

import uvloop

from scripts.devtools.redis.bridge import Bridge

TOKEN = "bench"  # noqa: S105  it opens a database on the loopback interface, for a minute


async def _serve(port: int, redis_port: int) -> None:
    await Bridge(("127.0.0.1", redis_port), TOKEN).start(port=port)
    await asyncio.Event().wait()


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.benches.bridge", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--redis-port", type=int, required=True)
    arguments = parser.parse_args(argv)
    uvloop.run(_serve(arguments.port, arguments.redis_port))


if __name__ == "__main__":
    main(sys.argv[1:])
