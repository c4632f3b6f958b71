"""Keeps the byte code of modules in one file: to find and read a thousand files is a tenth of a cold start's work."""

from __future__ import annotations

import importlib.util
import marshal
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ExtensionFileLoader, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

FILE = Path(__file__).with_name("module_code.bin")
"""Only a package has it (scripts/package): 8 MB of code that its `__pycache__` directories hold no more."""
ROOT = Path(__file__).parents[2]


def use(path: Path = FILE, root: Path = ROOT) -> bool:
    """
    Have modules of the tree at `root` come from the file, and all others from where they lie.

    Return whether that is new: nothing changes at a second call, without the file, and with one of another Python.
    """
    if any(isinstance(each, _Finder) for each in sys.meta_path):
        return False
    magic, rows, starts = _read(path)
    if magic == _MAGIC:
        # Open for good, because modules are imported late, too; a file mapped into memory would count as memory.
        sys.meta_path.insert(0, _Finder(rows, _Codes(os.open(path, os.O_RDONLY | os.O_CLOEXEC), starts), str(root)))
    return magic == _MAGIC


def files(path: Path = FILE, root: Path = ROOT) -> set[Path]:
    """Return the sources whose code is in the file, also in one of another Python."""
    _, rows, _ = _read(path)
    return {root / file for file, _, _, size in rows.values() if size}


def move(path: Path = FILE, root: Path = ROOT, *, but_for: Sequence[str] = ()) -> None:
    """
    Move the byte code of all modules imported by now from the tree at `root` into the file.

    A module stays where it is if it is one of `but_for`, or has no byte code.
    """
    rows: dict[str, _Row] = {}
    codes: list[bytes] = []
    size = 0
    for name, module in sys.modules.items():
        found = None if name in but_for else _row(name, module, root, size)
        if found is None:
            continue
        rows[name], cached = found
        if cached is not None:
            codes.append(cached.read_bytes()[_HEADER:])
            size += len(codes[-1])
            cached.unlink()
    index = marshal.dumps(rows)
    path.write_bytes(b"".join([_MAGIC, len(index).to_bytes(_LENGTH, "little"), index, *codes]))


_Row = tuple[str, bool, int, int]
"""File from the root, whether it is a package's, and offset and size of its code; both are 0 for C extensions."""

_MAGIC = importlib.util.MAGIC_NUMBER
_LENGTH = 4
_HEADER = 16
"""Bytes before the code in a file of byte code (PEP 552)."""


def _read(path: Path) -> tuple[bytes, Mapping[str, _Row], int]:
    """Return which Python's code this is, the rows by name, and where the code starts; nothing without the file."""
    try:
        with path.open("rb") as file:
            magic, length = file.read(len(_MAGIC)), int.from_bytes(file.read(_LENGTH), "little")
            rows = marshal.loads(file.read(length)) if length else {}  # noqa: S302  made by `move`, shipped with us
    except OSError:
        return b"", {}, 0
    return magic, rows, len(_MAGIC) + _LENGTH + length


class _Codes:
    """The code in an open file, from `starts` on."""

    def __init__(self, file: int, starts: int) -> None:
        self._file, self._starts = file, starts

    def read(self, offset: int, size: int) -> CodeType:
        """Return the code at an offset."""
        code: CodeType = marshal.loads(os.pread(self._file, size, self._starts + offset))  # noqa: S302  made by `move`
        return code


class _Finder:
    """Finds modules by their full names (importlib.abc.MetaPathFinder); asks no directory."""

    def __init__(self, rows: Mapping[str, _Row], codes: _Codes, root: str) -> None:
        self._rows, self._codes, self._root = rows, codes, root

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the spec of a kept module, None for any other."""
        row = self._rows.get(name)
        if row is None:
            return None
        file, is_package, starts, size = row
        file = f"{self._root}/{file}"
        loader: ExtensionFileLoader | _Loader = ExtensionFileLoader(name, file)
        if size:
            loader = _Loader(name, file)
            loader.codes, loader.starts, loader.size = self._codes, starts, size
        spec = ModuleSpec(name, loader, origin=file, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [file.rpartition("/")[0]]
        return spec


class _Loader(SourceFileLoader):
    """Loads a module by its kept code; sources and other files are read as ever."""

    codes: _Codes
    starts: int
    size: int

    def get_code(self, fullname: str) -> CodeType:
        """Return the code, which names the file where the package was made to lie."""
        return self.codes.read(self.starts, self.size)


def _row(name: str, module: ModuleType, root: Path, starts: int) -> tuple[_Row, Path | None] | None:
    """Return a module's row and the file of its byte code; None for one that lies elsewhere or in no file."""
    spec = getattr(module, "__spec__", None)
    if spec is None or spec.name != name or not spec.origin or not spec.origin.startswith(f"{root}/"):
        return None
    file, is_package = spec.origin.removeprefix(f"{root}/"), spec.submodule_search_locations is not None
    if isinstance(spec.loader, ExtensionFileLoader):
        return (file, is_package, 0, 0), None
    cached = Path(spec.cached or "")
    if not isinstance(spec.loader, SourceFileLoader) or not cached.is_file():
        return None
    return (file, is_package, starts, cached.stat().st_size - _HEADER), cached
