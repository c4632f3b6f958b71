from __future__ import annotations

import ctypes
import mmap
import re
import sys
from pathlib import Path

import pytest

from sentinel_core.support import huge_pages
from sentinel_core.support.huge_pages import PAGE, collapse, ranges, use_huge_pages

ENABLED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
MAPS = """\
00400000-00a00000 r-xp 00000000 fe:00 1234    /usr/bin/python3.11
00c00000-01400000 rw-p 00800000 fe:00 1234    /usr/bin/python3.11
01e00001-02600000 rw-p 00000000 00:00 0       [heap]
7f0000000000-7f00001fffff rw-p 00000000 00:00 0
7f0000300000-7f0000900000 rw-p 00000000 00:00 0
7f0000a00000-7f0000c00000 rw-s 00000000 00:01 99    /dev/zero (deleted)
7f0000c00000-7f0000e00000 ---p 00000000 00:00 0
7ffc00000000-7ffc00800000 rw-p 00000000 00:00 0     [stack]
"""


def test_whole_huge_pages_of_private_memory_are_found() -> None:
    assert list(ranges(MAPS.splitlines())) == [(0x2000000, 0x2600000), (0x7F0000400000, 0x7F0000800000)]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
def test_memory_keeps_its_bytes_in_huge_pages() -> None:
    with mmap.mmap(-1, 3 * PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory[:] = b"abcd" * (len(memory) // 4)
        begin = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        first = -(-begin // PAGE) * PAGE
        collapse([(first, first + PAGE)])

        assert memory[:] == b"abcd" * (len(memory) // 4)
        smaps = re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text())
        flags = next(each for each in smaps if int(each.partition("-")[0], 16) <= first < _end(each))
        if ENABLED.exists() and "[never]" not in ENABLED.read_text():
            assert " hg" in flags.rpartition("VmFlags:")[2]


def _end(mapping: str) -> int:
    return int(mapping.partition(" ")[0].partition("-")[2], 16)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
def test_a_range_without_memory_is_left_out() -> None:
    collapse([(0, PAGE)])


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_other_systems_than_linux_are_left_alone(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    found: list[object] = []
    monkeypatch.setattr(huge_pages, "collapse", found.append)
    monkeypatch.setattr(sys, "platform", platform)
    use_huge_pages.__wrapped__()

    assert len(found) == (platform == "linux" and Path("/proc/self/maps").exists())
