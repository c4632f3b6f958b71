"""`scripts/lib/venv.sh`: an environment is made once, and mended where it is half made."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from scripts.devtools.aws.package import ROOT

PIN = "one==1.0 --hash=sha256:00"
PYTHON = """#!/usr/bin/env bash
# Behaves as `python` does with -c, -m venv and -m pip, and installs a package as an empty file.
case "$*" in
  "-c import sys"*) exit 0 ;;
  "-m venv --clear "*) rm -rf "$4"/* && mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  "-m pip --version") exit 0 ;;
  "-m pip install "*"--require-hashes -r pins.txt")
    grep -q REFUSE pins.txt && { echo "ERROR: hashes do not match" >&2; exit 1; }
    while read -r name _; do
      echo "Collecting $name (from -r pins.txt)"
      touch "${0%/bin/python}/${name%%=*}"
    done < pins.txt
    echo "Installing collected packages: one" ;;
  "--version") echo "Python 3.13.0" ;;
  *) echo "unexpected: $*" >&2; exit 9 ;;
esac
"""
MADE_AGAIN = "making .venv again: it is unfinished or its Python is gone"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "pins.txt").write_text(f"{PIN}\n")
    return tmp_path


def venv(folder: Path) -> subprocess.CompletedProcess[str]:
    script = f"set -euo pipefail; . {ROOT}/scripts/lib/venv.sh; venv pins.txt; echo served"
    environ = {"PATH": os.environ["PATH"], "PYTHON": f"{folder}/python"}
    return subprocess.run(["bash", "-c", script], cwd=folder, env=environ, capture_output=True, text=True, timeout=60)


def test_the_first_install_shows_its_progress_and_the_second_call_nothing(folder: Path) -> None:
    first, second = venv(folder), venv(folder)

    assert first.stderr.splitlines() == [
        "installing pins.txt: up to 1 packages, once", "  1/1 one==1.0", "  unpacking, about a minute",
    ]  # fmt: skip
    assert (first.stdout, second.stdout, second.stderr) == ("served\n", "served\n", "")
    assert (folder / ".venv/one").exists()


def test_another_list_of_pins_is_installed(folder: Path) -> None:
    venv(folder)
    (folder / "pins.txt").write_text(f"{PIN}\ntwo==2.0\n")

    again = venv(folder)

    assert (again.returncode, MADE_AGAIN in again.stderr) == (0, False)
    assert (folder / ".venv/two").exists()


@pytest.mark.parametrize("broken", ["interrupted", "without python"])
def test_a_half_made_environment_is_made_again(folder: Path, broken: str) -> None:
    venv(folder)
    if broken == "interrupted":
        (folder / ".venv/unfinished").touch()
    else:
        (folder / ".venv/bin/python").unlink()
    (folder / ".venv/left-over").touch()

    healed = venv(folder)

    assert (healed.returncode, healed.stderr.splitlines()[0]) == (0, MADE_AGAIN)
    assert sorted(path.name for path in (folder / ".venv").iterdir()) == ["bin", "one", "pins.txt.installed"]


def test_a_second_command_waits_while_the_first_one_installs(folder: Path) -> None:
    venv(folder)
    first = subprocess.Popen(["bash", "-c", "read; rm .venv/unfinished"], cwd=folder, stdin=subprocess.PIPE)
    (folder / ".venv/unfinished").write_text(f"{first.pid}\n")
    reaper = threading.Timer(0.5, first.communicate, [b"\n"])
    reaper.start()

    second = venv(folder)

    reaper.join()
    assert (second.stdout, MADE_AGAIN in second.stderr) == ("served\n", False)


def test_a_failed_install_says_where_wheels_exist_and_is_tried_again(folder: Path) -> None:
    (folder / "pins.txt").write_text("one==1.0 --hash=sha256:REFUSE\n")
    failed = venv(folder)
    (folder / "pins.txt").write_text(f"{PIN}\n")
    again = venv(folder)

    assert (failed.returncode, failed.stdout) == (1, "")
    assert "sentinel: the install failed; pip says why above." in failed.stderr
    assert "Python 3.13.0." in failed.stderr
    assert (again.returncode, again.stdout) == (0, "served\n")


def test_a_python_that_is_too_old_is_named(folder: Path) -> None:
    environ = {"PATH": f"{folder}:/bin", "PYTHON": "false"}
    (folder / "python").unlink()
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        (folder / name).write_text("#!/bin/sh\nexit 1\n")
        (folder / name).chmod(0o755)
    script = f". {ROOT}/scripts/lib/venv.sh; python_for_sentinel"
    ended = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, timeout=60)

    assert (ended.returncode, ended.stderr) == (
        1,
        "sentinel: needs Python 3.11, 3.12, 3.13 or 3.14; set PYTHON to one\n",
    )
