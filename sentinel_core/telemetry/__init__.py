"""Logs, counters, metrics and alerts."""
