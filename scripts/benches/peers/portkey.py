"""Portkey's gateway from npm, with its simple cache asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from scripts.benches import servers
from scripts.benches.peers.environment import Peer, node
from scripts.benches.servers import Running
from scripts.devtools.http.ports import free_port

VERSION = "1.15.2"


@contextmanager
def _start(upstream: Running) -> Iterator[Running]:
    folder = node("portkey", f"@portkey-ai/gateway@{VERSION}")
    port = free_port()
    command = ["node", str(folder / "build" / "start-server.js"), f"--port={port}", "--headless"]
    environ = {"TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}
    with servers.running("portkey", command, port=port, environ=environ, cwd=folder) as server:
        yield server


def _headers(upstream: Running) -> Mapping[str, str]:
    config = {
        "provider": "openai",
        "api_key": "none",
        "custom_host": f"{upstream.url}/v1",
        "cache": {"mode": "simple", "max_age": 3600},
    }
    return {"x-portkey-config": json.dumps(config)}


PEER = Peer("portkey", VERSION, _start, _headers, embeds=False)
