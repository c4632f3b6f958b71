"""Sets aside the text that two prompts share: passages, templates, envelopes. The answer depends on the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sentinel_core.matching.residual.asking import PROSE, answered, asks_the_same, begins_with_request, is_passage
from sentinel_core.matching.residual.order import is_reordered
from sentinel_core.matching.residual.pieces import SHORTEST_SENTENCE, Piece, pieces
from sentinel_core.matching.residual.repeats import once, without_repeats
from sentinel_core.matching.residual.shared_ends import shared_ends
from sentinel_core.matching.shared_run import shared_run, shared_runs

LEAST_SHARED = 8
"""Words; two short questions that share fewer are judged whole."""

LONG_END = 12
"""Words from which a shared beginning or end inside a sentence is set aside."""

LONGEST_REQUEST = 40
"""Words of a request that is compared with all its words."""

READ = 8_192
"""Characters of each prompt, without its shared ends, that are cut into pieces; longer rests are not compared."""

_ASKING_LABEL = re.compile(
    r"""[\s"'#>*_{\[,<-]*(?:user|customer|human|my|the|new|current|your|latest|final|follow[ -]?up)?[\s_-]*
    (?:question|query|ask|user|customer|human|prompt|input|request|message|q)[\s"'*_:>{\[]*""",
    re.VERBOSE | re.IGNORECASE,
)


PASSAGES = 30
"""Words that two prompts share from which they are passages, which few questions are asked about, not a template."""


@dataclass(frozen=True, slots=True)
class Residual:
    """
    The text that two prompts do not share, in order.

    `asked` or `stored` is empty if the other prompt has all of it. `reordered` says that shared pieces stand in
    another order; `scattered` that the rest stands in several places of a prompt, or is no question: both ask the same
    about something else. `shared_words` counts the words that both have around it. `moved` says that their only
    question stands in another place, before or behind the passages.
    """

    asked: str
    stored: str
    reordered: bool = False
    scattered: bool = False
    shared_words: int = 0
    moved: bool = False


def split(asked: str, stored: str) -> Residual | None:
    """
    Return the rest of two prompts, or None if they share too little, and are judged whole.

    Symmetric. The work grows with the length of the prompts and no faster; for prompts that differ over more than
    `READ` characters the result is None.
    """
    head, tail = _long_ends(asked, stored)
    one, other = asked[head : len(asked) - tail], stored[head : len(stored) - tail]
    if len(one) > READ or len(other) > READ:
        return None
    ends = (asked[:head], asked[len(asked) - tail :] if tail else "")
    left, right = pieces(one), pieces(other)
    common = Counter(piece.text for piece in left) & Counter(piece.text for piece in right)
    mine, theirs = once(_left_over(left, common)), once(_left_over(right, common))
    mine, theirs = without_repeats(mine, theirs)
    shared = [piece for piece in left if piece.text in common]
    around = sum(len(text.split()) for text in ends) + sum(piece.words for piece in shared)
    begin, finish = _shared_words(mine, theirs, has_template=around >= LEAST_SHARED)
    if around + len(begin) + len(finish) < LEAST_SHARED:
        return None
    if around >= LEAST_SHARED and not finish:
        finish = _shared_sentence(_words(mine)[len(begin) :], _words(theirs)[len(begin) :])
    one, other = _text(mine, len(begin), len(finish)), _text(theirs, len(begin), len(finish))
    has_passage = around >= PASSAGES and (is_passage(one) or is_passage(other) or _is_edited(mine, theirs, one, other))
    moves, is_moved = is_reordered(left, right, common)
    return Residual(
        one,
        other,
        moves,
        _is_scattered(mine)
        or _is_scattered(theirs)
        or has_passage
        or asks_the_same(shared, answered(left) & answered(right), mine, theirs),
        around,
        is_moved,
    )


def _long_ends(asked: str, stored: str) -> tuple[int, int]:
    return shared_ends(asked, stored) if max(len(asked), len(stored)) > READ else (0, 0)


def _left_over(found: Sequence[Piece], common: Counter[str]) -> list[Piece]:
    """Return the pieces that the other prompt lacks, each as often as it lacks it; no empty parts of an envelope."""
    taken: Counter[str] = Counter()
    rest: list[Piece] = []
    for piece in found:
        taken[piece.text] += 1
        if taken[piece.text] > common[piece.text] and not _is_empty_frame(piece):
            rest.append(piece)
    return rest


def _is_empty_frame(piece: Piece) -> bool:
    return not any(map(str.isalnum, piece.text)) if piece.is_frame else piece.text.strip() in _BRACKETS


_BRACKETS = frozenset("{}[]") | {"},", "],", "```"}


def _shared_words(mine: Sequence[Piece], theirs: Sequence[Piece], *, has_template: bool) -> tuple[list[str], list[str]]:
    """
    Return the words both rests begin and end with, where they are many or a label.

    A request in a template keeps all its words.
    """
    one, other = _words(mine), _words(theirs)
    begin, finish = shared_runs(one, other)
    label = _end_of_label(one[:begin])
    for place in (0, label) if has_template else ():
        if _is_request(one[place:]) and _is_request(other[place:]):
            return one[:place], []
    begin = begin if begin >= LONG_END else label
    finish = finish if finish >= LONG_END else 0
    return one[:begin], one[len(one) - finish :]


def _is_request(words: Sequence[str]) -> bool:
    return len(words) <= LONGEST_REQUEST and begins_with_request(" ".join(words))


def _is_edited(mine: Sequence[Piece], theirs: Sequence[Piece], one: str, other: str) -> bool:
    """Whether few words of a passage differ: the sentences that hold them ask nothing."""
    is_short = max(len(one.split()), len(other.split())) < PROSE
    return is_short and all(
        is_passage(" ".join(_words(rest))) and not begins_with_request(text)
        for rest, text in ((mine, one), (theirs, other))
    )


def _shared_sentence(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """Return a sentence at the end of both, of which one is cut off from what stands before it."""
    finish = shared_run(one[::-1], other[::-1])
    is_shorter = SHORTEST_SENTENCE <= finish < min(len(one), len(other))
    cut_off = is_shorter and {one[-finish - 1][-1], other[-finish - 1][-1]} & _STOPS
    return list(one[-finish:]) if cut_off and one[-finish][0].isupper() else []


_STOPS = frozenset(".?!")


def _end_of_label(words: Sequence[str]) -> int:
    """How many words lead to the question: `The user asks:` or `Based on the text above,`."""
    return max((place for place, word in enumerate(words, 1) if word[-1] in ":,"), default=0)


def _words(rest: Iterable[Piece]) -> list[str]:
    return [word for piece in rest for word in piece.text.split()]


def _text(rest: Sequence[Piece], begin: int, finish: int) -> str:
    """Join the rest as it stood: a line a block; the label of a question says nothing."""
    if begin or finish:
        words = _words(rest)
        return " ".join(words[begin : len(words) - finish])
    kept = [piece for piece in rest if not (piece.is_frame and _ASKING_LABEL.fullmatch(piece.text))]
    text, block = "", None
    for piece in kept:
        text += piece.text if block is None else f"{' ' if piece.block == block else chr(10)}{piece.text}"
        block = piece.block
    return _unquoted(text.strip())


def _unquoted(text: str) -> str:
    """Return the inside of one pair of quotes around all of it, as YAML puts them around a value."""
    inside = text[1:-1]
    return inside if text[:1] in _QUOTES and text[-1:] == text[:1] and text[0] not in inside else text


_QUOTES = frozenset("\"'")


def _is_scattered(rest: Sequence[Piece]) -> bool:
    """Whether prose is left in several blocks: a question, and a passage that the other prompt has not."""
    return len({piece.block for piece in rest if not piece.is_frame and piece.words >= SHORTEST_PROSE}) > 1


SHORTEST_PROSE = 2
