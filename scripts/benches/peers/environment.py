"""What a peer is to us, and the environment of its own that it is installed in."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benches.report import ROOT
from scripts.benches.servers import Running
from sentinel_core.matching.embedders import model_files

HOME = ROOT / "build" / "peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """
    `start` takes the stub upstream; `holds` is the most entries it keeps, where that is few.

    `embeds` says whether rewordings can hit at all.
    """

    name: str
    version: str
    start: Callable[[Running], AbstractContextManager[Running]]
    headers: Callable[[Running], Mapping[str, str]] = field(default=lambda upstream: {})
    holds: int | None = None
    embeds: bool = True


def python(name: str, *packages: str) -> Path:
    """Install packages into an environment of their own, once, and return its `bin`."""
    home = HOME / name
    stamp = home / "installed.txt"
    wanted = "\n".join(packages)
    if not stamp.exists() or stamp.read_text() != wanted:
        HOME.mkdir(parents=True, exist_ok=True)
        subprocess.run(["python3", "-m", "venv", home], check=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", *packages], check=True)
        stamp.write_text(wanted)
    return home / "bin"


def node(name: str, package: str) -> Path:
    """Install an npm package into a folder of its own, once, and return it."""
    home = HOME / name
    folder = home / "node_modules" / package.rpartition("@")[0]
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", home, package], check=True)
    return folder


def minilm() -> Path:
    """Return a folder with our model and tokenizer, laid out as fastembed wants it."""
    home = HOME / "minilm"
    home.mkdir(parents=True, exist_ok=True)
    wanted: Sequence[tuple[str, Path]] = [
        ("model.onnx", model_files.published_weights().resolve()),
        *((file.name, file) for file in model_files.TOKENIZER.glob("*.json")),
    ]
    for name, file in wanted:
        if not (home / name).exists():
            (home / name).symlink_to(file)
    return home
