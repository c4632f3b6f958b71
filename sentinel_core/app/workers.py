"""Several worker processes that serve one address, as one server: what one counts or stores, all know by Redis."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from socket import socket
from types import FrameType

from sentinel_core.app import stores
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError

Work = Callable[[Settings, Sequence[socket]], None]

SHARED_BOUNDS = ("max_connections", "provider_concurrency", "max_memory_mb")
"""Settings that bound all workers together."""

YOUNG_SECONDS = 10.0
MOST_YOUNG = 5
"""Workers that may end so young, one after the other, before the server gives up."""

_GRACE_SECONDS = 10.0
_SPAWN = multiprocessing.get_context("spawn")  # a fork would copy threads' locks and the event loop's selector


def check(settings: Settings) -> None:
    """Raise ConfigurationError for several workers without a store that they share."""
    if settings.workers > 1 and stores.kind(settings) == "memory":
        raise ConfigurationError(
            f"{settings.workers} workers need Redis, so that they share entries, keys, limits and counters: "
            "set SENTINEL_REDIS_URL or UPSTASH_REDIS_REST_URL, or take --workers 1"
        )


def share_of(settings: Settings) -> Settings:
    """Return one worker's settings: its part of each bound of all workers, at least 1."""
    parts = {name: max(1, getattr(settings, name) // settings.workers) for name in SHARED_BOUNDS}
    return settings.model_copy(update=parts)


@dataclass(slots=True)
class Workers:
    """
    Keeps `settings.workers` processes at `work` until a signal stops it; one that ends is replaced.

    Not for use beside an event loop: it takes SIGTERM and SIGINT.
    """

    work: Work
    settings: Settings
    listeners: Sequence[socket]
    _running: list[SpawnProcess] = field(default_factory=list)
    _started: dict[SpawnProcess, float] = field(default_factory=dict)
    _is_stopping: bool = False
    _young: int = 0

    def run(self) -> int:
        """Serve until a signal; return the exit code: 1 if workers end as soon as they begin."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for _ in range(self.settings.workers):
            self._start()
        while not self._is_stopping:
            ended = wait([each.sentinel for each in self._running], timeout=0.5)
            for each in [each for each in self._running if each.sentinel in ended]:
                self._replace(each)
        self._end()
        return int(self._young >= MOST_YOUNG)

    def _start(self) -> None:
        worker = _SPAWN.Process(target=_begin, args=(self.work, share_of(self.settings), self.listeners), daemon=False)
        worker.start()
        self._running.append(worker)
        self._started[worker] = time.monotonic()

    def _replace(self, ended: SpawnProcess) -> None:
        self._running.remove(ended)
        is_young = time.monotonic() - self._started.pop(ended) < YOUNG_SECONDS
        self._young = self._young + 1 if is_young else 0
        if self._young >= MOST_YOUNG:
            self._is_stopping = True
        elif not self._is_stopping:
            self._start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping = True

    def _end(self) -> None:
        """Have all workers finish their requests; kill those that take longer than the settings allow."""
        until = time.monotonic() + self.settings.shutdown_seconds + _GRACE_SECONDS
        for each in self._running:
            each.terminate()
        for each in self._running:
            each.join(max(0.0, until - time.monotonic()))
            if each.is_alive():
                each.kill()
                each.join()


def _begin(work: Work, settings: Settings, listeners: Sequence[socket]) -> None:
    """Work in a new process, and end with the process that started it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(settings, listeners)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        signal.raise_signal(signal.SIGTERM)
