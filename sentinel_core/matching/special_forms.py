"""Writes superscripts and fractions out before Unicode folding makes other numbers of them: `5²` is not `52`."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = re.compile(
    "[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2079\u207a\u207b\u207f\u2071\u2080-\u2089\u2150-\u215e]"
)
_POWER = re.compile("(?<=[\\w)\\]])[\u00b2\u00b3\u00b9\u2070\u2071\u2074-\u2079\u207a\u207b\u207f]+")
_BASE = re.compile("(?<=\\d)[\u2080-\u2089]+")
_FRACTION = re.compile("(?<=\\d)(?=[\u00bc-\u00be\u2150-\u215e])")


def written_out(text: str) -> str:
    """Return `5²` as `5 ^ 2`, `10₂` as `10 base 2`, and `1½` as `1 ½`; subscripts of letters stay (`H₂O` is H2O)."""
    if text.isascii() or not _SPECIAL.search(text):
        return text
    text = _POWER.sub(lambda match: f" ^ {unicodedata.normalize('NFKC', match[0])}", text)
    text = _BASE.sub(lambda match: f" base {unicodedata.normalize('NFKC', match[0])}", text)
    return _FRACTION.sub(" ", text)
