"""Sentinel: a semantic AI gateway in one serverless function."""

__version__ = "0.1.0"
