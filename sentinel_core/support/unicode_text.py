"""Unicode normalisation whose time grows with the text alone, whatever it is made of."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

MOST_MARKS = 30
"""Combining marks in a row; no language needs more (Unicode Standard Annex 15, section 13, Stream-Safe Text Format)."""

LONGEST = 65_536
"""Characters of a text that is normalised: about 5 ms."""

_RUN_OF_MARKS = re.compile(rb"[^\0]{%d}" % (MOST_MARKS + 1))
_HIDDEN_MARKS = re.compile("[\u0f73\u0f75\u0f81\uff9e\uff9f]")
"""Characters that count as letters, and become marks when they are decomposed."""


def normalised(form: Literal["NFC", "NFKC"], text: str) -> str:
    """
    Normalise `text`, or return it as it is: past `LONGEST` characters, or with more than `MOST_MARKS` marks in a row.

    The canonical order of marks takes the square of their number; a megabyte of them would take minutes.
    """
    if text.isascii() or len(text) > LONGEST or has_many_marks(text):
        return text
    return unicodedata.normalize(form, text)


def has_many_marks(text: str) -> bool:
    """Whether more than `MOST_MARKS` combining marks stand in a row; reads every character once."""
    plain = _HIDDEN_MARKS.sub("\u0301", text)
    return _RUN_OF_MARKS.search(bytes(map(unicodedata.combining, plain))) is not None
