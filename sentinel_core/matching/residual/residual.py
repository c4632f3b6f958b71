"""Sets aside the text that two prompts share: passages, templates, envelopes. The answer depends on the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sentinel_core.matching.residual.pieces import SHORTEST_SENTENCE, Piece, pieces
from sentinel_core.matching.residual.shared_ends import shared_ends
from sentinel_core.matching.shared_run import shared_run, shared_runs

LEAST_SHARED = 8
"""Words; two short questions that share fewer are judged whole."""

LONG_END = 12
"""Words from which a shared beginning or end inside a sentence is set aside."""

READ = 8_192
"""Characters of each prompt, without its shared ends, that are cut into pieces; longer rests are not compared."""

PROSE = 6
"""Words from which a block may stand elsewhere in the other prompt: a passage, not a step of a list."""

_ASKING_LABEL = re.compile(
    r"""[\s"'#>*_{\[,<-]*(?:user|customer|human|my|the|new|current|your|latest|final|follow[ -]?up)?[\s_-]*
    (?:question|query|ask|user|customer|human|prompt|input|request|message|q)[\s"'*_:>{\[]*""",
    re.VERBOSE | re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\?|\b(?:who|whom|whose|what|which|when|where|why|how|can|could|is|are|does|do|did|tell|explain|give|describe)\b",
    re.IGNORECASE,
)


PASSAGES = 30
"""Words that two prompts share from which they are passages, which few questions are asked about, not a template."""

_REQUEST = re.compile(
    r"""\W*(?:(?:q|ask|please|can\ you|could\ you|kindly)\W+)*(?:give|show|list|find|count|return|tell|name|display|sort
    |compute|calculate|explain|describe|compare|report|provide|print|state|retrieve|get|identify|determine|summari[sz]e|how|what
    |which|who|whose|why|for\ (?:each|every|all)|(?:in|on|at|to)\ (?:what|which)|of\ (?:all|the)|do|does|did|can|could
    |should|are\ there|is\ there)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SPEAKER = re.compile(r"\b(?:i|my|me|we|our|you|your)\b", re.IGNORECASE)


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
    mine, theirs = _once(_left_over(left, common)), _once(_left_over(right, common))
    shared = [piece for piece in left if piece.text in common]
    begin, finish = _shared_words(mine, theirs)
    around = sum(len(text.split()) for text in ends) + sum(piece.words for piece in shared)
    if around + len(begin) + len(finish) < LEAST_SHARED:
        return None
    if around >= LEAST_SHARED and not finish:
        finish = _shared_sentence(_words(mine)[len(begin) :], _words(theirs)[len(begin) :])
    one, other = _text(mine, len(begin), len(finish)), _text(theirs, len(begin), len(finish))
    has_passage = around >= PASSAGES and (_is_passage(one) or _is_passage(other))
    is_reordered, is_moved = _is_reordered(left, right, common)
    return Residual(
        one,
        other,
        is_reordered,
        _is_scattered(mine) or _is_scattered(theirs) or has_passage or _asks_the_same(shared, mine, theirs),
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


def _once(rest: Sequence[Piece]) -> list[Piece]:
    """Leave out what says again what another piece says: `Again, the question is: …`."""
    said = [piece.text for piece in rest if piece.words >= SHORTEST_SENTENCE and not piece.is_frame]
    kept: list[Piece] = []
    for piece in rest:
        again = piece.text in {each.text for each in kept} or any(piece.text.endswith(f" {text}") for text in said)
        if piece.is_frame or piece.words < SHORTEST_SENTENCE or not again:
            kept.append(piece)
    return kept


def _is_empty_frame(piece: Piece) -> bool:
    return not any(map(str.isalnum, piece.text)) if piece.is_frame else piece.text.strip() in _BRACKETS


_BRACKETS = frozenset("{}[]") | {"},", "],", "```"}


def _shared_words(mine: Sequence[Piece], theirs: Sequence[Piece]) -> tuple[list[str], list[str]]:
    """Return the words both rests begin and end with, where they are many or a label."""
    one, other = _words(mine), _words(theirs)
    begin, finish = shared_runs(one, other)
    begin = begin if begin >= LONG_END else _end_of_label(one[:begin])
    finish = finish if finish >= LONG_END else 0
    return one[:begin], one[len(one) - finish :]


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


def _is_reordered(left: Sequence[Piece], right: Sequence[Piece], common: Counter[str]) -> tuple[bool, bool]:
    """
    Return whether shared pieces stand in another order, and whether the only question of both does.

    Whole blocks of prose may, if they have no numbers, and so may the question and headings.
    """
    blocks = Counter(_blocks(left)) & Counter(_blocks(right))
    free = {text for text in blocks if len(text.split()) >= PROSE} - _numbered(left) - _numbered(right)
    one, other = _order(left, common, free), _order(right, common, free)
    asking = _only_question(left) & _only_question(right)
    still, still_2 = ([text for text in texts if text not in asking and not _HEADING.fullmatch(text)]
                      for texts in (one, other))  # fmt: skip
    is_moved = still == still_2 and bool(asking) and _order(left, common, set()) != _order(right, common, set())
    return still != still_2, is_moved


_HEADING = re.compile(r"\W*#{1,6} [\w' -]{1,30}")


def _only_question(found: Sequence[Piece]) -> set[str]:
    asking = [piece.text for piece in found if "?" in piece.text]
    return set(asking) if len(asking) == 1 else set()


def _order(found: Sequence[Piece], common: Counter[str], free: set[str]) -> list[str]:
    texts = _block_texts(found)
    return [piece.text for piece in found
            if not piece.is_frame and piece.text in common and texts[piece.block] not in free]  # fmt: skip


def _blocks(found: Sequence[Piece]) -> list[str]:
    return list(_block_texts(found).values())


def _numbered(found: Sequence[Piece]) -> set[str]:
    """Return the texts of the blocks with a number before them: an answer may name it."""
    texts = _block_texts(found)
    return {texts.get(piece.block + 1, "") for piece in found if piece.is_number}


def _block_texts(found: Sequence[Piece]) -> dict[int, str]:
    texts: dict[int, list[str]] = {}
    for piece in found:
        if not piece.is_frame:
            texts.setdefault(piece.block, []).append(piece.text)
    return {block: " ".join(parts) for block, parts in texts.items()}


def _is_scattered(rest: Sequence[Piece]) -> bool:
    """Whether prose is left in several blocks: a question, and a passage that the other prompt has not."""
    return len({piece.block for piece in rest if not piece.is_frame and piece.words >= SHORTEST_PROSE}) > 1


SHORTEST_PROSE = 2


def _asks_the_same(shared: Sequence[Piece], mine: Sequence[Piece], theirs: Sequence[Piece]) -> bool:
    """Whether both ask one question of two things: the question is shared, and the rest asks nothing."""
    return any("?" in piece.text for piece in shared) and not (_asks(mine) and _asks(theirs))


def _is_passage(text: str) -> bool:
    """Whether a rest is prose that neither asks for anything nor speaks of its author."""
    asks = "?" in text or any(map(_REQUEST.match, text.splitlines())) or _SPEAKER.search(text)
    return len(text.split()) >= PROSE and not asks


def _asks(rest: Sequence[Piece]) -> bool:
    return any(_QUESTION.search(piece.text) for piece in rest)
