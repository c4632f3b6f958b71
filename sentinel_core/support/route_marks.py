"""Marks of the gateways that a request came through: by its own a gateway sees that an address leads back to it."""

from __future__ import annotations

from contextvars import ContextVar

HEADER = "x-sentinel-via"
MOST_MARKS = 8
"""Gateways in a row; a request that has come through more is refused, too."""
LONGEST = 512

PASSED: ContextVar[str] = ContextVar("passed", default="")
"""The marks that the request under way came with, separated by commas."""


def is_loop(given: str, own: str) -> bool:
    """Return whether a request with these marks has been here before, or came a longer way than any should."""
    marks = [mark.strip() for mark in given.split(",")]
    return own in marks or len(marks) > MOST_MARKS or len(given) > LONGEST


def onward(own: str) -> str:
    """Return the marks of the request under way as the next server is to get them."""
    passed = PASSED.get()
    return f"{passed}, {own}" if passed else own
