"""Finds questions and requests in the rest of a prompt; a passage has none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from sentinel_core.matching.residual.pieces import Piece

PROSE = 6
"""Words from which a block may stand elsewhere in the other prompt: a passage, not a step of a list."""

_QUESTION = re.compile(
    r"\?|\b(?:who|whom|whose|what|which|when|where|why|how|can|could|is|are|does|do|did|tell|explain|give|describe)\b",
    re.IGNORECASE,
)

_REQUEST = re.compile(
    r"""\W*(?:(?:q|ask|please|can\ you|could\ you|kindly)\W+)*(?:give|show|list|find|count|return|tell|name|display|sort
    |compute|calculate|explain|describe|compare|report|provide|print|state|retrieve|get|identify|determine|summari[sz]e|how|what
    |which|who|whose|why|for\ (?:each|every|all)|(?:in|on|at|to)\ (?:what|which)|of\ (?:all|the)|do|does|did|can|could
    |translate|extract|write|rewrite|classify|draft|create|suggest|recommend|select|choose|pick|rank|outline|generate
    |should|would|is|are|was|were|has|have|(?:when|where)\ (?:is|are|was|were|do|does|did|can
    |will|should|has|have))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SPEAKER = re.compile(r"\b(?:i|my|me|we|our|you|your)\b", re.IGNORECASE)


def asks_the_same(shared: Sequence[Piece], answered: set[str], mine: Sequence[Piece], theirs: Sequence[Piece]) -> bool:
    """
    Whether both ask one question of two things: it is shared and not `answered`, and the rest asks nothing.

    Beside a question with a line of its own, an order in the rest may be a step that a passage tells of.
    """
    asked = [piece for piece in shared if "?" in piece.text and piece.text not in answered]
    blocks = Counter(piece.block for piece in shared if not piece.is_frame)
    may_order = all(blocks[piece.block] > 1 for piece in asked)
    return bool(asked) and not all(asks(rest, may_order=may_order) for rest in (mine, theirs))


def answered(found: Sequence[Piece]) -> set[str]:
    """Return the questions of solved examples, of an FAQ and of earlier turns: each has a label that comes again."""
    labels = Counter(piece.text for piece in found if piece.is_frame)
    runs = zip(found, found[1:], found[2:], found[3:], strict=False)
    return {
        asked.text
        for before, asked, label, answer in runs
        if labels[before.text] > 1 and _ANSWER_LABEL.fullmatch(label.text) and not answer.is_frame
    }


_ANSWER_LABEL = re.compile(r"\W*(?:a|answer|output|assistant|ai|bot|agent|response|reply)\W*", re.IGNORECASE)


def is_passage(text: str) -> bool:
    """Whether a rest is prose that neither asks for anything nor speaks of its author."""
    return len(text.split()) >= PROSE and not (any(map(requests, text.splitlines())) or _SPEAKER.search(text))


def requests(line: str) -> bool:
    """Whether a line is a question or an order, by its beginning or its end."""
    return "?" in line or begins_with_request(line)


def begins_with_request(text: str) -> bool:
    """Whether the first words ask or order."""
    return _REQUEST.match(text) is not None


def asks(rest: Sequence[Piece], *, may_order: bool) -> bool:
    """Whether a word of a rest may ask for something, or, where it `may_order`, its first word orders it."""
    return any(_QUESTION.search(piece.text) or (may_order and begins_with_request(piece.text)) for piece in rest)
