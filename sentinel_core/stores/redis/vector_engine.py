"""Vector engines inside Redis, for scopes larger than a mirror should be: their commands and replies."""

from __future__ import annotations

import base64
from typing import Protocol

from sentinel_core.cache.ports import Vector
from sentinel_core.matching.vectors import DIMENSION
from sentinel_core.stores.redis.connection import Command, Reply


class Engine(Protocol):
    """
    Approximate search over vectors under one key.

    Its scores are not used: the cosine is computed from the vector kept with the entry.
    """

    def add(self, key: str, digest: str, vector: Vector) -> list[Command]: ...

    def nearest(self, key: str, vector: Vector, limit: int) -> Command: ...

    def digests(self, reply: Reply) -> list[str]:
        """Read the reply to `nearest`; return nothing for an error, such as a missing key."""

    def remove(self, key: str, digest: str) -> Command: ...

    def members(self, key: str, most: int) -> Command | None:
        """Return the command that lists the digests under a key, at most `most`; None if there is none."""


class VectorSets:
    """Vector sets of Redis 8, over any wire; int8 inside."""

    def add(self, key: str, digest: str, vector: Vector) -> list[Command]:
        return [("VADD", key, *_values(vector), digest)]

    def nearest(self, key: str, vector: Vector, limit: int) -> Command:
        return "VSIM", key, *_values(vector), "COUNT", str(limit)

    def digests(self, reply: Reply) -> list[str]:
        return [digest for digest in reply if isinstance(digest, str)] if isinstance(reply, list) else []

    def remove(self, key: str, digest: str) -> Command:
        return "VREM", key, digest

    def members(self, key: str, most: int) -> Command | None:
        return "VRANDMEMBER", key, str(most)


class UpstashVectors:
    """Upstash's own vector commands, as its documentation has them."""

    def add(self, key: str, digest: str, vector: Vector) -> list[Command]:
        creating = "VECTOR.CREATE", key, "DIM", str(DIMENSION), "METRIC", "COSINE", "EXISTSOK"
        return [creating, ("VECTOR.ADD", key, digest, *_base64(vector))]

    def nearest(self, key: str, vector: Vector, limit: int) -> Command:
        return "VECTOR.QUERY", key, "TOPK", str(limit), *_base64(vector)

    def digests(self, reply: Reply) -> list[str]:
        pairs = reply if isinstance(reply, list) else []
        return [pair[0] for pair in pairs if isinstance(pair, list) and pair and isinstance(pair[0], str)]

    def remove(self, key: str, digest: str) -> Command:
        return "VECTOR.DEL", key, digest

    def members(self, key: str, most: int) -> Command | None:
        return None


def _values(vector: Vector) -> list[str]:
    return ["VALUES", str(DIMENSION), *map("{:.7g}".format, vector.tolist())]


def _base64(vector: Vector) -> list[str]:
    return ["BASE64-FP32", base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")]
