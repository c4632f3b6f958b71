"""LiteLLM's proxy with its local cache, which keeps 200 answers unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scripts.benches import servers
from scripts.benches.peers.environment import HOME, Peer, python
from scripts.benches.servers import Running
from scripts.devtools.http.ports import free_port

VERSION = "1.108.7"
"""Later proxies need the package `litellm-proxy`, which not every mirror of PyPI holds."""
KEY = "sk-none"
_CONFIG = """model_list:
  - model_name: "*"
    litellm_params: {{model: "openai/*", api_base: "{upstream}/v1", api_key: none}}
litellm_settings:
  cache: true
  cache_params: {{type: local}}
general_settings: {{master_key: {key}}}
"""


@contextmanager
def _start(upstream: Running) -> Iterator[Running]:
    binaries = python("litellm", f"litellm[proxy]=={VERSION}")
    config = HOME / "litellm.yaml"
    config.write_text(_CONFIG.format(upstream=upstream.url, key=KEY))
    port = free_port()
    command = [str(binaries / "litellm"), "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    with servers.running("litellm", command, port=port, cwd=HOME, timeout=180) as server:
        yield server


PEER = Peer("litellm", VERSION, _start, lambda upstream: {"authorization": f"Bearer {KEY}"}, holds=150, embeds=False)
