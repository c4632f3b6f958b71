"""`scripts/redis` as a user meets it."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import redis


def start(directory: Path, *flags: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.devtools.redis.launch", "--port", "0", "--directory", str(directory), *flags],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    exported: dict[str, str] = {}
    for line in process.stdout:
        if "export " in line:
            name, value = line.partition("export ")[2].strip().split("=", 1)
            exported[name] = value
        if "Ctrl-C" in line:
            break
    return process, exported


def readable_to_others(directory: Path) -> list[str]:
    return [str(path) for path in directory.rglob("*") if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]


def ask(exported: dict[str, str], *command: str) -> object:
    headers = {"authorization": f"Bearer {exported['UPSTASH_REDIS_REST_TOKEN']}"}
    with httpx.Client(trust_env=False) as client:
        return client.post(exported["UPSTASH_REDIS_REST_URL"], json=command, headers=headers).json()


def end(process: subprocess.Popen[str], number: signal.Signals) -> int:
    os.kill(process.pid, number)
    process.communicate(timeout=10)
    return process.returncode


def test_what_it_exports_works_and_survives_a_restart(tmp_path: Path) -> None:
    process, first = start(tmp_path)
    assert ask(first, "SET", "k", "v") == {"result": "OK"}
    assert end(process, signal.SIGINT) == 0

    process, second = start(tmp_path)
    assert second["UPSTASH_REDIS_REST_TOKEN"] == first["UPSTASH_REDIS_REST_TOKEN"]
    assert ask(second, "GET", "k") == {"result": "v"}
    assert end(process, signal.SIGTERM) == 0


def test_other_users_of_the_machine_read_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "kept"
    directory.mkdir(mode=0o755)
    process, exported = start(directory)
    ask(exported, "SET", "k", "v")
    port = int(exported["SENTINEL_REDIS_URL"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5.0) as stranger:
        stranger.sendall(b"GET k\r\n")
        refused = stranger.recv(100)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    arguments = "".join(Path(f"/proc/{child}/cmdline").read_text() for child in children)
    assert end(process, signal.SIGTERM) == 0

    assert refused.startswith(b"-NOAUTH")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert readable_to_others(directory) == []
    assert "valkey-server" in arguments
    assert (directory / "password").read_text() not in arguments


def test_a_cluster_starts_with_a_password_and_keeps_its_data(tmp_path: Path) -> None:
    values: list[object] = []
    for _ in range(2):
        process, exported = start(tmp_path, "--cluster")
        with redis.RedisCluster.from_url(exported["SENTINEL_REDIS_URL"], decode_responses=True) as client:
            flags = "".join(str(node["flags"]) for node in client.cluster_nodes().values())
            values += [client.get("k"), client.set("k", "v"), flags.count("master"), flags.count("slave")]
        assert end(process, signal.SIGTERM) == 0

    assert values == [None, True, 3, 3, "v", True, 3, 3]
    assert readable_to_others(tmp_path) == []
