"""Compares the order of the pieces that two prompts share: whole passages and their question may move."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from sentinel_core.matching.residual.asking import PROSE, requests
from sentinel_core.matching.residual.pieces import Piece


def is_reordered(left: Sequence[Piece], right: Sequence[Piece], common: Counter[str]) -> tuple[bool, bool]:
    """
    Return whether shared pieces stand in another order, and whether the only question of both does.

    Whole blocks of prose may, if they have no numbers, and so may the question and headings.
    """
    blocks = Counter(_blocks(left)) & Counter(_blocks(right))
    free = {text for text in blocks if len(text.split()) >= PROSE} - _numbered(left) - _numbered(right)
    free = set() if _have_labels(left, free) or _have_labels(right, free) else free
    one, other = _order(left, common, free), _order(right, common, free)
    asking = _only_question(left) & _only_question(right)
    still, still_2 = ([text for text in texts if text not in asking and not _HEADING.fullmatch(text)]
                      for texts in (one, other))  # fmt: skip
    is_moved = still == still_2 and bool(asking) and _order(left, common, set()) != _order(right, common, set())
    return still != still_2, is_moved


def _have_labels(found: Sequence[Piece], passages: set[str]) -> bool:
    """Whether other things stand between some passages than between others: names, times, titles, each of one."""
    texts = _block_texts(found)
    gaps: list[tuple[str, ...]] = []
    gap: list[str] = []
    last = -1
    for piece in found:
        if piece.is_frame or texts[piece.block] not in passages or requests(piece.text):
            gap.append(piece.text)
        elif piece.block != last:
            gaps.append(tuple(gap))
            gap, last = [], piece.block
    return len(set(gaps[1:])) > 1


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
