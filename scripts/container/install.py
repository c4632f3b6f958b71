"""Fills the container's one directory: pinned libraries without what never runs, byte code and Sentinel itself."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.devtools.aws import package
from sentinel_core.matching.embedders.model_files import PACKAGE

LEFT_OUT = (package.FASTEMBED_ONLY | {"flatbuffers", "protobuf", "mangum", "aws-lambda-powertools", "jmespath"}) - {
    "click"
}
"""The container embeds with bare onnxruntime, as the function does; uvicorn needs click."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Install into the directory that is the one argument, which must not exist."""
    (into,) = map(Path, sys.argv[1:] if arguments is None else arguments)
    package.install(
        Path(sys.executable), package.pins(LEFT_OUT), "--no-compile", "--only-binary", ":all:", "--target", str(into)
    )
    shutil.copytree(
        package.ROOT / "sentinel_core", into / "sentinel_core", ignore=shutil.ignore_patterns("__pycache__")
    )
    package.put_graph(into / PACKAGE, package.own_architecture())
    package.strip(into)
    package.compile_all(into, prefix=str(into))
    return 0


if __name__ == "__main__":
    sys.exit(main())
