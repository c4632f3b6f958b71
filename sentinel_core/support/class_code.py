"""Keeps the code that `dataclasses` compiles for each class: to compile it is a sixth of a cold start's work."""

from __future__ import annotations

import builtins
import dataclasses
import hashlib
import importlib
import importlib.util
import marshal
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import CodeType
from typing import Any

FILE = Path(__file__).with_name("class_code.bin")
"""Only a package has it (scripts/package): 250 classes in 150 KB, read in 10 ms in place of 150 ms of compiling."""


def use(path: Path = FILE) -> None:
    """
    Have `dataclasses` take known code from the file, and compile other text as ever.

    Nothing changes without the file, and with one of another Python.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return
    magic, packed = content[: len(_MAGIC)], content[len(_MAGIC) :]
    if magic == _MAGIC:
        _replace_exec(_Kept(marshal.loads(zlib.decompress(packed))))  # noqa: S302  made by `write`, shipped with us


def write(module: str = "handler", path: Path = FILE) -> None:
    """Import a module, and keep the code of all dataclasses that this makes."""
    noted = _Noted()
    _replace_exec(noted)
    try:
        importlib.import_module(module)
    finally:
        del vars(dataclasses)["exec"]
    codes = {_key(text): compile(text, "<string>", "exec") for text in noted.texts}
    path.write_bytes(_MAGIC + zlib.compress(marshal.dumps(codes), 9))


_MAGIC = importlib.util.MAGIC_NUMBER


class _Noted:
    """Runs text as `exec` does, and notes it."""

    def __init__(self) -> None:
        self.texts: dict[str, None] = {}

    def __call__(self, text: str, names: dict[str, Any] | None = None, into: dict[str, Any] | None = None) -> None:
        self.texts[text] = None
        builtins.exec(text, names, into)  # noqa: S102  in the place of `exec`


class _Kept:
    """Runs text as `exec` does, by the code that is kept for it; `compiled` counts the texts without any."""

    def __init__(self, codes: Mapping[bytes, CodeType]) -> None:
        self._codes = codes
        self.compiled = 0

    def __call__(self, text: str, names: dict[str, Any] | None = None, into: dict[str, Any] | None = None) -> None:
        code = self._codes.get(_key(text))
        self.compiled += code is None
        builtins.exec(text if code is None else code, names, into)  # noqa: S102  in the place of `exec`


def _replace_exec(run: _Noted | _Kept) -> None:
    vars(dataclasses)["exec"] = run  # a name of the module hides the built-in one


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
