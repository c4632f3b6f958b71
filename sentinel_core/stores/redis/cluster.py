"""Redis Cluster over TCP: redis-py's cluster client knows the nodes and their slots, each batch goes out by node."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import SSLConnection
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisClusterException, RedisError

from sentinel_core.errors import ConfigurationError, RefusedError, StoreError
from sentinel_core.stores.redis.addresses import Address, address
from sentinel_core.stores.redis.cluster_keys import (
    EVERYWHERE,
    following,
    is_scan_of_all,
    joined,
    pieces,
    scan_of,
    slot_of,
)
from sentinel_core.stores.redis.connection import DEFAULT_TIMEOUT, Command, Reply
from sentinel_core.stores.redis.tcp import FOREIGN, Raw, common_options, exchange, failure, translated

REDIRECTIONS = 5
"""Redirections that one command follows; a slot on the move needs two."""

RELEARN_SECONDS = 0.5
"""Least time between two readings of the slots, while nodes fail."""


@dataclass(slots=True)
class _Part:
    """A command for one slot, with its reply; `asked` is the node that an ASK redirected it to."""

    command: Command
    slot: int
    reply: Raw = None
    asked: ClusterNode | None = None


class ClusterConnection:
    """
    One batch is one round trip to each node that holds a part of it, side by side; each node keeps its order.

    Redirections are followed. A node that fails costs only its own replies; then the slots are read again, so that
    a failover is survived. Raises ConfigurationError for a malformed URL, or for a database other than 0.
    """

    def __init__(self, url: str, *, timeout: float = DEFAULT_TIMEOUT, max_connections: int = 64) -> None:
        self._timeout = timeout
        self._places = asyncio.Semaphore(max_connections)
        where = address(url)
        self._client = _client(where, timeout, max_connections)
        self._first = self._client.startup_nodes[0]  # asked for the others even when all of them have changed
        self._is_stale = True
        self._learned_at = -RELEARN_SECONDS
        self._learning: asyncio.Task[None] | None = None

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        try:
            async with asyncio.timeout(self._timeout), self._places:
                await self._learn()
                parts = [self._parts(command) for command in commands]
                await self._send([part for each in parts for part in each])
        except (*FOREIGN, RedisClusterException) as error:
            self._is_stale = True
            raise failure(error) from error
        if commands and all(_is_lost(part.reply) for each in parts for part in each):
            raise failure(cast("RedisError", parts[0][0].reply))
        return [
            following(command, translated(each[0].reply), len(self._masters()))
            if is_scan_of_all(command)
            else joined(command, [part.command for part in each], [translated(part.reply) for part in each])
            for command, each in zip(commands, parts, strict=True)
        ]

    async def aclose(self) -> None:
        self._is_stale = True
        nodes = self._client.nodes_manager
        known = (self._first, *nodes.nodes_cache.values(), *nodes.startup_nodes.values())
        await asyncio.gather(*(node.disconnect() for node in known), return_exceptions=True)

    def _parts(self, command: Command) -> list[_Part]:
        """Split a command by slot; PING and INFO go to every master, scans of all namespaces to one after the other."""
        if command[0] in EVERYWHERE:
            return [_Part(command, slot) for slot in self._masters()]
        if is_scan_of_all(command):
            masters = self._masters()
            if not masters:
                raise RefusedError("CLUSTERDOWN")
            number, there = scan_of(command, len(masters))
            return [_Part(there, masters[number])]
        return [_Part(piece, slot_of(piece)) for piece in pieces(command)]

    def _masters(self) -> Sequence[int]:
        """Return one slot of each master, in the order of their first slots, which a failover leaves as it is."""
        first: dict[str, int] = {}
        for slot, nodes in sorted(self._client.nodes_manager.slots_cache.items()):
            if nodes:
                first.setdefault(nodes[0].name, slot)
        return list(first.values())

    async def _learn(self) -> None:
        """Read which node holds which slots if that is unknown or may have changed; callers share one reading."""
        now = asyncio.get_running_loop().time()
        if not self._is_stale or (self._client.nodes_manager.slots_cache and now < self._learned_at + RELEARN_SECONDS):
            return
        if self._learning is None or self._learning.done():
            self._learned_at = now
            self._learning = asyncio.create_task(self._read_slots())
            self._learning.add_done_callback(_note_outcome)
        await asyncio.shield(self._learning)

    async def _read_slots(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                self._client.nodes_manager.startup_nodes.setdefault(self._first.name, self._first)
                await self._client.nodes_manager.initialize()
        except (LookupError, TypeError) as error:  # what redis-py makes of a cluster without slots
            raise RefusedError("CLUSTERDOWN") from error
        self._is_stale = False

    async def _send(self, parts: Sequence[_Part]) -> None:
        for _ in range(REDIRECTIONS):
            by_node: dict[ClusterNode, list[_Part]] = {}
            for part in parts:
                by_node.setdefault(part.asked or self._node(part.slot), []).append(part)
            await asyncio.gather(*(self._exchange(node, each) for node, each in by_node.items()))
            parts = [part for part in parts if isinstance(part.reply, AskError)]
            if not parts:
                return
            for part in parts:
                await self._redirect(part)

    def _node(self, slot: int) -> ClusterNode:
        return self._client.nodes_manager.get_node_from_slot(slot)

    async def _exchange(self, node: ClusterNode, parts: Sequence[_Part]) -> None:
        """Send parts to one node and note their replies; a node that fails is the reply to all of them."""
        commands: list[Command] = []
        for part in parts:
            commands += [("ASKING",)] * (part.asked is not None) + [part.command]
        try:
            connection = node.acquire_connection()
            try:
                await node.disconnect_if_needed(connection)  # one from before the last reading of the slots
                replies = await exchange(connection, commands)
            finally:
                node.release(connection)
        except FOREIGN as error:
            self._is_stale = True
            replies = [_lost(error)] * len(commands)
        for part in reversed(parts):
            part.reply = replies.pop()
            if part.asked is not None:
                replies.pop()
            self._is_stale = self._is_stale or isinstance(part.reply, ClusterDownError)
            if isinstance(part.reply, AskError) and not part.reply.host:
                part.reply.host = node.host

    async def _redirect(self, part: _Part) -> None:
        """Aim a part at the node that its reply names; a slot that moved for good is noted."""
        error = part.reply
        part.asked = None
        if isinstance(error, MovedError):
            self._is_stale = True
            await self._client.nodes_manager.move_slot(error)
        elif isinstance(error, AskError):
            nodes = self._client.nodes_manager
            part.asked = nodes.get_node(error.host, error.port) or self._new_node(error.host, error.port)

    def _new_node(self, host: str, port: int) -> ClusterNode:
        nodes = self._client.nodes_manager
        node = ClusterNode(host, port, **nodes.connection_kwargs)
        nodes.set_nodes(nodes.nodes_cache, {node.name: node})
        return node


def _client(where: Address, timeout: float, max_connections: int) -> RedisCluster:
    options = {**where.options, **common_options(timeout), "max_connections": max_connections}
    if where.options.get("db") or "host" not in options:
        raise ConfigurationError("a Redis Cluster has only database 0, and is reached by TCP")
    if options.pop("connection_class", None) is SSLConnection:
        options["ssl"] = True
    return RedisCluster(**options, require_full_coverage=False)


def _lost(error: BaseException) -> RedisError:
    """Wrap a failure of the network, so that it can stand as a reply."""
    return error if isinstance(error, RedisError) else RedisError(type(error).__name__)


def _is_lost(reply: Raw) -> bool:
    """Whether no reply came at all."""
    return isinstance(reply, RedisError) and type(failure(reply)) is StoreError


def _note_outcome(task: asyncio.Task[None]) -> None:
    """Mark a task's error as seen, or asyncio warns where every caller has left."""
    if not task.cancelled():
        task.exception()
