"""
Keeps the code that `dataclasses` compiles for each class: to compile it is a sixth of a cold start's work.

Nor is a docstring made of the parameters of a class that has none, which is another fortieth.
"""

from __future__ import annotations

import builtins
import dataclasses
import hashlib
import importlib.util
import inspect
import marshal
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NoReturn

FILE = Path(__file__).with_name("class_code.bin")
"""Only a package has it (scripts/package): 250 classes in 600 KB, read in place of 150 ms of compiling."""


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
        _replace_exec(_Kept(marshal.loads(packed)))  # noqa: S302  made by `Noted.write`, shipped with us
        vars(dataclasses)["inspect"] = _WithoutSignatures()


class Noted:
    """Runs text as `exec` does, and notes it; `dataclasses` runs its own text here from now on."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}
        _replace_exec(self)

    def __call__(self, text: str, names: dict[str, Any] | None = None, into: dict[str, Any] | None = None) -> None:
        self._texts[text] = None
        builtins.exec(text, names, into)  # noqa: S102  in the place of `exec`

    def write(self, path: Path = FILE) -> None:
        """Keep the code of all texts noted, and note no more."""
        del vars(dataclasses)["exec"]
        codes = {_key(text): marshal.dumps(compile(text, "<string>", "exec")) for text in self._texts}
        path.write_bytes(_MAGIC + marshal.dumps(codes))


_MAGIC = importlib.util.MAGIC_NUMBER


class _Kept:
    """Runs text as `exec` does, by the code that is kept for it; `compiled` counts the texts without any."""

    def __init__(self, codes: Mapping[bytes, bytes]) -> None:
        self._codes = codes
        self.compiled = 0

    def __call__(self, text: str, names: dict[str, Any] | None = None, into: dict[str, Any] | None = None) -> None:
        code = self._codes.get(_key(text))
        self.compiled += code is None
        # Each is read when it is needed: a start needs half of them.
        runs: str | CodeType = text if code is None else marshal.loads(code)  # noqa: S302  made by `Noted.write`
        builtins.exec(runs, names, into)  # noqa: S102  in the place of `exec`


class _WithoutSignatures(ModuleType):
    """The module `inspect`, except that no class has a signature: `dataclasses` then makes no docstring of it."""

    def __init__(self) -> None:
        super().__init__("inspect")
        vars(self).update(vars(inspect))
        vars(self)["signature"] = self._refuse

    @staticmethod
    def _refuse(_: object) -> NoReturn:
        raise ValueError("no docstring is made of it")


def _replace_exec(run: Noted | _Kept) -> None:
    vars(dataclasses)["exec"] = run  # a name of the module hides the built-in one


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
