"""Serves Sentinel on this machine: `python -m sentinel_core`."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from sentinel_core.embedders.files import quieten
from sentinel_core.errors import ConfigurationError
from sentinel_core.settings import Settings, variable

_FLAGS = {
    "host": "address to listen on",
    "port": "port to listen on; 0 takes a free one",
    "store": "memory, upstash or redis",
    "provider": "groq, simulated, …: who is asked where the caller names nobody",
    "log_level": "debug, info, warning or error",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments[:1] == ["evaluate"]:
        from sentinel_core.evaluation.cli import main as evaluate

        return evaluate(arguments[1:])
    try:
        return _keys(arguments[1:]) if arguments[:1] == ["keys"] else _run(arguments)
    except ConfigurationError as error:
        print(f"sentinel: {error}", file=sys.stderr)  # noqa: T201  a command speaks to its user
        return 2


def _keys(arguments: Sequence[str]) -> int:
    from sentinel_core import commands

    return commands.keys(arguments, os.environ)


def _run(arguments: Sequence[str]) -> int:
    flags = {name: value for name, value in vars(_parser().parse_args(arguments)).items() if value is not None}
    environ = {**os.environ, **{variable(name): value for name, value in flags.items()}}
    return _serve(Settings.from_environ(environ))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sentinel_core",
        description="Serve Sentinel here. Every setting is also a variable; a flag wins over it.",
        epilog="`keys --help` tells how to make API keys and take them back, `evaluate --help` how to judge the cache "
        "on labelled prompts.",
    )
    for name, description in _FLAGS.items():
        field = Settings.model_fields[name]
        default = "" if field.default is None else f" (default {field.default})"
        parser.add_argument(
            f"--{name.replace('_', '-')}", metavar=name.split("_")[-1].upper(), help=description + default
        )
    return parser


def _serve(settings: Settings) -> int:
    # Imported here, so that --help and a bad setting answer at once, and no runtime before it was quietened.
    quieten()
    import uvicorn

    from sentinel_core.compose import CLOCK, build
    from sentinel_core.telemetry import Gathered, LogRecorder, log_as_json

    log_as_json(settings.log_level)
    told = settings.log_level in ("debug", "info")
    lines = Gathered(sys.stderr.write)
    recorders = [LogRecorder(lines.write, CLOCK.now)] if told else []
    sentinel = build(settings, recorders=recorders, lives_on=True)
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


if __name__ == "__main__":
    sys.exit(main())
