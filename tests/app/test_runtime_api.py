from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.devtools.aws.sandbox import Function, Sandbox, SandboxError

pytest.importorskip("awslambdaric", reason="awslambdaric is not installed")

HANDLER = """
import time

def handler(event, context):
    if event == "raise":
        raise ValueError("no such thing")
    if event == "sleep":
        time.sleep(60)
    return {"event": event, "left": context.get_remaining_time_in_millis() <= 1000, "id": context.aws_request_id}
"""


def function(task: Path, source: str, *, timeout: float = 1.0) -> Function:
    (task / "handler.py").write_text(source)
    return Function(task, Path(sys.executable), timeout=timeout)


def test_an_invocation_is_answered_with_its_id_and_before_its_deadline(tmp_path: Path) -> None:
    with Sandbox(function(tmp_path, HANDLER)) as sandbox:
        assert sandbox.init() > 0
        first, second = sandbox.invoke({"a": "é"}), sandbox.invoke([1])
        assert first.payload == {"event": {"a": "é"}, "left": True, "id": first.request_id}
        assert second.payload["event"] == [1]
        assert not first.failed
        assert sandbox.peak_memory_mb() > 1


def test_an_exception_is_a_failed_invocation_and_the_next_one_is_served(tmp_path: Path) -> None:
    with Sandbox(function(tmp_path, HANDLER)) as sandbox:
        sandbox.init()
        invocation = sandbox.invoke("raise")
        assert (invocation.failed, invocation.payload["errorType"]) == (True, "ValueError")
        assert not sandbox.invoke("again").failed


def test_a_function_that_outlives_its_timeout_is_killed(tmp_path: Path) -> None:
    with Sandbox(function(tmp_path, HANDLER, timeout=0.5)) as sandbox:
        sandbox.init()
        with pytest.raises(SandboxError, match=r"Task timed out after 0\.50 seconds"):
            sandbox.invoke("sleep")


def test_a_handler_that_cannot_be_imported_fails_init_with_its_reason(tmp_path: Path) -> None:
    with (
        Sandbox(function(tmp_path, "import no_such_module")) as sandbox,
        pytest.raises(SandboxError, match="no_such_module"),
    ):
        sandbox.init()


def test_a_process_that_ends_is_noticed(tmp_path: Path) -> None:
    with (
        Sandbox(function(tmp_path, "import os; os._exit(3)")) as sandbox,
        pytest.raises(SandboxError, match="exited with status 3"),
    ):
        sandbox.init()


def test_hooks_run_before_the_snapshot_and_after_it(tmp_path: Path) -> None:
    source = """
from snapshot_restore_py import register_after_restore, register_before_snapshot

seen = ["init"]
register_before_snapshot(seen.append, "before")
register_after_restore(seen.append, "after")

def handler(event, context):
    return seen
"""
    (tmp_path / "handler.py").write_text(source)
    with Sandbox(Function(tmp_path, Path(sys.executable), snapstart=True)) as sandbox:
        sandbox.init()
        assert sandbox.restore() > 0
        assert sandbox.invoke({}).payload == ["init", "before", "after"]
