"""A durable Redis that can be killed, frozen, made read-only, full, slow, or a liar."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from scripts.benches import stores
from scripts.devtools.redis.server import RedisServer

Switch: TypeAlias = Callable[[RedisServer, "Proxy"], None]


class Proxy:
    """A TCP proxy before Redis that can be told to lie, to cut answers short, or to be slow."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.mode = "pass"
        self._target = target
        self._server: asyncio.Server

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(*self._target)
            asking = asyncio.create_task(_pump(reader, back))
            held = b""
            try:
                while data := await there.read(65_536):
                    held = await self._answer(data, held, writer)
            finally:
                asking.cancel()
                back.close()
        writer.close()

    async def _answer(self, data: bytes, held: bytes, writer: asyncio.StreamWriter) -> bytes:
        """Pass data on, and return what is held back; where something still is, answers are not in step any more."""
        said = data
        if self.mode == "late":
            said = held or data
        elif held:
            raise ConnectionResetError
        if self.mode == "rubbish":
            said = b"\xff\x00rubbish\r\n" * 3
        if self.mode == "cut":
            writer.write(data[: len(data) // 2])
            raise ConnectionResetError
        if self.mode == "slow":
            await asyncio.sleep(0.3)
        writer.write(said)
        await writer.drain()
        return data if self.mode == "late" else b""


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _mode(name: str) -> Switch:
    def switch(redis: RedisServer, proxy: Proxy) -> None:
        proxy.mode = name

    return switch


def _ask(*command: str) -> Switch:
    def switch(redis: RedisServer, proxy: Proxy) -> None:
        redis.ask(*command)

    return switch


FAULTS: Mapping[str, tuple[Switch, Switch]] = {
    "killed": (lambda redis, _: redis.kill(), lambda redis, _: redis.start()),
    "frozen": (lambda redis, _: redis.pause(), lambda redis, _: redis.resume()),
    "read-only": (_ask("REPLICAOF", "127.0.0.1", "1"), _ask("REPLICAOF", "NO", "ONE")),
    "out of memory": (_ask("CONFIG", "SET", "maxmemory", "1"), _ask("CONFIG", "SET", "maxmemory", "0")),
    "rubbish": (_mode("rubbish"), _mode("pass")),
    "another's answers": (_mode("late"), _mode("pass")),
    "cut in mid-answer": (_mode("cut"), _mode("pass")),
    "slow by 300 ms": (_mode("slow"), _mode("pass")),
}
"""How each begins and how it ends."""


@contextmanager
def running(kind: str) -> Iterator[tuple[RedisServer, Proxy, Mapping[str, str]]]:
    """Have a durable Redis behind the proxy; gives the variables that point Sentinel at that one."""
    with tempfile.TemporaryDirectory() as directory:
        redis = RedisServer(Path(directory))
        redis.start()
        try:
            with _proxied(redis) as (proxy, front), stores.pointing_at(front, kind) as environ:
                yield redis, proxy, environ
        finally:
            redis.resume()
            redis.kill()


@contextmanager
def _proxied(redis: RedisServer) -> Iterator[tuple[Proxy, RedisServer]]:
    with stores.loop_in_thread() as run:
        proxy = Proxy(redis.address)
        port = run(proxy.start())
        try:
            yield proxy, RedisServer(Path(), port=port)
        finally:
            run(proxy.close())
