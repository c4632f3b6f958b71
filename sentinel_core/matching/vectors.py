"""A vector on the wire: 384 int8 and one scale, in base64."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sentinel_core.cache.ports import Vector
from sentinel_core.errors import CorruptEntryError

DIMENSION = 384

_SCALE = np.dtype("<f4")
_BYTES = _SCALE.itemsize + DIMENSION
_PEAK = 127
_UNIT_TOLERANCE = 0.05


def encode(vector: Vector) -> str:
    """Write as 520 ASCII characters; the largest component takes the whole range of int8."""
    scale = np.asarray(max(float(np.abs(vector).max()) / _PEAK, np.finfo(np.float32).tiny), dtype=_SCALE)
    steps = np.rint(vector / scale).astype(np.int8)
    return base64.b64encode(scale.tobytes() + steps.tobytes()).decode("ascii")


def decode(text: str | bytes) -> Vector:
    """Decode an encoded vector, at unit length again; raises CorruptEntryError for anything else."""
    vector: Vector = decode_many([text])[0]
    return vector


def decode_many(texts: Sequence[str | bytes]) -> NDArray[np.float32]:
    """Read many at once, shape (texts, 384); raises CorruptEntryError if any of them is rubbish."""
    rows = np.frombuffer(b"".join(map(_bytes, texts)), dtype=np.uint8).reshape(-1, _BYTES)
    scales = np.ascontiguousarray(rows[:, : _SCALE.itemsize]).view(_SCALE).astype(np.float32)
    steps = rows[:, _SCALE.itemsize :].view(np.int8).astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", steps, steps))[:, np.newaxis]
    # `encode` was given unit vectors: bytes that are not nearly one are not its work. NaN is not near either.
    if not np.all(np.abs(scales.astype(np.float64) * lengths - 1) <= _UNIT_TOLERANCE):
        raise CorruptEntryError("vector that is not of unit length")
    unit: NDArray[np.float32] = steps / lengths
    return unit


def _bytes(text: str | bytes) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CorruptEntryError("vector that is not base64") from error
    if len(data) != _BYTES:
        raise CorruptEntryError(f"vector of {len(data)} bytes")
    return data
