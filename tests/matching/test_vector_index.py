from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sentinel_core.cache.ports import Vector
from sentinel_core.matching.vector_index import FEW_ROWS, LATEST, SIGNS_FROM, ScopeIndex, reach
from sentinel_core.matching.vectors import DIMENSION

Matrix = NDArray[np.float32]
LARGE = 4 * SIGNS_FROM + 100


def unit(vectors: NDArray[np.floating]) -> Matrix:
    normalised: Matrix = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
    return normalised


def near(vectors: Matrix, cosine: float, rng: np.random.Generator) -> Matrix:
    """Turn each vector so far that its cosine to what it was is `cosine`."""
    noise = rng.standard_normal(vectors.shape)
    noise -= np.sum(noise * vectors, axis=-1, keepdims=True) * vectors
    return unit(cosine * vectors + np.sqrt(1 - cosine**2) * unit(noise))


def axis(position: int) -> Vector:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[position] = 1
    return vector


def filled(vectors: Matrix) -> ScopeIndex:
    index = ScopeIndex()
    index.add_many([f"{row:06}" for row in range(len(vectors))], vectors)
    return index


POOL = unit(np.random.default_rng(1).standard_normal((12, DIMENSION)))
DIGESTS = [f"digest {number}" for number in range(8)]

operations = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(DIGESTS), st.integers(0, len(POOL) - 1)),
        st.tuples(st.just("remove"), st.sampled_from(DIGESTS), st.just(0)),
    ),
    max_size=60,
)


def naive(entries: dict[str, Vector], vector: Vector, limit: int, floor: float) -> list[tuple[str, float]]:
    pairs = [(digest, float((stored * vector).sum())) for digest, stored in entries.items()]
    return sorted((pair for pair in pairs if pair[1] >= floor), key=lambda pair: (-pair[1], pair[0]))[:limit]


@given(operations, st.integers(0, len(POOL) - 1), st.integers(1, 10), st.floats(-1, 1))
def test_any_sequence_leaves_what_a_dict_would_hold(
    steps: list[tuple[str, str, int]], query: int, limit: int, floor: float
) -> None:
    index, entries = ScopeIndex(), dict[str, Vector]()
    for step, digest, row in steps:
        if step == "add":
            index.add(digest, POOL[row])
            entries[digest] = POOL[row]
        else:
            assert index.remove(digest) == (entries.pop(digest, None) is not None)
        assert index.nearest(POOL[query], limit=4, floor=0.999) == naive(entries, POOL[query], 4, 0.999)
        if row % 2:
            assert index.nearest(POOL[query], limit=1, floor=floor) == naive(entries, POOL[query], 1, floor)

    assert len(index) == len(entries)
    assert [digest in index for digest in DIGESTS] == [digest in entries for digest in DIGESTS]
    assert index.nearest(POOL[query], limit=limit, floor=floor) == naive(entries, POOL[query], limit, floor)


def test_an_empty_index_finds_nothing() -> None:
    assert ScopeIndex().nearest(axis(0), limit=1, floor=-1) == []


def test_a_similarity_equal_to_the_floor_is_found_and_the_next_number_is_not() -> None:
    index = ScopeIndex()
    index.add("a", POOL[0])
    ((_, similarity),) = index.nearest(POOL[1], limit=1, floor=-1)

    assert index.nearest(POOL[1], limit=1, floor=similarity) == [("a", similarity)]
    assert index.nearest(POOL[1], limit=1, floor=float(np.nextafter(np.float32(similarity), np.float32(1)))) == []


def test_after_a_search_that_finds_nothing_the_nearest_is_known_until_a_change() -> None:
    index = filled(POOL[:6])
    vector, other = near(POOL[:1], 0.9, np.random.default_rng(2))[0], POOL[1]

    def searches(vector: Vector) -> list[list[str]]:
        return [[digest for digest, _ in index.nearest(vector, limit=1, floor=floor)] for floor in (0.95, 0.8)]

    assert searches(vector) == [[], ["000000"]]
    assert index.nearest(vector, limit=1, floor=0.95) == []
    assert [digest for digest, _ in index.nearest(other, limit=1, floor=0.8)] == ["000001"]
    assert searches(vector) == [[], ["000000"]]
    assert index.nearest(vector, limit=1, floor=0.95) == []
    index.add("new", vector)
    assert [digest for digest, _ in index.nearest(vector, limit=1, floor=0.8)] == ["new"]


def test_equally_near_entries_come_by_digest() -> None:
    index = ScopeIndex()
    for digest in ("c", "a", "b"):
        index.add(digest, axis(3))

    assert index.nearest(axis(3), limit=2, floor=0.5) == [("a", 1.0), ("b", 1.0)]


def test_more_equally_near_entries_than_could_be_compared_still_fill_the_limit() -> None:
    index = filled(np.repeat(axis(3)[np.newaxis], 1000, axis=0))

    assert [similarity for _, similarity in index.nearest(axis(3), limit=3, floor=0.5)] == [1.0, 1.0, 1.0]


def test_of_a_digest_added_twice_at_once_the_last_vector_stays() -> None:
    index = ScopeIndex()
    index.add_many(["a", "b", "a"], np.stack([axis(0), axis(1), axis(2)]))

    assert len(index) == 2
    assert index.nearest(axis(2), limit=3, floor=0.5) == [("a", 1.0)]
    assert index.nearest(axis(0), limit=3, floor=0.5) == []


@pytest.mark.parametrize("shape", [(1, 383), (2, DIMENSION), (DIMENSION,)])
def test_vectors_of_another_shape_are_refused_and_nothing_changes(shape: tuple[int, ...]) -> None:
    index = ScopeIndex()

    with pytest.raises(ValueError, match="shape"):
        index.add_many(["a"], np.zeros(shape, np.float32))

    assert (len(index), "a" in index) == (0, False)


def test_the_bytes_are_those_of_a_small_table_or_of_the_filled_rows() -> None:
    index, row = ScopeIndex(), DIMENSION * 4 + DIMENSION // 8
    sizes = []
    for number in range(FEW_ROWS + 2):
        index.add(f"{number:06}", axis(number))
        sizes.append(index.nbytes // row)

    assert (sizes[:5], sizes[-3:]) == ([2, 2, 4, 4, 8], [FEW_ROWS, FEW_ROWS + 1, FEW_ROWS + 2])


def test_rows_that_were_removed_give_their_bytes_back() -> None:
    index = ScopeIndex()
    vectors = unit(np.random.default_rng(1).standard_normal((1_000, DIMENSION)))
    index.add_many([f"{number:06}" for number in range(1_000)], vectors)
    for number in range(1_000):
        index.remove(f"{number:06}")
        used = len(index) * (DIMENSION * 4 + DIMENSION // 8)
        assert used <= index.nbytes <= used * 8 / 7 + FEW_ROWS * (DIMENSION * 4 + DIMENSION // 8)
        if len(index):
            assert index.nearest(vectors[-1], limit=1, floor=0.9)[0][0] == "000999"
    assert index.nbytes == 0


def spread(rng: np.random.Generator) -> Matrix:
    return unit(rng.standard_normal((LARGE, DIMENSION)))


def clustered(rng: np.random.Generator) -> Matrix:
    centres = unit(rng.standard_normal((20, DIMENSION)))
    return near(centres[rng.integers(len(centres), size=LARGE)], 0.85, rng)


def crowded(rng: np.random.Generator) -> Matrix:
    """One template, filled in over and over: every entry is near every other."""
    return near(np.repeat(unit(rng.standard_normal((1, DIMENSION))), LARGE, axis=0), 0.97, rng)


@pytest.mark.parametrize("make", [spread, clustered, crowded])
@pytest.mark.parametrize("cosine", [0.75, 0.9, 0.99])
def test_a_large_scope_gives_the_entry_a_whole_scan_gives(
    make: Callable[[np.random.Generator], Matrix], cosine: float
) -> None:
    rng = np.random.default_rng(7)
    stored = make(rng)
    index = filled(stored)
    queries = near(stored[rng.integers(LARGE, size=40)], cosine, rng)

    found = [index.nearest(query, limit=1, floor=0.5) for query in queries]

    best = [int(row) for row in np.argmax(stored @ queries.T, axis=0)]
    assert found == [
        [(f"{row:06}", float((stored[row] * query).sum()))] for row, query in zip(best, queries, strict=True)
    ]


def test_a_large_scope_without_anything_near_finds_nothing() -> None:
    rng = np.random.default_rng(3)
    index = filled(clustered(rng))

    assert index.nearest(unit(rng.standard_normal(DIMENSION)), limit=5, floor=0.7) == []


def test_a_limit_beyond_the_probe_is_filled_from_all() -> None:
    rng = np.random.default_rng(5)
    stored = clustered(rng)

    found = filled(stored).nearest(stored[0], limit=300, floor=0.5)

    similarities = np.sort(stored @ stored[0])[::-1][:300]
    assert np.allclose([similarity for _, similarity in found], similarities, atol=1e-6)


@given(st.floats(0, 1), st.floats(0, 1))
def test_nearer_vectors_may_differ_in_fewer_signs(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert reach(1.0) == 0 <= reach(high) <= reach(low)


@pytest.mark.parametrize("cosine", [0.3, 0.6, 0.8, 0.9, 0.95, 0.99])
def test_signs_stay_within_reach(cosine: float) -> None:
    rng = np.random.default_rng(11)
    vectors = unit(rng.standard_normal((2000, DIMENSION)))
    turned = near(vectors, cosine, rng)

    differing = np.count_nonzero((vectors > 0) != (turned > 0), axis=1)

    assert differing.max() <= reach(cosine)


def test_searches_in_other_threads_never_name_an_entry_with_anothers_similarity() -> None:
    stored = spread(np.random.default_rng(9))
    truth = {f"{row:06}": vector for row, vector in enumerate(stored)}
    index, wrong, done = ScopeIndex(), list[tuple[str, float]](), threading.Event()

    def search(query: Vector) -> None:
        while not done.is_set():
            found = index.nearest(query, limit=5, floor=-1)
            wrong.extend(pair for pair in found if float((truth[pair[0]] * query).sum()) != pair[1])

    searchers = [threading.Thread(target=search, args=(stored[row],)) for row in range(3)]
    for searcher in searchers:
        searcher.start()
    for row, digest in enumerate(truth):
        index.add(digest, stored[row])
        if row % 3 == 2:
            index.remove(f"{row // 2:06}")
    done.set()
    for searcher in searchers:
        searcher.join()

    assert wrong == []


def test_every_change_gives_an_index_another_revision() -> None:
    index, vector = ScopeIndex(), np.ones(384, np.float32)
    seen = [index.revision]
    for change in (lambda: index.add("a", vector), lambda: index.add("a", vector), lambda: index.remove("a")):
        change()
        seen.append(index.revision)
    index.remove("a")
    seen_again = [index.revision, ScopeIndex().revision]
    assert (len({*seen, seen_again[1]}), seen_again[0]) == (5, seen[-1])


def test_an_entry_as_near_as_the_match_is_known_as_added_since() -> None:
    index = ScopeIndex()
    near, far = np.zeros(384, np.float32), np.zeros(384, np.float32)
    near[0] = far[1] = 1.0
    index.add("match", near)
    before = index.revision
    index.add("far", far)
    index.add("gone", near)
    index.remove("gone")
    assert not index.has_nearer_since(before, near, 1.0)

    index.add("equal", near)
    assert index.has_nearer_since(before, near, 1.0)
    assert not index.has_nearer_since(index.revision, near, 1.0)


def test_additions_past_the_latest_count_as_near() -> None:
    index, far = ScopeIndex(), np.eye(384, dtype=np.float32)
    before = index.revision
    index.add_many([f"{number}" for number in range(LATEST)], far[:LATEST])
    assert not index.has_nearer_since(before, far[-1], 0.5)

    index.add("one more", far[LATEST])
    assert index.has_nearer_since(before, far[-1], 0.5)
    assert ScopeIndex().has_nearer_since(before, far[-1], 0.5)
    index.add_many([f"more {number}" for number in range(LATEST + 1)], far[: LATEST + 1])
    assert len(index._latest) == LATEST
