"""Comparisons for yes or no turned one way round: `is A cheaper than B` asks `is B more expensive than A`."""

from __future__ import annotations

_TURNED = {
    "cheaper": "more expensive", "smaller": "larger", "softer": "harder", "younger": "older", "slower": "faster",
    "lower": "higher", "lighter": "heavier", "weaker": "stronger", "worse": "better", "colder": "warmer",
    "poorer": "richer", "thinner": "thicker", "narrower": "wider", "quieter": "louder", "closer": "farther",
}  # fmt: skip
"""The lesser of two degrees, and the greater; `shorter` is of length, height and time."""

_WORD = r"(?!(?:which|or|and|if|when|because|not|what|how|why)\b)[\w'.+#-]{1,40}"
_ONE = rf"({_WORD}(?: {_WORD}){{0,4}})"

SPELLINGS = (
    *((f"{less} than", rf"^(is|are|was|were) {_ONE} {less} than {_ONE}$", rf"\1 \3 {more} than \2")
      for less, more in _TURNED.items()),
    *((f"{less} than", rf"^(do|does|did) {_ONE} (\w+) {less} than {_ONE}$", rf"\1 \4 \3 {more} than \2")
      for less, more in _TURNED.items()),
    ("less ", rf"^(is|are|was|were) {_ONE} less (\w{{3,}}) than {_ONE}$", r"\1 \4 more \3 than \2"),
)  # fmt: skip
"""Rules as `rewriting.rules_of` takes them."""
