"""Forks stand in for processes of their own: no difference may show."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from scripts.devtools.http.forked import IS_POSSIBLE, Forked
from scripts.devtools.http.serving import ROOT, serving

pytestmark = pytest.mark.skipif(not IS_POSSIBLE, reason="servers are forked on Linux alone")


def test_a_fork_has_its_own_environment_folder_and_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTINEL_HOST", "the caller's")
    (tmp_path / ".env").write_text("SENTINEL_PORT=8123\n")
    forked = Forked(["settings"], {"SENTINEL_STAGE": "forked"}, tmp_path)
    printed, logged = forked.communicate(timeout=60)

    assert (forked.returncode, logged) == (0, "")
    assert {"SENTINEL_HOST=127.0.0.1", "SENTINEL_PORT=8123", "SENTINEL_STAGE=forked"} <= set(printed.splitlines())


def test_a_fork_ends_with_the_code_and_message_of_its_command() -> None:
    forked = Forked(["settings", "--env-file", "none.env"], {}, ROOT)

    assert forked.communicate(timeout=60) == ("", "sentinel: cannot read none.env: No such file or directory\n")
    assert forked.returncode == 2


def test_a_fork_can_be_killed_and_waited_for_twice() -> None:
    with serving() as server:
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.communicate(timeout=0.0)
        server.process.kill()
        server.process.communicate(timeout=60)

        assert server.process.returncode == -signal.SIGKILL
        server.process.send_signal(signal.SIGINT)
        assert server.process.communicate() == ("", "")
