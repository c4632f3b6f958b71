"""Asks the server all that its OpenAPI description allows, and much that it forbids, and checks every answer."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.clients.cases import GOOD_KEY
from scripts.devtools.http.serving import asking, serving
from scripts.devtools.http.surface_routes import add_surfaces
from scripts.devtools.http.upstream import Upstream

ROOT = Path(__file__).parents[2]
UNCHECKED = "positive_data_acceptance,unsupported_method,allow_header_conformance"
"""
A description cannot say which providers are configured, or that one of two fields is to be given. To whoever asks
`entries/search` by another method `search` is no entry; that methods are refused by name is tested elsewhere.
"""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/compat schema", description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="for each route, besides those at the limits")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful", help="schemathesis' own: %(default)s")
    parser.add_argument("--upstream", action="store_true", help="before a local upstream, not the simulated provider")
    arguments = parser.parse_args(argv)
    no_upstream: AbstractContextManager[Mapping[str, str]] = nullcontext({})
    with (
        TemporaryDirectory() as kept,
        _upstream() if arguments.upstream else no_upstream as provider,
        serving(
            **provider,
            SENTINEL_KEYS_FILE=f"{kept}/keys.json",  # the routes are asked to make many
            SENTINEL_API_KEYS=f"acme:{hashlib.sha256(GOOD_KEY.encode()).hexdigest()}",
            SENTINEL_NAMESPACE_SECRET="of this run and no other",  # noqa: S106  keeps nothing apart
            SENTINEL_ADMIN_KEY=GOOD_KEY,
            SENTINEL_WRONG_KEYS_PER_MINUTE="100000",  # the routes are asked with many
            SENTINEL_LOG_LEVEL="error",
        ) as server,
    ):
        return _run(f"{server.said['address']}/openapi.json", arguments)


@contextmanager
def _upstream() -> Iterator[Mapping[str, str]]:
    """Run an upstream that answers all it is asked; yield the settings by which it is."""
    with Upstream.running() as upstream:
        add_surfaces(upstream)
        yield {**asking(upstream.url), "SENTINEL_NATIVE_RESPONSES": "openai"}


def _run(description: str, arguments: argparse.Namespace) -> int:
    flags = {
        "--header": f"x-api-key: {GOOD_KEY}",
        "--max-examples": arguments.examples,
        "--seed": arguments.seed,
        "--phases": arguments.phases,
        # An upstream that takes anything takes what is passed on to it unread, too.
        "--exclude-checks": f"{UNCHECKED},negative_data_rejection" if arguments.upstream else UNCHECKED,
        "--generation-database": "none",
        "--warnings": "off",
        "--wait-for-schema": 120,
        "--request-timeout": 60,
    }
    given = [str(part) for flag in flags.items() for part in flag]
    command = [sys.executable, "-m", "schemathesis.cli", "run", description, *given]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
