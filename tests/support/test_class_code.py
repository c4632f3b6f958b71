from __future__ import annotations

import dataclasses
import importlib
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sentinel_core.support import class_code


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    yield
    vars(dataclasses).pop("exec", None)
    vars(dataclasses)["inspect"] = inspect


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file with the code of a module of one class."""
    lines = ("from dataclasses import dataclass", "@dataclass(frozen=True, slots=True)", "class Point:", "    x: int")
    (tmp_path / "module_of_a_class.py").write_text("\n".join([*lines, "    y: int = 2"]))
    monkeypatch.syspath_prepend(tmp_path)
    noted = class_code.Noted()
    importlib.import_module("module_of_a_class")
    noted.write(tmp_path / "class_code.bin")
    del sys.modules["module_of_a_class"]
    return tmp_path / "class_code.bin"


def _compiled() -> int:
    """Return how many texts were compiled for want of kept code."""
    return int(vars(dataclasses)["exec"].compiled)


def test_a_class_is_made_of_kept_code(file: Path) -> None:
    class_code.use(file)

    from module_of_a_class import Point  # type: ignore[import-not-found]

    assert _compiled() == 0
    assert (Point(1), Point(1) == Point(1, 2), hash(Point(1)) == hash(Point(1, 2))) == (Point(x=1, y=2), True, True)
    assert repr(Point(1)) == "Point(x=1, y=2)"
    with pytest.raises(dataclasses.FrozenInstanceError):
        Point(1).x = 2


def test_another_class_is_compiled_as_ever(file: Path) -> None:
    class_code.use(file)

    @dataclass
    class Other:
        z: int

    assert _compiled() > 0
    assert Other(3) == Other(z=3)


def test_no_docstring_is_made_of_parameters(file: Path) -> None:
    class_code.use(file)

    @dataclass
    class Plain:
        z: int

    @dataclass
    class Described:
        """Hold z."""

        z: int

    assert (Plain.__doc__, Described.__doc__) == ("Plain", "Hold z.")
    assert list(inspect.signature(Plain).parameters) == ["z"]


@pytest.mark.parametrize("content", [None, b"", b"\0\0\0\0 of another Python"])
def test_nothing_changes_without_a_file_of_this_python(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "class_code.bin").write_bytes(content)
    class_code.use(tmp_path / "class_code.bin")

    assert "exec" not in vars(dataclasses)


def test_the_package_alone_has_kept_code() -> None:
    assert not class_code.FILE.exists()
