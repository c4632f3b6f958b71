"""The int8 graph: made from the packaged weights, near their vectors, the same in a batch and on any processor."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.devtools import graphs
from scripts.devtools.texts import varied
from sentinel_core.errors import EmbeddingError
from sentinel_core.matching.embedders import model_files
from sentinel_core.matching.embedders.fastembed_runtime import FastEmbedEmbedder
from sentinel_core.matching.embedders.onnx_runtime import OnnxEmbedder, OnnxModel, has_vnni, load_tokenizer, session

pytest.importorskip("onnx", reason="onnx is needed at install and build time only")
ROOT = Path(__file__).parents[3]
Matrix = NDArray[np.float32]


@pytest.fixture(scope="module")
def int8(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graph") / model_files.INT8.file
    command = [sys.executable, "-m", "scripts.int8_graph", str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    return path


@pytest.fixture(scope="module")
def model(int8: Path) -> OnnxModel:
    return OnnxModel(load_tokenizer(), session(int8))


def alone(model: OnnxModel, texts: Sequence[str]) -> Matrix:
    return np.stack([model.embed([text])[0] for text in texts])


def test_the_vectors_are_near_those_of_the_packaged_graph(model: OnnxModel) -> None:
    texts = varied()[::2]
    packaged = OnnxModel(load_tokenizer(), session(model_files.published_weights()))

    cosines = np.sum(alone(model, texts) * alone(packaged, texts), axis=1)

    assert cosines.min() >= 0.997
    assert cosines.mean() >= 0.9995


def test_a_text_has_the_same_vector_alone_and_in_a_batch(model: OnnxModel) -> None:
    texts = varied()[::7]

    assert np.abs(np.stack(model.embed(texts)) - alone(model, texts)).max() < 1e-6


def test_processors_without_vnni_compute_the_same_vectors(model: OnnxModel, int8: Path) -> None:
    texts = varied()[::5]
    exact = OnnxModel(load_tokenizer(), session(int8, exact_everywhere=True))

    assert np.array_equal(alone(exact, texts), alone(model, texts))


@pytest.mark.anyio
async def test_both_runtimes_share_the_vectors_and_their_name(int8: Path) -> None:
    bare, fast = OnnxEmbedder(int8), FastEmbedEmbedder(int8)
    one, other = await bare.embed("What is machine learning?"), await fast.embed("What is machine learning?")
    await bare.aclose()
    await fast.aclose()

    assert bare.id == fast.id == model_files.INT8.id != model_files.PUBLISHED.id
    assert float(one @ other) > 0.999999


def test_a_file_passes_for_no_other_graph(int8: Path, tmp_path: Path) -> None:
    published = tmp_path / model_files.PUBLISHED.file
    published.write_bytes(int8.read_bytes())
    other = tmp_path / model_files.INT8.file
    other.write_bytes(model_files.published_weights().read_bytes())

    model_files.check(int8)
    for path in (published, other):
        with pytest.raises(EmbeddingError, match="not the model"):
            model_files.check(path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("processor : 0\nflags\t\t: fpu sse2 avx512_vnni\n", True),
        ("flags : avx2 avx_vnni", True),
        ("flags : avx2 avx512f", False),
        ("Features : asimd", False),
        ("", False),
    ],
)
def test_vnni_is_read_from_the_flags_of_the_processor(tmp_path: Path, content: str, found: bool) -> None:
    processor = tmp_path / "cpuinfo"
    processor.write_text(content)

    assert has_vnni(processor) is found
    assert has_vnni(tmp_path / "absent") is False


@pytest.mark.parametrize(
    ("architecture", "file", "digest"),
    [
        ("x86_64", model_files.INT8.file, model_files.INT8.sha256),
        ("arm64", model_files.PUBLISHED.file, model_files.OPTIMISED_SHA256),
    ],
)
def test_each_architecture_gets_its_graph_and_a_noted_hash(
    tmp_path: Path, architecture: str, file: str, digest: str
) -> None:
    graphs.put(tmp_path, architecture)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file, Path(file).with_suffix(".sha256").name])
    assert (tmp_path / file).with_suffix(".sha256").read_text() == digest
    model_files.check(tmp_path / file)
