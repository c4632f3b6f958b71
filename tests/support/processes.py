"""Environments for processes that tests start."""

from __future__ import annotations

PATIENT = {"SENTINEL_STORE_TIMEOUT_MS": "10000"}
"""A store's time for tests that run beside others; the default is for a database of one's own."""
