"""The command `sentinel`, also `python -m sentinel_core`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial

from sentinel_core import __version__
from sentinel_core.app.env_file import DEFAULT, merged
from sentinel_core.app.server import serve
from sentinel_core.app.settings import Settings, variable
from sentinel_core.errors import ConfigurationError
from sentinel_core.matching.embedders.model_files import quieten

Command = Callable[[Sequence[str], Mapping[str, str]], int]

_FLAGS = {
    "host": "address to listen on",
    "port": "port to listen on; 0 takes a free one",
    "workers": "worker processes; more than one need Redis",
    "store": "memory, upstash or redis",
    "provider": "default provider: groq, openai, simulated, …",
    "log_level": "debug, info, warning or error",
    "log_format": "json, or text: one short line per answer (default text on a terminal)",
}
_EPILOG = """commands:
  run        serve (the default)
  keys       create, list, rotate and revoke API keys
  top        show what a running server does, live
  estimate   say what the cache would save on a log of requests
  evaluate   measure hits and wrong hits on labelled prompts
  settings   print every setting and its value, and check them
  policy     check a policy file, and try it on a log
  import     put curated answers from a file; also export, copy and warm
  backup     write all answers of a namespace to a file; restore puts them back
  audit      export the log of admin and key actions, and check it
Each has --help. --env-file FILE reads variables from another file than .env."""


PIPE_CLOSED = 141
"""The exit code of a program that writes to a pipe without a reader, as shells have it: 128 and SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        path, arguments = _env_file(arguments)
        name, command, rest = _command(arguments)
        # evaluate reads no settings, so a mistake in .env does not concern it.
        code = command(rest, os.environ if name == "evaluate" else merged(os.environ, path))
        sys.stdout.flush()  # here, and not at the interpreter's end, where a closed pipe is a traceback
    except BrokenPipeError:  # `sentinel audit export | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except ConfigurationError as error:
        print(f"sentinel: {error}", file=sys.stderr)  # noqa: T201  a command speaks to its user
        return 2
    return code


def _env_file(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take `--env-file FILE` out of the arguments; None if it is not there."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--env-file")
    known, rest = parser.parse_known_args(arguments)
    return known.env_file, rest


def _command(arguments: Sequence[str]) -> tuple[str, Command, Sequence[str]]:
    commands: dict[str, Command] = {
        "run": _run,
        "keys": _keys,
        "top": _top,
        "estimate": _estimate,
        "evaluate": _evaluate,
        "settings": _settings,
        "policy": _policy,
        "audit": _audit,
        "import": partial(_curated, "import"),
        "export": partial(_curated, "export"),
        "copy": partial(_curated, "copy"),
        "warm": partial(_curated, "warm"),
        "backup": partial(_backup, "backup"),
        "restore": partial(_backup, "restore"),
    }
    if not arguments or arguments[0].startswith("-"):
        return "run", _run, arguments
    name, *rest = arguments
    if name not in commands:
        close = get_close_matches(name, commands, 1)
        hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(commands)}"
        raise ConfigurationError(f"unknown command: {name}{hint}")
    return name, commands[name], rest


def _top(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from sentinel_core.app import top_command

    return top_command.top(arguments, environ)


def _evaluate(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    quieten()  # before numpy is imported: threads that wait for each other at small products cost more than they give
    from sentinel_core.app.evaluated_judge import ConfiguredJudges
    from sentinel_core.matching.evaluation.cli import main as evaluate

    return evaluate(arguments, judges=ConfiguredJudges(environ))


def _estimate(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    quieten()
    from sentinel_core.app.estimate.command import estimate

    return estimate(arguments, environ)


def _curated(name: str, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from sentinel_core.app.curated_commands import COMMANDS

    return COMMANDS[name](arguments, environ)


def _backup(name: str, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from sentinel_core.app.backup_commands import COMMANDS

    return COMMANDS[name](arguments, environ)


def _keys(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from sentinel_core.app import keys_command

    return keys_command.keys(arguments, environ)


def _settings(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from sentinel_core.app import settings_command

    return settings_command.settings(arguments, environ)


def _policy(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from sentinel_core.app import policy_command

    return policy_command.policy(arguments, environ)


def _audit(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    from sentinel_core.app import audit_command

    return audit_command.audit(arguments, environ)


def _run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    flags = {name: value for name, value in vars(_parser().parse_args(arguments)).items() if value is not None}
    settings = Settings.from_environ({**environ, **{variable(name): value for name, value in flags.items()}})
    return serve(settings, shell=os.environ)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sentinel",
        usage="sentinel [run] [flags] | sentinel COMMAND …",
        description=f"Serve Sentinel on this machine. Each setting is a variable, read from the environment or from "
        f"{DEFAULT}; the environment wins over the file, and a flag wins over both.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sentinel {__version__}")
    for name, description in _FLAGS.items():
        field = Settings.model_fields[name]
        default = "" if field.default is None else f" (default {field.default})"
        parser.add_argument(
            f"--{name.replace('_', '-')}", metavar=name.split("_")[-1].upper(), help=description + default
        )
    return parser


if __name__ == "__main__":
    sys.exit(main())
