from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from scripts.devtools.texts import varied
from sentinel_core.cache.ports import Embedder, Vector
from sentinel_core.errors import EmbeddingError, PromptTooLongError
from sentinel_core.matching.embedders.fastembed_runtime import FastEmbedEmbedder
from sentinel_core.matching.embedders.model_files import (
    CHARACTER_LIMIT,
    NOTED,
    OPTIMISED_SHA256,
    PUBLISHED,
    check,
    published_weights,
)
from sentinel_core.matching.embedders.onnx_runtime import OnnxEmbedder, load_tokenizer
from sentinel_core.matching.embedders.worker import BATCH_TOKENS, COUNTED, RETRY_SECONDS, BackgroundEmbedder, batches
from sentinel_core.support.turns import OWNER
from tests.support.fakes import FakeClock

pytestmark = pytest.mark.anyio

Matrix = NDArray[np.float32]
ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "tests" / "data" / "reference_vectors.npz"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def onnx() -> AsyncIterator[OnnxEmbedder]:
    embedder = OnnxEmbedder(published_weights())
    yield embedder
    await embedder.aclose()


@pytest.fixture(scope="module")
async def fast() -> AsyncIterator[FastEmbedEmbedder]:
    embedder = FastEmbedEmbedder(published_weights())
    yield embedder
    await embedder.aclose()


@pytest.fixture(scope="module")
async def found(onnx: OnnxEmbedder) -> Matrix:
    """The vectors of all varied texts, shape (200, 384)."""
    return await vectors(onnx, varied())


@pytest.fixture(params=["onnx", "fast"])
def either(request: pytest.FixtureRequest) -> BackgroundEmbedder:
    embedder: BackgroundEmbedder = request.getfixturevalue(request.param)
    return embedder


async def vectors(embedder: BackgroundEmbedder, texts: Sequence[str]) -> Matrix:
    return np.stack([vector for vector in await embedder.embed_many(texts) if not isinstance(vector, EmbeddingError)])


async def test_a_vector_has_384_floats_and_unit_length(either: BackgroundEmbedder) -> None:
    port: Embedder = either
    vector = await port.embed("What is machine learning?")

    assert (vector.shape, str(vector.dtype)) == ((384,), "float32")
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-6
    assert (either.state, either.id) == ("ready", "minilm-l6-int8-8199be6f-256")


async def test_both_runtimes_give_the_same_vectors(found: Matrix, fast: FastEmbedEmbedder) -> None:
    texts = varied()
    other = await vectors(fast, texts)

    assert len(texts) == len(set(texts)) == len(found) == len(other) == 200
    assert np.sum(found * other, axis=1).min() > 0.999999


def says_something(tokenizer: Tokenizer, text: str) -> bool:
    """Whether the model's vocabulary has any part of a word of it: it has none of Thai, of emoji, or of long runs."""
    tokens = tokenizer.encode(text, add_special_tokens=False).tokens
    return any(token.removeprefix("##").isalnum() for token in tokens)


async def test_the_official_weights_give_nearly_the_same_vectors(found: Matrix) -> None:
    texts = varied()
    reference = np.load(REFERENCE)
    assert reference["texts"].tolist() == texts
    official = reference["vectors"].astype(np.float32)

    cosines = np.sum(found * official, axis=1)
    tokenizer = load_tokenizer()
    spoken = np.array([says_something(tokenizer, text) for text in texts])

    assert spoken.sum() == 190
    assert cosines[spoken].min() >= 0.999
    # int8 weights hold texts without a word less exactly: blank ones, "?", and those that are one unknown token.
    assert cosines[~spoken].min() >= 0.996
    assert np.abs(found @ found.T - official @ official.T).max() <= 0.02


async def test_a_text_is_embedded_alike_alone_and_among_others(either: BackgroundEmbedder) -> None:
    texts = varied()[::17]
    alone = np.stack([await either.embed(text) for text in texts])

    assert np.abs(await vectors(either, texts) - alone).max() < 1e-6


async def test_the_token_limit_is_reached_but_not_passed(either: BackgroundEmbedder) -> None:
    fits, longer = "a " * 254, "a " * 255

    await either.embed(fits)
    with pytest.raises(PromptTooLongError, match="257 tokens"):
        await either.embed(longer)


async def test_a_text_of_too_many_characters_is_not_even_read(either: BackgroundEmbedder) -> None:
    await either.embed(" " * CHARACTER_LIMIT)
    with pytest.raises(PromptTooLongError, match="characters"):
        await either.embed(" " * (CHARACTER_LIMIT + 1))


async def test_a_text_that_is_not_unicode_fails_without_being_quoted(either: BackgroundEmbedder) -> None:
    with pytest.raises(EmbeddingError) as caught:
        await either.embed("secret \ud800")

    assert "secret" not in str(caught.value)


async def test_in_a_batch_each_text_gets_its_own_vector_or_its_own_error(onnx: OnnxEmbedder) -> None:
    texts = ["one", "a " * 300, "bad \ud800", "two", "one"]
    results = await onnx.embed_many(texts)

    kinds = [type(result) for result in results]
    assert kinds == [np.ndarray, PromptTooLongError, EmbeddingError, np.ndarray, np.ndarray]
    found = np.stack([result for result in results if not isinstance(result, EmbeddingError)])
    alone = [await onnx.embed(text) for text in ("one", "two", "one")]
    assert np.abs(found - alone).max() < 1e-6
    assert await onnx.embed_many([]) == []


async def test_the_event_loop_runs_on_while_a_text_is_embedded(onnx: OnnxEmbedder) -> None:
    await onnx.load()
    turns = 0
    embedding = asyncio.ensure_future(onnx.embed("word " * 200))
    while not embedding.done():
        turns += 1
        await asyncio.sleep(0)

    assert turns > 10


async def test_optimised_weights_give_the_same_vectors_to_the_bit(onnx: OnnxEmbedder, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is needed at build time only")
    weights = tmp_path / "optimised.onnx"
    command = [sys.executable, "-m", "scripts.optimise_model", str(weights)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: ASYNC221 - nothing else runs
    assert (run.returncode, run.stderr) == (0, "")
    optimised = OnnxEmbedder(weights)

    texts = varied()[:120:5]
    assert np.array_equal(await vectors(optimised, texts), await vectors(onnx, texts))
    await optimised.aclose()


async def test_other_weights_are_refused(tmp_path: Path) -> None:
    weights = tmp_path / "model.onnx"
    weights.write_bytes(published_weights().read_bytes()[:-1] + b"!")
    embedder = OnnxEmbedder(weights)

    with pytest.raises(EmbeddingError, match="not the model"):
        await embedder.load()

    assert embedder.state == "failed"
    await embedder.aclose()


@pytest.mark.parametrize(("noted", "error"), [(OPTIMISED_SHA256, None), ("0" * 64, "not the model")])
def test_a_hash_that_the_package_s_build_has_noted_is_taken_for_granted(
    tmp_path: Path, noted: str, error: str | None
) -> None:
    weights = tmp_path / "model.onnx"
    weights.write_bytes(b"not read")
    weights.with_suffix(NOTED).write_text(noted)

    with nullcontext() if error is None else pytest.raises(EmbeddingError, match=error):
        check(weights)


async def test_missing_weights_are_named() -> None:
    embedder = FastEmbedEmbedder(Path("absent.onnx"))

    with pytest.raises(EmbeddingError, match=r"absent\.onnx: No such file"):
        await embedder.embed("x")
    await embedder.aclose()


class LengthModel:
    """Embeds a text along the axis of its length."""

    def count_tokens(self, text: str) -> int:
        return len(text)

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        if "break" in texts:
            raise ZeroDivisionError("break")
        return [np.eye(384, dtype=np.float32)[len(text)] for text in texts]


class Loader:
    """Loads a `LengthModel` after failing as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self) -> LengthModel:
        self.calls += 1
        if self.calls <= self.failures:
            raise OSError("disk")
        return LengthModel()


async def test_nothing_is_loaded_before_the_first_text() -> None:
    loader = Loader()
    embedder = BackgroundEmbedder(loader)

    assert (embedder.state, loader.calls, embedder.id) == ("loading", 0, PUBLISHED.id)
    assert (await embedder.embed("abc")).argmax() == 3
    assert (embedder.state, loader.calls) == ("ready", 1)
    await embedder.aclose()


async def test_many_first_texts_at_once_load_once() -> None:
    loader = Loader()
    embedder = BackgroundEmbedder(loader, workers=4)

    found = await asyncio.gather(*(embedder.embed("x" * length) for length in range(20)))

    assert [int(vector.argmax()) for vector in found] == list(range(20))
    assert loader.calls == 1
    await embedder.aclose()


async def test_a_failed_load_is_remembered_and_tried_again_after_a_while() -> None:
    loader, clock = Loader(failures=1), FakeClock()
    embedder = BackgroundEmbedder(loader, clock=clock)

    with pytest.raises(EmbeddingError, match="OSError"):
        await embedder.embed("x")
    clock.advance(RETRY_SECONDS - 0.001)
    with pytest.raises(EmbeddingError, match="OSError"):
        await embedder.embed("x")
    assert [type(result) for result in await embedder.embed_many(["x", "y"])] == [EmbeddingError] * 2
    assert (embedder.state, loader.calls) == ("failed", 1)

    clock.advance(0.001)
    await embedder.embed("x")
    assert (embedder.state, loader.calls) == ("ready", 2)
    await embedder.aclose()


async def test_a_model_that_breaks_is_an_embedding_error_for_its_batch_only() -> None:
    embedder = BackgroundEmbedder(Loader())

    with pytest.raises(EmbeddingError, match="ZeroDivisionError"):
        await embedder.embed("break")
    results = await embedder.embed_many(["break", "x" * (BATCH_TOKENS - 56)])

    assert [type(result) for result in results] == [EmbeddingError, np.ndarray]
    await embedder.aclose()


class HeldModel(LengthModel):
    """Keeps its first batch until it is let go, and notes what came in which batch."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.busy = threading.Event()
        self.let_go = threading.Event()

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.batches.append(list(texts))
        self.busy.set()
        assert self.let_go.wait(10)
        return super().embed(texts)


async def test_texts_that_come_meanwhile_are_embedded_together_and_fail_alone() -> None:
    model = HeldModel()
    embedder = BackgroundEmbedder(lambda: model)

    first = asyncio.create_task(embedder.embed("first"))
    await asyncio.to_thread(model.busy.wait, 10)
    leaving = asyncio.create_task(embedder.embed("leaves"))
    others = [asyncio.create_task(embedder.embed(text)) for text in ("a", "break", "abc")]
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    model.let_go.set()
    found = await asyncio.gather(first, *others, return_exceptions=True)

    assert [int(one.argmax()) if isinstance(one, np.ndarray) else type(one) for one in found] == [
        5,
        1,
        EmbeddingError,
        3,
    ]
    assert model.batches == [["first"], ["a", "abc", "break"], ["a"], ["abc"], ["break"]]
    await embedder.aclose()


T = TypeVar("T")


async def owned(owner: str, embedding: Coroutine[Any, Any, T]) -> T:
    OWNER.set(owner)
    return await embedding


@pytest.mark.parametrize("many", [False, True], ids=["one by one", "in lists"])
async def test_one_keys_texts_do_not_delay_anothers_text(many: bool) -> None:
    model = HeldModel()
    embedder = BackgroundEmbedder(lambda: model)
    texts = [f"{number:0200}" for number in range(BATCH_TOKENS - 236)]
    attacking: list[asyncio.Task[Any]] = [
        asyncio.create_task(owned("a", embedder.embed_many([text]) if many else embedder.embed(text))) for text in texts
    ]
    await asyncio.to_thread(model.busy.wait, 10)
    text = "b" * (BATCH_TOKENS - 1)
    victim = asyncio.create_task(owned("b", embedder.embed(text)))
    await asyncio.sleep(0.05)
    model.let_go.set()
    await victim
    position = next(at for at, batch in enumerate(model.batches) if text in batch)
    await asyncio.gather(*attacking)

    assert position <= 8 < len(model.batches)  # the running job has taken five texts
    await embedder.aclose()


class LongHeldModel(LengthModel):
    """Keeps texts of more than ten characters until they are let go, and notes how many it embeds at once."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.running = self.most = 0

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.running += 1
        self.most = max(self.most, self.running)
        if len(texts[0]) > 10:
            assert self.let_go.wait(10)
        self.running -= 1
        return super().embed(texts)


async def test_a_keys_text_does_not_wait_for_a_running_text_of_another() -> None:
    model = LongHeldModel()
    embedder = BackgroundEmbedder(lambda: model)
    long = [asyncio.create_task(owned("a", embedder.embed("x" * 200))) for _ in range(3)]
    await asyncio.sleep(0)
    found = [await owned("b", embedder.embed(text)) for text in ("b", "bb")]

    assert [int(vector.argmax()) for vector in found] == [1, 2]
    assert not any(task.done() for task in long)
    model.let_go.set()
    await asyncio.gather(*long)
    await embedder.aclose()


async def test_a_key_alone_is_served_by_one_thread() -> None:
    model = LongHeldModel()
    embedder = BackgroundEmbedder(lambda: model)
    model.let_go.set()
    await asyncio.gather(*(embedder.embed_many(["x" * 200] * 4) for _ in range(4)))

    assert model.most == 1
    await embedder.aclose()


async def test_after_closing_a_text_is_an_embedding_error() -> None:
    embedder = BackgroundEmbedder(Loader())
    await embedder.aclose()
    await embedder.aclose()

    with pytest.raises(EmbeddingError, match="closed"):
        await embedder.embed("x")


def test_batches_hold_texts_of_like_length_within_the_budget() -> None:
    half = BATCH_TOKENS // 2
    lengths = {0: half, 1: 1, 2: half, 3: 2, 4: half + 1, 5: 2 * BATCH_TOKENS}

    assert list(batches(lengths)) == [[1, 3], [0, 2], [4], [5]]
    assert list(batches({})) == []


QUIET = """
import asyncio, pathlib, sys, threading
from sentinel_core.matching.embedders.{module} import {name}

async def main():
    embedder = {name}()
    assert not {{"onnxruntime", "tokenizers", "fastembed"}} & set(sys.modules), "imported before it was needed"
    await embedder.embed("What is machine learning?")
    names = sorted(pathlib.Path("/proc/self/task", task, "comm").read_text().strip()
                   for task in (path.name for path in pathlib.Path("/proc/self/task").iterdir()))
    sockets = [str(link.readlink()) for link in pathlib.Path("/proc/self/fd").iterdir() if link.is_symlink()]
    await embedder.aclose()
    print(len(names), sum("socket:" in link for link in sockets))

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
@pytest.mark.parametrize(
    ("module", "name"), [("onnx_runtime", "OnnxEmbedder"), ("fastembed_runtime", "FastEmbedEmbedder")]
)
def test_the_runtimes_write_nothing_and_start_no_threads_of_their_own(module: str, name: str, tmp_path: Path) -> None:
    # A continuous-integration environment silences the telemetry by itself and would hide it here.
    quiet = (
        "CI",
        "GITHUB",
        "ORT_",
        "HF_",
        "OPENBLAS",
        "TOKENIZERS",
        "PYTEST",
        "TF_BUILD",
        "BUILD_",
        "COVERAGE",
        "COV_",
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith(quiet)}
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    environment |= {"HOME": str(home), "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    environment |= {"XDG_CACHE_HOME": str(home / "cache"), "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}

    run = subprocess.run(
        [
            sys.executable,
            "-c",
            QUIET.format(name=name, module=module),
        ],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert (run.returncode, run.stderr) == (0, "")
    # The main thread and the embedder's one worker; the event loop's own pair of sockets.
    assert run.stdout.split() == ["2", "2"]
    assert list(home.rglob("*")) == list(temporary.rglob("*")) == []


class StrictModel(HeldModel):
    """Refuses long texts when it counts their tokens."""

    def count_tokens(self, text: str) -> int:
        if len(text) > BATCH_TOKENS:
            raise PromptTooLongError("too long")
        return super().count_tokens(text)


async def test_tokens_of_many_texts_are_counted_in_turn_with_another_keys_text() -> None:
    model = StrictModel()
    embedder = BackgroundEmbedder(lambda: model)
    long = "x" * (BATCH_TOKENS + 1)
    attacking = asyncio.create_task(owned("a", embedder.embed_many([long] * (8 * COUNTED // len(long)))))
    await asyncio.sleep(0)
    victim = asyncio.create_task(owned("b", embedder.embed("b")))
    await asyncio.to_thread(model.busy.wait, 10)
    is_counting = not attacking.done()
    model.let_go.set()
    await asyncio.gather(attacking, victim)

    assert is_counting
    await embedder.aclose()


class WrongCountModel(LengthModel):
    """Loses the last vector of each batch."""

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        return super().embed(texts)[:-1]


async def test_a_lost_vector_is_an_error_and_the_next_text_is_served() -> None:
    embedder = BackgroundEmbedder(WrongCountModel)

    for _ in range(2):
        with pytest.raises(EmbeddingError, match="ValueError"):
            await asyncio.wait_for(embedder.embed("abc"), 30)
    await embedder.aclose()
