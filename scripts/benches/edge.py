"""The server's sockets under abuse: idle connections, endless heads, and callers that do not read at shutdown."""

from __future__ import annotations

import argparse
import resource
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from scripts.benches import client, report, servers
from scripts.benches.blocks import CHAT
from scripts.benches.report import Row
from scripts.benches.servers import Running

HEAD = b"GET /health HTTP/1.1\r\nhost: x\r\n"
IDLE = {"silent": b"", "half a head": HEAD, "kept after an answer": HEAD + b"\r\n"}
"""What each idle connection has sent."""
HOSTILE = 200
PIECE = b"x" * 65_536
ENDLESS = 64
"""Pieces of one endless header: 4 MiB."""
HEALTH_SECONDS, MEMORY_MB, SHUTDOWN_SECONDS = 1.0, 64.0, 15.0
LONG = {"model": "talk-5000-0ms", "messages": [{"role": "user", "content": "Tell me more. " * 300}], "stream": True}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench edge", description=__doc__)
    parser.add_argument("--connections", type=int, default=4_000, help="idle ones at once")
    arguments = parser.parse_args(argv)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows: list[Row] = []
    with servers.module("stub") as stub:
        with servers.sentinel(upstream=stub) as server:
            rows += [_idle(server, kind, sent, arguments.connections) for kind, sent in IDLE.items()]
            rows.append(_endless(server))
        with servers.sentinel(upstream=stub) as server:
            rows.append(_ended(server))
    report.publish("edge", {"The server's sockets": rows})
    return 0 if all(row["met"] == "yes" for row in rows) else 1


def _row(what: str, unit: str, value: float, target: float) -> Row:
    return {
        "what": what,
        "unit": unit,
        "measured": value,
        "target": f"<= {target:g}",
        "met": "yes" if value <= target else "no",
    }


@contextmanager
def _held(port: int, sent: bytes, count: int) -> Iterator[list[socket.socket]]:
    """Hold `count` connections, each of which has sent the same."""
    with ExitStack() as opened:
        sockets = [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)) for _ in range(count)
        ]
        for each in sockets:
            with suppress(ConnectionError):
                each.sendall(sent)
                if sent.endswith(b"\r\n\r\n"):
                    each.recv(4_096)
        yield sockets


def _idle(server: Running, kind: str, sent: bytes, count: int) -> Row:
    """Measure the slowest of 50 health checks, each on a connection of its own."""
    slowest = 0.0
    with _held(server.port, sent, count):
        for _ in range(50):
            begun = time.perf_counter()
            if client.once(server.port, client.get("/health")).status != 200:
                raise RuntimeError(f"{kind}: health is not 200")
            slowest = max(slowest, time.perf_counter() - begun)
    return _row(f"slowest /health beside {count} connections, {kind}", "s", slowest, HEALTH_SECONDS)


def _endless(server: Running) -> Row:
    before = most = server.rss_mb()
    with _held(server.port, HEAD + b"x: ", HOSTILE) as sockets:
        for _ in range(ENDLESS):
            for each in sockets:
                with suppress(OSError):
                    each.sendall(PIECE)
            most = max(most, server.rss_mb())
    return _row(f"memory beside {HOSTILE} endless headers", "MB more", most - before, MEMORY_MB)


def _ended(server: Running) -> Row:
    """Ask for a long stream, read nothing, and send SIGTERM."""
    with _held(server.port, client.post(CHAT, LONG), 3):
        time.sleep(2)
        begun = time.perf_counter()
        server.signal(signal.SIGTERM)
        server.process.wait(60)
        return _row(
            "from SIGTERM to the end, three callers do not read", "s", time.perf_counter() - begun, SHUTDOWN_SECONDS
        )
