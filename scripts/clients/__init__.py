"""Clients that are too heavy for the tests, each run against the upstream itself and against Sentinel before it."""
