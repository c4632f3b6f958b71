"""Finds the subcommand's module and runs its `main`."""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

COMMANDS = (
    "serve",
    "peers",
    "scale",
    "soak",
    "streams",
    "streamed",
    "store",
    "index",
    "faults",
    "cold",
    "limits",
    "texts",
    "bounds",
    "edge",
    "crossed",
    "whose",
    "upstreams",
    "neighbours",
    "holds",
    "rewordings",
    "recording",
    "learning",
)


def main(argv: Sequence[str]) -> int:
    """Run one subcommand; without one, list them."""
    present = {name: path for name in COMMANDS if (path := _source(name)) is not None}
    if argv and argv[0] in present:
        # As in the product; before numpy is imported, and for all processes that are started.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        module = importlib.import_module(f"scripts.benches.{argv[0]}")
        code: int = module.main(argv[1:])
        return code
    print("usage: scripts/bench COMMAND [--help]\n")
    for name, path in present.items():
        print(f"  {name:8}{ast.get_docstring(ast.parse(path.read_text()))}")
    return 0 if argv[:1] in ([], ["--help"], ["-h"]) else 2


def _source(command: str) -> Path | None:
    spec = importlib.util.find_spec(f"scripts.benches.{command}")
    return None if spec is None or spec.origin is None else Path(spec.origin)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
