"""CacheLLM's proxy with its memory store, and our MiniLM file in place of its download."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scripts.benches import servers
from scripts.benches.peers.environment import HOME, Peer, minilm, python
from scripts.benches.servers import Running
from scripts.devtools.http.ports import free_port

VERSION = "0.3.0"
# It asks fastembed for the model by name, which would fetch it.
_CUSTOMIZED = """import functools
try:
    import fastembed
except ImportError:
    pass
else:
    fastembed.TextEmbedding = functools.partial(fastembed.TextEmbedding, specific_model_path={model!r})
"""


@contextmanager
def _start(upstream: Running) -> Iterator[Running]:
    binaries = python("cachellm", f"cachellm-proxy=={VERSION}")
    site = HOME / "cachellm-site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(_CUSTOMIZED.format(model=str(minilm())))
    port = free_port()
    environ = {
        "PYTHONPATH": str(site),
        "CACHELLM_OPENAI_BASE_URL": f"{upstream.url}/v1",
        "CACHELLM_OPENAI_API_KEY": "none",
        "CACHELLM_DISCOVER_MODELS": "false",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    command = [str(binaries / "cachellm"), "serve", "--port", str(port)]
    with servers.running("cachellm", command, port=port, environ=environ, cwd=site) as server:
        yield server


PEER = Peer("cachellm-proxy", VERSION, _start)
