"""Serves the application with uvicorn."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.matching.embedders.model_files import quieten


def serve(settings: Settings) -> int:
    # Imported here, so that --help and a bad setting answer at once, and no runtime before it was quietened.
    quieten()
    import uvicorn

    from sentinel_core.app.build import build
    from sentinel_core.support.clock import SYSTEM_CLOCK
    from sentinel_core.telemetry.logs import BufferedLines, LogRecorder, log_as_json

    log_as_json(settings.log_level)
    told = settings.log_level in ("debug", "info")
    lines = BufferedLines(sys.stderr.write)
    recorders = [LogRecorder(lines.write, SYSTEM_CLOCK.now)] if told else []
    sentinel = build(settings, recorders=recorders, has_background=True)
    try:
        listener = socket.create_server((settings.host, settings.port), backlog=2048)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    _announce(sentinel.chosen, listener.getsockname())
    config = uvicorn.Config(sentinel.app, access_log=False, log_config=None, server_header=False)
    try:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        lines.flush()
    return 0


def _announce(chosen: Mapping[str, str], address: tuple[str, int]) -> None:
    url = f"http://{address[0]}:{address[1]}"
    for what, choice in {**chosen, "address": url, "docs": f"{url}/docs"}.items():
        print(f"{what + ':':10}{choice}", flush=True)  # noqa: T201  a command speaks to its user
