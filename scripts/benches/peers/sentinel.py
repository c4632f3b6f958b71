"""Sentinel as one of its peers: through the same route, with its own defaults."""

from __future__ import annotations

from scripts.benches import servers
from scripts.benches.peers.environment import Peer
from sentinel_core import __version__

PEER = Peer("sentinel", __version__, lambda upstream: servers.sentinel(upstream=upstream, name="sentinel-peer"))
