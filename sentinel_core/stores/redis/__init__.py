"""Entries, keys and counters in Redis, over TCP or over Upstash's HTTP."""
