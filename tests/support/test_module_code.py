from __future__ import annotations

import importlib
import importlib.resources
import inspect
import py_compile
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from sentinel_core.support import module_code

SOURCES = {
    "kept_house/__init__.py": "WALLS = 4",
    "kept_house/room.py": "from kept_house import WALLS\n\n\ndef fall():\n    raise ValueError(WALLS)",
    "kept_house/later.py": "TEXT = 'not kept'",
    "kept_house/early.py": "TEXT = 'runs before'",
}


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    finders = list(sys.meta_path)
    yield
    sys.meta_path[:] = finders
    _forget()


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a tree of four modules, the code of two of which was moved to `code.bin`."""
    for name, source in SOURCES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
        py_compile.compile(str(tmp_path / name), doraise=True)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("kept_house.early", "kept_house.room"):
        importlib.import_module(name)
    module_code.move(tmp_path / "code.bin", tmp_path, but_for=["kept_house.early"])
    _forget()
    return tmp_path


def _forget() -> None:
    for name in [name for name in sys.modules if name.startswith("kept_house")]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _with_byte_code(tree: Path) -> set[str]:
    return {path.name.split(".")[0] for path in tree.rglob("*.pyc")}


def test_code_is_moved_but_for_what_runs_before(tree: Path) -> None:
    assert module_code.files(tree / "code.bin", tree) == {tree / "kept_house/__init__.py", tree / "kept_house/room.py"}
    assert _with_byte_code(tree) == {"early", "later"}


def test_kept_modules_run_and_no_byte_code_is_written_beside_them(tree: Path) -> None:
    assert module_code.use(tree / "code.bin", tree)

    room, later = importlib.import_module("kept_house.room"), importlib.import_module("kept_house.later")

    assert (room.WALLS, later.TEXT) == (4, "not kept")
    assert room.__file__ == str(tree / "kept_house/room.py")
    assert sys.modules["kept_house"].__path__ == [str(tree / "kept_house")]
    assert _with_byte_code(tree) == {"early", "later"}


def test_kept_code_is_taken_in_place_of_the_source(tree: Path) -> None:
    (tree / "kept_house/__init__.py").write_text("WALLS = 5")
    module_code.use(tree / "code.bin", tree)

    assert importlib.import_module("kept_house").WALLS == 4


def test_sources_files_and_lines_of_kept_modules_are_found(tree: Path) -> None:
    module_code.use(tree / "code.bin", tree)
    room = importlib.import_module("kept_house.room")

    with pytest.raises(ValueError, match="4") as raised:
        room.fall()

    assert traceback.extract_tb(raised.tb)[-1].line == "raise ValueError(WALLS)"
    assert inspect.getsource(room.fall) == "def fall():\n    raise ValueError(WALLS)\n"
    assert importlib.resources.files("kept_house").joinpath("later.py").read_text() == SOURCES["kept_house/later.py"]


def test_a_second_use_changes_nothing(tree: Path) -> None:
    assert module_code.use(tree / "code.bin", tree)
    finders = list(sys.meta_path)

    assert not module_code.use(tree / "code.bin", tree)
    assert sys.meta_path == finders


@pytest.mark.parametrize("content", [None, b""])
def test_nothing_changes_without_a_file(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "code.bin").write_bytes(content)
    finders = list(sys.meta_path)

    assert not module_code.use(tmp_path / "code.bin", tmp_path)
    assert (sys.meta_path, module_code.files(tmp_path / "code.bin")) == (finders, set())


def test_the_file_of_another_python_names_its_modules_alone(tree: Path) -> None:
    content = (tree / "code.bin").read_bytes()
    (tree / "code.bin").write_bytes(bytes(4) + content[4:])
    finders = list(sys.meta_path)

    assert not module_code.use(tree / "code.bin", tree)
    assert (sys.meta_path, len(module_code.files(tree / "code.bin", tree))) == (finders, 2)


def test_the_package_alone_has_kept_modules() -> None:
    assert not module_code.FILE.exists()
