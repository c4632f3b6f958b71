"""Environments for processes that tests start."""

from __future__ import annotations

import os

from scripts.devtools.http.forked import MEASURE
from scripts.devtools.http.serving import MEASURED

COVERAGE = {MEASURE: os.environ[MEASURED]} if MEASURED in os.environ else {}
"""Lets coverage measure a child process; empty where coverage is off."""

PATIENT = {"SENTINEL_STORE_TIMEOUT_MS": "10000"}
"""A store's time for tests that run beside others; the default is for a database of one's own."""
