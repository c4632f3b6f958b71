"""Writes values as cells of CSV files that people open in spreadsheets."""

from __future__ import annotations


def cell(value: object) -> str:
    """Return a cell that a spreadsheet takes for text or a number, never for a formula (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float):
        return text
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@", "|", "%") or text[:1] in ("\t", "\r", "\n") else text
