"""Finds the question of a prompt that asks it twice, before and behind its passages."""

from __future__ import annotations

from collections.abc import Sequence

from sentinel_core.matching.residual.asking import requests
from sentinel_core.matching.residual.pieces import SHORTEST_SENTENCE, Piece

LONGEST = 60
"""Words of a piece that a question is looked for in."""

_ENDS = "\"'`.?!\u201c\u201d "
_QUOTES = frozenset("\"'`\u201c")


def once(rest: Sequence[Piece]) -> list[Piece]:
    """Leave out what says again what another piece says: `Again, the question is: …`."""
    said = [piece.text for piece in rest if piece.words >= SHORTEST_SENTENCE and not piece.is_frame]
    kept: list[Piece] = []
    for piece in rest:
        again = piece.text in {each.text for each in kept} or any(piece.text.endswith(f" {text}") for text in said)
        if piece.is_frame or piece.words < SHORTEST_SENTENCE or not again:
            kept.append(piece)
    return kept


def without_repeats(mine: list[Piece], theirs: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """
    Return the questions alone where each rest is two sentences that hold one: `asks: "…?"` and `Answer "…?" briefly.`

    The words around the questions must be those of the other rest.
    """
    one, other = _said_twice(mine), _said_twice(theirs)
    if one is None or other is None or _around(mine, one) != _around(theirs, other):
        return mine, theirs
    return [Piece(one, mine[0].block, is_frame=False)], [Piece(other, theirs[0].block, is_frame=False)]


def _said_twice(rest: Sequence[Piece]) -> str | None:
    """Return the most words at the end of one of two pieces that the other has as well, with its sign at the end."""
    if len(rest) != 2 or any(piece.is_frame or piece.words > LONGEST for piece in rest):
        return None
    first, second = (piece.text for piece in rest)
    words = first.rstrip(_ENDS).split()
    ends = (" ".join(words[place:]).lstrip(_ENDS) for place in range(len(words) - SHORTEST_SENTENCE + 1))
    said = next((end for end in ends if end in second), "")
    is_quoted = all(text[: text.rfind(said)][-1:] in _QUOTES for text in (first, second))
    if not said or not (is_quoted or requests(said)):
        return None
    return said + first[first.rindex(said) + len(said) :].strip("\"'`\u201d ")


def _around(rest: Sequence[Piece], said: str) -> list[str]:
    return [piece.text.replace(said.rstrip(_ENDS), "").rstrip(_ENDS) for piece in rest]
