from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAM = os.environ.get("SAM") or shutil.which("sam")


@pytest.mark.skipif(SAM is None, reason="the SAM CLI is not installed; SAM may name one")
def test_sam_deploy_asks_nothing_before_it_needs_credentials(tmp_path: Path) -> None:
    status, said = on_terminal(prepared(tmp_path), "deploy")
    assert status == 1
    assert said.strip().endswith("Error: Unable to locate credentials")
    assert "?" not in said
    assert "[y/N]" not in said


@pytest.mark.skipif(SAM is None, reason="the SAM CLI is not installed; SAM may name one")
def test_guided_deploy_needs_no_answer_but_enter(tmp_path: Path) -> None:
    status, said = on_terminal(prepared(tmp_path), "deploy", "--guided", typed="\n" * 80)
    assert status == 1
    assert said.strip().endswith("Error: Unable to locate credentials")
    assert "Security Constraints" not in said
    questions = re.findall(r"Parameter (\w+)", re.sub(r"\x1b\[\d+m", "", said))
    assert len(questions) == len(set(questions)) > 40


def prepared(directory: Path) -> Path:
    """What `sam deploy` reads, in an empty directory."""
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(ROOT / name, directory)
    (directory / "sentinel_core").mkdir()
    return directory


def on_terminal(directory: Path, *arguments: str, typed: str = "") -> tuple[int, str]:
    """Run the SAM CLI on a pseudo-terminal where this was typed ahead; return its status and output."""
    ours, theirs = pty.openpty()
    environ = {"PATH": os.environ["PATH"], "HOME": str(directory), "AWS_DEFAULT_REGION": "us-east-1"}
    environ |= {"AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0", "TERM": "dumb"}
    assert SAM is not None
    with subprocess.Popen(
        [SAM, *arguments], cwd=directory, env=environ, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        said = _read(ours, process, until=time.monotonic() + 60)
        process.kill()
    os.close(ours)
    return process.returncode, said


def _read(terminal: int, process: subprocess.Popen[bytes], *, until: float) -> str:
    said = b""
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                said += os.read(terminal, 65_536)
            except OSError:  # the other end is closed
                process.wait(10)
                break
    return said.decode()
