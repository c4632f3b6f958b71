"""Estimates the savings of the cache from a log of requests."""
