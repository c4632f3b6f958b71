"""Shelves that take changes in give the answers of shelves that are read as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel_core.cache import curated
from sentinel_core.cache.curated import Reading, Record
from sentinel_core.errors import NotAllowedError
from sentinel_core.gateway import curated_book, curated_shelf
from sentinel_core.gateway.curated_book import CuratedBook
from sentinel_core.gateway.curated_shelf import Shelf, updated
from sentinel_core.matching import vectors
from sentinel_core.stores.memory_curated import LOGGED, MemoryCurated
from tests.support.fakes import FakeClock, WordEmbedder

pytestmark = pytest.mark.anyio

VECTORS = {name: vectors.encode(np.eye(vectors.DIMENSION, dtype=np.float32)[at]) for at, name in enumerate("abcd")}


class CountingStore(MemoryCurated):
    """Counts the records that are read."""

    def __init__(self) -> None:
        super().__init__()
        self.read_records = 0

    async def read(self, namespace: str, since: str = "") -> Reading:
        reading = await super().read(namespace, since)
        self.read_records += len(reading.records)
        return reading


def content(shelf: Shelf) -> tuple[object, ...]:
    names = [name for record in shelf.records for name in (f"{record}#{n}" for n in range(5)) if name in shelf.index]
    found = {name: vector.tolist() for name in names if (vector := shelf.index.vector(name)) is not None}
    return shelf.records, shelf.exact, +shelf.wordings, found, len(shelf.index)


def record(name: str, questions: list[str], answer: str, model: str | None) -> Record:
    encoded = tuple(VECTORS[each] for each in questions)
    return Record(name, tuple(questions), answer, model=model, vectors=encoded, embedder="e")


CHANGES = st.dictionaries(
    st.sampled_from("xyz"),
    st.none()
    | st.builds(
        lambda questions, answer, model: (questions, answer, model),
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=4),
        st.sampled_from("AB"),
        st.sampled_from([None, "m"]),
    ),
    min_size=1,
)


@given(st.lists(CHANGES, min_size=1, max_size=6), st.booleans())
async def test_changes_lead_to_what_a_whole_reading_gives(
    steps: list[dict[str, tuple[list[str], str, str | None] | None]], in_thread: bool
) -> None:
    store, shelf = MemoryCurated(), None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curated_shelf, "FEW_CHARACTERS", 0 if in_thread else 10**9)
        for step in steps:
            texts: Mapping[str, str | None] = {
                name: None if made is None else curated.encode(record(name, *made)) for name, made in step.items()
            }
            await store.write("ns", texts)
            reading = await store.read("ns", "" if shelf is None else shelf.place)
            shelf = await updated(shelf, reading, 0.0, "e")
    assert shelf is not None
    whole = await updated(None, await store.read("ns"), 0.0, "e")

    assert content(shelf) == content(whole)
    assert (shelf.at, shelf.place) == (whole.at, whole.place)


async def test_a_write_reads_the_changed_records_only() -> None:
    store = CountingStore()
    book = CuratedBook(store, WordEmbedder(), FakeClock())
    for number in range(30):
        await book.put("ns", [Record(f"r{number}", (f"question {number}",), "x")])
    await book.delete("ns", "r3")

    assert store.read_records == 31
    assert len(await book.current("ns")) == 29


async def test_a_reader_that_is_far_behind_reads_all_records() -> None:
    store = MemoryCurated()
    await store.write("ns", {"a": "1"})
    place = (await store.read("ns")).place
    for number in range(LOGGED + 1):
        await store.write("ns", {"b": str(number)})

    late = await store.read("ns", place)
    assert (late.is_whole, dict(late.records)) == (True, {"a": "1", "b": str(LOGGED)})
    assert await store.read("ns", late.place) == Reading(late.version, {}, late.place, is_whole=False)


async def test_writers_of_one_namespace_do_not_delay_those_of_another() -> None:
    held = asyncio.Event()
    embedder = WordEmbedder(gate=held)
    book = CuratedBook(MemoryCurated(), embedder, FakeClock())
    slow = asyncio.create_task(book.put("slow", [Record("r", ("a question",), "x")]))
    for _ in range(10):
        await asyncio.sleep(0)
    embedder.gate = None
    written = await asyncio.wait_for(book.put("other", [Record("r", ("a question",), "x")]), 30)
    is_held = len(embedder.texts) == 2 and not slow.done()
    held.set()

    assert is_held
    assert list(written) == ["r"]
    assert list(await slow) == ["r"]


async def test_a_namespace_holds_curated_answers_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curated_book, "MOST_CHARACTERS", 10_000)
    book = CuratedBook(MemoryCurated(), WordEmbedder(), FakeClock())
    large = Record("a", ("a question",), "x" * 7_000)
    await book.put("ns", [large])
    with pytest.raises(NotAllowedError):
        await book.put("ns", [Record("b", ("another",), "x" * 3_000)])
    other = await book.put("other", [Record("b", ("another",), "x" * 3_000)])
    await book.delete("ns", "a")
    await book.put("ns", [Record("b", ("another",), "x" * 3_000)])

    assert list(await book.current("ns")) == ["b"]
    assert list(other) == ["b"]
