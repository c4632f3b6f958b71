"""Environments for processes that tests start."""

from __future__ import annotations

import os

COVERAGE = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_PROCESS")}
"""Variables that let coverage measure a child process; empty where coverage is off."""

PATIENT = {"SENTINEL_STORE_TIMEOUT_MS": "10000"}
"""A store's time for tests that run beside others; the default is for a database of one's own."""
