"""Serves the application with uvicorn."""

from __future__ import annotations

import math
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.matching.embedders.model_files import quieten
from sentinel_core.telemetry.logs import Output

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

    from sentinel_core.app.build import Sentinel
    from sentinel_core.app.connections import EdgeLimits
    from sentinel_core.telemetry.logs import BufferedLines
    from sentinel_core.telemetry.records import Recorder


SEND_BUFFER_BYTES = 262_144
SWITCH_SECONDS = 0.0005
"""
Python's time until a thread that works through a large body lets the event loop go on. With the usual 5 ms, each of
the ten wake-ups of a request would wait as long.
"""

SPARE_DESCRIPTORS = 64
"""File descriptors kept free for files, Redis and the loop itself."""
MOST_DESCRIPTORS = 65_536
MOST_HEADERS = 256


def serve(settings: Settings, shell: Mapping[str, str] = MappingProxyType({})) -> int:
    """
    Serve until interrupted; return the exit code. `shell` is the environment without `.env`, for the warnings.

    Raises ConfigurationError where settings do not fit together or the address is not free.
    """
    # Imported here, so that --help and a bad setting answer at once, and no runtime before it is quietened.
    quieten()
    from sentinel_core.app import workers
    from sentinel_core.app.own_address import check_base_urls
    from sentinel_core.app.start_warnings import start_warnings

    workers.check(settings)
    sentinel, lines = _built(settings)
    ports = [settings.port, *([] if settings.admin_port is None else [settings.admin_port])]
    listeners = [_listener(settings.host, port) for port in ports]
    check_base_urls(settings.base_urls, [(settings.host, each.getsockname()[1]) for each in listeners])
    warnings = start_warnings(settings, sentinel.parts.default, shell)
    _announce(sentinel.chosen, warnings, listeners[0].getsockname())
    if settings.workers > 1:
        return workers.Workers(work, settings, listeners).run()
    _run(sentinel, lines, settings, listeners)
    return 0


def work(settings: Settings, listeners: Sequence[socket.socket]) -> None:
    """Serve the connections of `listeners` in a process of its own, until interrupted."""
    quieten()
    _run(*_built(settings), settings, listeners)


def _built(settings: Settings) -> tuple[Sentinel, BufferedLines]:
    from sentinel_core.app.build import build
    from sentinel_core.app.tracing import TraceRecorder
    from sentinel_core.telemetry.logs import BufferedLines

    lines = BufferedLines(sys.stderr)
    recorders = [*_logging(settings, lines), *([TraceRecorder()] if settings.otlp_endpoint else [])]
    return build(settings, recorders=recorders, has_background=True), lines


def _run(sentinel: Sentinel, lines: BufferedLines, settings: Settings, listeners: Sequence[socket.socket]) -> None:
    import uvicorn

    from sentinel_core.app.tracing import traced

    sys.setswitchinterval(SWITCH_SECONDS)
    # Uvicorn raises the signal again after its shutdown: the default would end the process before the log is written.
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config(traced(settings, sentinel), settings)).run(sockets=[*listeners])
    finally:
        sentinel.recording.settle()
        lines.flush()


def _listener(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises ConfigurationError if the address is not free."""
    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    # Inherited by every connection: a caller that does not read has the kernel hold no more than this of its answer.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return listener


def config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return how uvicorn is to serve an application, within the settings' bounds."""
    import uvicorn

    from sentinel_core.app.connections import Connections
    from sentinel_core.app.http_protocol import BoundedHttp

    limits = edge_limits(settings, _descriptors())
    return uvicorn.Config(
        app,
        http=partial(BoundedHttp, limits=limits, registry=Connections(limits.connections)),  # type: ignore[arg-type]
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # uvicorn would believe every local process; SENTINEL_TRUSTED_PROXIES says whom to
        timeout_keep_alive=math.ceil(limits.idle_seconds),
        timeout_graceful_shutdown=math.ceil(settings.shutdown_seconds),
    )


def edge_limits(settings: Settings, descriptors: int) -> EdgeLimits:
    """Return the bounds of connections; `descriptors` are those the process may open, the providers' included."""
    from sentinel_core.app.connections import EdgeLimits

    free = descriptors - settings.provider_concurrency - SPARE_DESCRIPTORS
    return EdgeLimits(
        connections=max(8, min(settings.max_connections, free)),
        header_bytes=settings.max_header_bytes,
        headers=MOST_HEADERS,
        answer_seconds=settings.request_timeout_seconds,
        idle_seconds=settings.keep_alive_seconds,
        ending_seconds=min(10.0, settings.keep_alive_seconds / 4),
    )


def _descriptors() -> int:
    """Raise the process's limit of open files as far as it may go; return it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return most
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _logging(settings: Settings, out: Output) -> Sequence[Recorder]:
    """Set up the format of the log; return the recorders of its line for each answer, none above level info."""
    from sentinel_core.support.clock import SYSTEM_CLOCK
    from sentinel_core.telemetry.logs import JsonFormatter, LogRecorder, log_with
    from sentinel_core.telemetry.text_logs import TextFormatter, TextRecorder

    is_terminal = sys.stderr.isatty()
    coloured = is_terminal and not os.environ.get("NO_COLOR")
    is_text = settings.log_format == "text" or (settings.log_format is None and is_terminal)
    log_with(TextFormatter(coloured=coloured) if is_text else JsonFormatter(), settings.log_level)
    if settings.log_level not in ("debug", "info"):
        return []
    if is_text:
        return [TextRecorder(out, SYSTEM_CLOCK, coloured=coloured)]
    return [LogRecorder(out, SYSTEM_CLOCK)]


def _announce(chosen: Mapping[str, str], warnings: Sequence[str], address: tuple[str, int]) -> None:
    url = f"http://{address[0]}:{address[1]}"
    pages = [("address", url), ("console", f"{url}/console"), ("docs", f"{url}/docs")]
    lines = [*chosen.items(), *(("warning", each) for each in warnings), *pages]
    for name, value in lines:
        print(f"{name + ':':10}{value}", flush=True)  # noqa: T201  a command speaks to its user
