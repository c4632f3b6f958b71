from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache.ports import Vector
from sentinel_core.errors import CorruptEntryError
from sentinel_core.matching import vectors


def unit(seed: int) -> Vector:
    vector = np.random.default_rng(seed).standard_normal(vectors.DIMENSION).astype(np.float32)
    normalised: Vector = vector / np.linalg.norm(vector)
    return normalised


@given(st.integers(0, 2**32), st.integers(0, 2**32), st.floats(0, 1))
def test_the_wire_moves_a_similarity_by_at_most_half_a_hundredth(one: int, other: int, share: float) -> None:
    vector, near = unit(one), unit(one) * share + unit(other) * (1 - share)
    near /= max(float(np.linalg.norm(near)), 1e-6)

    read = vectors.decode(vectors.encode(vector))

    assert read.dtype == np.float32
    assert abs(float(np.linalg.norm(read)) - 1) < 1e-6
    assert abs(float(read @ near) - float(vector @ near)) <= 0.005


def test_a_vector_along_one_axis_survives_unchanged() -> None:
    axis = np.zeros(vectors.DIMENSION, dtype=np.float32)
    axis[7] = -1

    assert np.array_equal(vectors.decode(vectors.encode(axis)), axis)


def test_the_text_is_ascii_of_one_length() -> None:
    assert {(len(text), text.isascii()) for text in map(vectors.encode, map(unit, range(5)))} == {(520, True)}


def test_many_are_read_as_each_alone() -> None:
    texts = [vectors.encode(unit(seed)) for seed in range(20)]

    assert np.array_equal(vectors.decode_many(texts), np.stack([vectors.decode(text) for text in texts]))


def test_no_texts_are_no_rows() -> None:
    assert vectors.decode_many([]).shape == (0, vectors.DIMENSION)


def packed(scale: float, step: int) -> str:
    data = np.asarray(scale, "<f4").tobytes() + np.full(vectors.DIMENSION, step, np.int8).tobytes()
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAA",
        "not base64!",
        "é",
        b"\xff\xfe",
        vectors.encode(unit(1))[:-4],
        vectors.encode(unit(1)) + "AAAA",
        packed(0.01, 0),
        packed(float("nan"), 1),
        packed(float("inf"), 1),
        packed(-0.05, 1),
        packed(3e38, 127),
        packed(1.0, 1),
    ],
)
def test_rubbish_is_a_corrupt_entry(text: str | bytes) -> None:
    with pytest.raises(CorruptEntryError):
        vectors.decode(text)


@given(st.text() | st.binary(max_size=600))
def test_nothing_but_a_corrupt_entry_is_raised(text: str | bytes) -> None:
    with pytest.raises(CorruptEntryError):
        vectors.decode(text)
