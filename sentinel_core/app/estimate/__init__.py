"""Estimates from a log of requests what the cache would have saved."""
