"""`scripts/redis` as a user meets it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx


def start(directory: Path) -> tuple[subprocess.Popen[str], dict[str, str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.devtools.redis.launch", "--port", "0", "--directory", str(directory)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline().removeprefix("export ").strip() for _ in range(2)]
    return process, dict(line.split("=", 1) for line in lines)


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
