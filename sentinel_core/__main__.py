"""Serves Sentinel on this machine: `python -m sentinel_core`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from sentinel_core.app.server import serve
from sentinel_core.app.settings import Settings, variable
from sentinel_core.errors import ConfigurationError

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
        from sentinel_core.matching.evaluation.cli import main as evaluate

        return evaluate(arguments[1:])
    try:
        return _keys(arguments[1:]) if arguments[:1] == ["keys"] else _run(arguments)
    except ConfigurationError as error:
        print(f"sentinel: {error}", file=sys.stderr)  # noqa: T201  a command speaks to its user
        return 2


def _keys(arguments: Sequence[str]) -> int:
    from sentinel_core.app import keys_command

    return keys_command.keys(arguments, os.environ)


def _run(arguments: Sequence[str]) -> int:
    flags = {name: value for name, value in vars(_parser().parse_args(arguments)).items() if value is not None}
    environ = {**os.environ, **{variable(name): value for name, value in flags.items()}}
    return serve(Settings.from_environ(environ))


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


if __name__ == "__main__":
    sys.exit(main())
