"""The server process: its bounds by the settings, and its end."""

from __future__ import annotations

import json
import signal

import pytest

from scripts.devtools.http.serving import serving
from sentinel_core.app.server import SPARE_DESCRIPTORS, edge_limits
from sentinel_core.app.settings import Settings


@pytest.mark.parametrize(
    ("descriptors", "connections"),
    [(100_000, 2_048), (2_048 + 256 + SPARE_DESCRIPTORS, 2_048), (1_024, 1_024 - 256 - SPARE_DESCRIPTORS), (50, 8)],
)
def test_connections_fit_into_the_open_files(descriptors: int, connections: int) -> None:
    assert edge_limits(Settings(), descriptors).connections == connections


@pytest.mark.parametrize(("idle", "ending"), [(75.0, 10.0), (4.0, 1.0)])
def test_close_is_announced_in_the_last_part_of_the_idle_time(idle: float, ending: float) -> None:
    limits = edge_limits(Settings(keep_alive_seconds=idle), 10_000)
    assert (limits.idle_seconds, limits.ending_seconds) == (idle, ending)


def test_sigterm_ends_the_process_and_the_log_is_whole() -> None:
    with serving() as running:
        assert running.http.post("/v1/query", json={"prompt": "Why is the sky blue?"}).status_code == 200
        running.process.send_signal(signal.SIGTERM)
        _, logged = running.process.communicate(timeout=60)

    events = [json.loads(line)["event"] for line in logged.splitlines()]
    assert (running.process.returncode, events.count("answer.sent")) == (0, 1)
