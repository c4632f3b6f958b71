"""An embedder that embeds ahead in batches, and keeps vectors in a file, so that a killed run need not embed again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from sentinel_core.cache.ports import Embedder, Vector
from sentinel_core.errors import EmbeddingError, PromptTooLongError
from sentinel_core.matching.vectors import DIMENSION

_KEY_BYTES = 16
_RECORD = _KEY_BYTES + DIMENSION * 4


class KeptVectors:
    """
    An `Embedder` over another one, for one command.

    The file holds records of a text's digest and its vector, all zeros for a text that is too long. A record that a
    killed run left half is cut off.
    """

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder = embedder
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        self._path = path
        self._places: dict[bytes, int] = {}
        self._read_places(path.stat().st_size // _RECORD)

    @property
    def id(self) -> str:
        return self._embedder.id

    @property
    def state(self) -> str:
        return self._embedder.state

    def __len__(self) -> int:
        """Return the number of kept vectors."""
        return len(self._places)

    async def embed(self, text: str) -> Vector:
        """Return the kept vector, or embed now; raises as `Embedder.embed` does."""
        [found] = await self.embed_many([text])
        if isinstance(found, Exception):
            raise found
        return found

    async def embed_many(self, texts: Sequence[str]) -> Sequence[Vector | Exception]:
        """Embed the texts that are not kept, and keep their vectors."""
        await self.prepare(texts)
        return [self._kept(_key(text)) for text in texts]

    async def prepare(self, texts: Iterable[str]) -> None:
        """Embed the texts that are not kept, in one batch."""
        wanted = {key: text for text in texts if (key := _key(text)) not in self._places}
        if not wanted:
            return
        found = await self._embedder.embed_many(list(wanted.values()))
        for key, vector in zip(wanted, found, strict=True):
            if isinstance(vector, Exception) and not isinstance(vector, PromptTooLongError):
                raise vector
            self._keep(key, np.zeros(DIMENSION, np.float32) if isinstance(vector, Exception) else vector)
        self._file.flush()

    async def aclose(self) -> None:
        """Close the file; the embedder is its owner's."""
        self.close()

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        """Delete the file: the run has ended."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _read_places(self, count: int) -> None:
        self._file.truncate(count * _RECORD)
        for number in range(count):
            self._file.seek(number * _RECORD)
            self._places.setdefault(self._file.read(_KEY_BYTES), number)

    def _keep(self, key: bytes, vector: Vector) -> None:
        if key not in self._places:  # another call may have kept it meanwhile
            self._file.write(key + vector.astype("<f4").tobytes())
            self._places[key] = len(self._places)

    def _kept(self, key: bytes) -> Vector | EmbeddingError:
        self._file.seek(self._places[key] * _RECORD + _KEY_BYTES)
        vector = np.frombuffer(self._file.read(DIMENSION * 4), "<f4")
        return vector.astype(np.float32) if vector.any() else PromptTooLongError("past the token limit")


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_KEY_BYTES]
