"""Keeps the code that `re` compiles for each pattern: to compile it is a tenth of a cold start's work."""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import re
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

FILE = Path(__file__).with_name("pattern_code.bin")
"""Only a package has it (scripts/package)."""


def use(path: Path = FILE) -> None:
    """
    Have `re` take the code of known patterns from the file, and compile others as ever.

    Nothing changes without the file, and with one of another Python or another engine.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return
    if content.startswith(_MAGIC):
        codes = marshal.loads(content[len(_MAGIC) :])  # noqa: S302  made by `Noted.write`, shipped with us
        _compiler.compile = _Kept(codes, _compiler.compile)


class Noted:
    """Notes each pattern that `re` compiles from now on."""

    def __init__(self) -> None:
        self._usual: _Compiles = _compiler.compile
        self._patterns: dict[tuple[str | bytes, int], None] = {}
        _compiler.compile = self

    def __call__(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        self._patterns[pattern, int(flags)] = None
        return self._usual(pattern, flags)

    def write(self, path: Path = FILE) -> None:
        """Keep the code of all patterns noted, and note no more."""
        _compiler.compile = self._usual
        path.write_bytes(_MAGIC + marshal.dumps({_key(*each): marshal.dumps(_code(*each)) for each in self._patterns}))


_Code = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
"""What the engine takes beside the pattern: flags, words of 32 bits, number of groups, names of groups both ways."""

_compiler: Any = vars(re)["_compiler"]
_parser: Any = vars(re)["_parser"]
_engine: Any = vars(_compiler)["_sre"]
_MAGIC = importlib.util.MAGIC_NUMBER + int(_engine.MAGIC).to_bytes(4, "little")


class _Compiles(Protocol):
    def __call__(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]: ...


class _Kept:
    """Compiles as `re` does, by the code that is kept for a pattern; `compiled` counts the patterns without any."""

    def __init__(self, codes: Mapping[bytes, bytes], usual: _Compiles) -> None:
        self._codes, self._usual = codes, usual
        self.compiled = 0

    def __call__(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        kept = self._codes.get(_key(pattern, flags)) if isinstance(pattern, str | bytes) else None
        if kept is None:
            self.compiled += 1
            return self._usual(pattern, flags)
        # Each is read when it is needed: a start needs a third of them.
        all_flags, words, groups, numbers, names = marshal.loads(kept)  # noqa: S302  made by `Noted.write`
        compiled: re.Pattern[Any] = _engine.compile(
            pattern, all_flags, array("I", words).tolist(), groups, numbers, names
        )
        return compiled


def _key(pattern: str | bytes, flags: int) -> bytes:
    return hashlib.blake2b(f"{int(flags)} {pattern!r}".encode(), digest_size=16).digest()


def _code(pattern: str | bytes, flags: int) -> _Code:
    """Return what `re` gives its engine for a pattern (`re._compiler.compile`)."""
    parsed = _parser.parse(pattern, flags)
    names: list[str | None] = [None] * parsed.state.groups
    for name, number in parsed.state.groupdict.items():
        names[number] = name
    words = array("I", _compiler._code(parsed, flags)).tobytes()
    return flags | parsed.state.flags, words, parsed.state.groups - 1, dict(parsed.state.groupdict), tuple(names)
