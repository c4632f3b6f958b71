from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sentinel_core.support import pattern_code
from sentinel_core.support.pattern_code import Noted

_compiler: Any = vars(re)["_compiler"]

TEXT = "Order 66, Ordnung ist DA\nsecond line: straße"
PATTERNS: list[tuple[str | bytes, int]] = [
    (r"(?P<word>[a-zß]+) (?P<count>\d+)", re.IGNORECASE),
    (r"^(\w+)(?: line)?(?=:)|(x)", re.MULTILINE),
    (r"(?<!r)d(?:er|nung)?", 0),
    (rb"o[^\x00-\x40]+", re.IGNORECASE),
    (r"(a+)(?:b\1)?   # twice", re.VERBOSE),
    (r"(?i:STRASSE|straße)|[⅐-⅞]{2,70000}", 0),
]


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    compiles = _compiler.compile
    re.purge()
    yield
    _compiler.compile = compiles
    re.purge()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file with the code of `PATTERNS`."""
    noted = Noted()
    for pattern, flags in PATTERNS:
        re.compile(pattern, flags)
    noted.write(tmp_path / "pattern_code.bin")
    re.purge()
    return tmp_path / "pattern_code.bin"


def _facts(compiled: re.Pattern[Any]) -> tuple[object, ...]:
    text = TEXT.encode() if isinstance(compiled.pattern, bytes) else TEXT
    found = [(match.group(), match.span(), match.groupdict()) for match in compiled.finditer(text)]
    return compiled.pattern, compiled.flags, compiled.groups, dict(compiled.groupindex), found


@pytest.mark.parametrize(("pattern", "flags"), PATTERNS)
def test_a_pattern_of_kept_code_is_the_compiled_one(file: Path, pattern: str | bytes, flags: int) -> None:
    compiled = re.compile(pattern, flags)
    re.purge()

    pattern_code.use(file)

    assert _facts(re.compile(pattern, flags)) == _facts(compiled)
    assert re.compile(pattern, flags) == compiled
    assert _compiler.compile.compiled == 0


def test_other_flags_and_patterns_are_compiled_as_ever(file: Path) -> None:
    pattern_code.use(file)

    assert re.compile(PATTERNS[2][0], re.IGNORECASE).flags & re.IGNORECASE
    assert re.findall("l.n", TEXT) == ["lin"]
    with pytest.raises(re.error):
        re.compile("(")
    assert _compiler.compile.compiled == 3


def test_notes_end_with_writing(tmp_path: Path) -> None:
    before = _compiler.compile
    Noted().write(tmp_path / "pattern_code.bin")

    assert _compiler.compile is before


@pytest.mark.parametrize("content", [None, b"", b"\0\0\0\0 of another Python"])
def test_nothing_changes_without_a_file_of_this_engine(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "pattern_code.bin").write_bytes(content)
    before = _compiler.compile
    pattern_code.use(tmp_path / "pattern_code.bin")

    assert _compiler.compile is before


def test_the_package_alone_has_kept_patterns() -> None:
    assert not pattern_code.FILE.exists()
