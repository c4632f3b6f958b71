"""Starts a real cluster on this machine: three masters, each with a replica."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.devtools.http.ports import free_port
from scripts.devtools.redis.server import RedisServer, make_private, write_private

MASTERS = 3
SLOTS = 16_384
_PORTS = "ports.json"


class RedisClusterServers:
    """
    Six servers in directories of their own below `directory`; the first three begin as masters, the rest as replicas.

    The ports are kept in the directory, because the nodes remember each other by them over a restart.
    `node_timeout` is in seconds: a master that is silent for so long is replaced by its replica.
    """

    def __init__(
        self, directory: Path, *, port: int = 0, durable: bool = True, password: str = "", node_timeout: float = 2.0
    ) -> None:
        self._directory = directory
        self._timeout = str(int(1000 * node_timeout))
        make_private(directory)
        ports = self._ports(port)
        self._is_new = not all((directory / f"node-{number}" / "nodes.conf").exists() for number in range(2 * MASTERS))
        self.nodes = [
            RedisServer(directory / f"node-{number}", port=each, durable=durable, password=password)
            for number, each in enumerate(ports[: 2 * MASTERS])
        ]
        self._buses = ports[2 * MASTERS :]

    @property
    def masters(self) -> Sequence[RedisServer]:
        return self.nodes[:MASTERS]

    @property
    def url(self) -> str:
        """The address of one node; clients learn the others from it."""
        return self.nodes[0].url

    def start(self, timeout: float = 60.0) -> None:
        """Start the nodes, join them if they are new, and wait for the cluster; raises RuntimeError past `timeout`."""
        for node, bus in zip(self.nodes, self._buses, strict=True):
            node.start(
                *("--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", str(bus)),
                *("--cluster-node-timeout", self._timeout, "--cluster-announce-ip", "127.0.0.1"),
                *("--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"),
            )
        deadline = time.monotonic() + timeout
        if self._is_new:
            self._join(deadline)
        _await(self.is_whole, deadline, "the cluster did not form")

    def is_whole(self) -> bool:
        """Whether every node serves all slots, sees no node fail, and follows its master if it is a replica."""
        return all(self._is_well(node) for node in self.nodes)

    def _is_well(self, node: RedisServer) -> bool:
        replication = node.ask("INFO", "replication", lines=8)
        return (
            node.ask("CLUSTER", "INFO", lines=2).endswith("cluster_state:ok")
            and "fail" not in node.ask("CLUSTER", "NODES", lines=1 + 2 * MASTERS)
            and ("role:master" in replication or "master_link_status:up" in replication)
        )

    def stop(self) -> None:
        """End all at once, lest the last ones take over from the first."""
        with ThreadPoolExecutor(len(self.nodes)) as threads:
            list(threads.map(RedisServer.stop, self.nodes))

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    def _ports(self, first: int) -> list[int]:
        """Return the ports of the six nodes, then those of their cluster bus."""
        path = self._directory / _PORTS
        if path.exists():
            kept: list[int] = json.loads(path.read_text())
            return kept
        ports = [first + number if first else free_port() for number in range(2 * MASTERS)]
        ports += [free_port() for _ in range(2 * MASTERS)]
        write_private(path, json.dumps(ports))
        return ports

    def _join(self, deadline: float) -> None:
        ids = [node.ask("CLUSTER", "MYID", lines=2).splitlines()[-1] for node in self.nodes]
        for number, node in enumerate(self.masters):
            start, end = number * SLOTS // MASTERS, (number + 1) * SLOTS // MASTERS - 1
            node.ask("CLUSTER", "ADDSLOTSRANGE", str(start), str(end))
        for node, bus in zip(self.nodes[1:], self._buses[1:], strict=True):
            self.nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", str(node.port), str(bus))
        for node, master in zip(self.nodes[MASTERS:], ids, strict=False):
            _await(
                lambda node=node, master=master: node.ask("CLUSTER", "REPLICATE", master) == "+OK",  # type: ignore[misc]
                deadline,
                "a replica did not find its master",
            )


def _await(condition: Callable[[], bool], deadline: float, failure: str) -> None:
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(failure)
        time.sleep(0.05)
