"""The wheel holds the whole package and its command."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts.devtools.aws.package import ROOT
from sentinel_core import __version__

BUILD = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-c", BUILD, str(into)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return into / built.stdout.split()[-1]


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sentinel_core").rglob("*") if path.is_file()}
    expected = {file for file in files if "__pycache__" not in file}

    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("sentinel_core/")}

    assert wheel.name == f"sentinel_gateway-{__version__}-py3-none-any.whl"
    assert packed == expected


def test_the_wheel_declares_its_command_and_exact_pins(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = f"{wheel.name.removesuffix('-py3-none-any.whl')}.dist-info"
        commands = archive.read(f"{info}/entry_points.txt").decode()
        metadata = archive.read(f"{info}/METADATA").decode()
    needs = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: ")]

    assert commands == "[console_scripts]\nsentinel = sentinel_core.__main__:main\n"
    assert len(needs) > 40
    assert [line for line in needs if "==" not in line] == []


def test_the_unpacked_wheel_serves_its_command_without_the_sources(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-P", "-m", "sentinel_core", "--version"]
    shown = subprocess.run(command, cwd="/", env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)

    assert (shown.returncode, shown.stdout) == (0, f"sentinel {__version__}\n")
