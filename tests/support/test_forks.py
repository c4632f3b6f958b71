"""The loop that runs tests in forks, as a run of its own sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.forks import MOST, Shares, shares

ROOT = Path(__file__).parents[2]
SUITE = """
import os
import sys
import pytest

COLLECTOR = os.getpid()
ERRORS = sys.stderr

@pytest.mark.parametrize("number", range(3))
def test_passes(number, tmp_path):
    assert os.getpid() != COLLECTOR

def test_fails():
    print("said to a stream of the import", file=ERRORS)
    assert 1 == 2

def test_is_skipped():
    pytest.skip("for a reason")

@pytest.fixture
def broken():
    yield
    raise OSError("left open")

def test_ends_badly(broken):
    pass

def test_takes_its_process_along():
    os._exit(0)

def test_is_lost():
    pass
"""
LINES = (
    "FAILED test_suite.py::test_fails - assert 1 == 2",
    "FAILED test_suite.py::test_takes_its_process_along - the process that ran this test ended with status 0; "
    "those after it in its share did not run",
    "ERROR test_suite.py::test_ends_badly - OSError: left open",
    "2 failed, 4 passed, 1 skipped, 1 error",
    "Captured stderr call",
    "said to a stream of the import",
)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no forks")
def test_forks_report_as_one_process_would(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    command = (sys.executable, "-m", "pytest", "-p", "tests.support.forks", "--forks", "2", "-rfE", "--tb=short")
    environ = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "200", "PATH": "/bin"}

    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)

    assert done.returncode == 1
    assert [line for line in LINES if line not in done.stdout] == [], done.stdout + done.stderr


INTERRUPTED = """
import pytest

@pytest.fixture
def broken():
    yield
    raise OSError("left open")

def test_is_interrupted(broken):
    raise KeyboardInterrupt
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no forks")
def test_a_fork_ends_though_its_fixture_fails_after_an_interrupt(tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(INTERRUPTED)
    command = (sys.executable, "-m", "pytest", "-p", "tests.support.forks", "--forks", "1", "-rf", "--tb=short")
    environ = {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "200", "PATH": "/bin"}

    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)

    assert done.returncode == 1
    assert "test_is_interrupted - the process that ran this test ended with status 1" in done.stdout
    assert done.stdout.count("test session starts") == done.stdout.count("1 failed") == 1


def test_a_share_is_of_one_file_and_has_a_bound() -> None:
    names = [*("a.py::test",) * (MOST + 1), "b.py::test", "b.py::other"]

    assert shares(names) == [range(MOST), range(MOST, MOST + 1), range(MOST + 1, MOST + 3)]
    assert shares([]) == []


def test_each_share_is_taken_once() -> None:
    left = Shares(5)
    first = next(iter(left))

    assert [first, *left] == [0, 1, 2, 3, 4]
    assert list(left) == []
