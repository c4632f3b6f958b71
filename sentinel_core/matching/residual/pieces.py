"""Cuts a prompt into the pieces that two prompts may share: sentences, lines, list items, parts of an envelope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

SHORTEST_SENTENCE = 3
"""Words; a full stop ends no shorter sentence, because `Dr.`, `1.` and `e.g.` end in one too."""

_ASKING_LABELS = r"question|query|ask|user|customer|human|prompt|input|request|message|context|answer|q|a"
_CUT = re.compile(
    rf"""
      (?P<line> \n | \\n )                                        # a line end, also one inside a JSON string
    | (?P<key>  "[^"\\\n]{{1,40}}"[ ]{{0,4}}:[ ]{{0,4}}[\[{{]{{0,2}}[ ]{{0,4}}["']?   # a JSON key, up to its value
              | '[^'\\\n]{{1,40}}'[ ]{{0,4}}:[ ]{{0,4}}[\[{{]{{0,2}}[ ]{{0,4}}["']? )  # also as Python writes it
    | (?P<close> (?<=[^\s:,{{\[])(?:"[ ]{{0,4}}[,}}\]]{{1,8}}|'[ ]{{0,4}}[}}\]]{{1,8}}) ) # the end of a JSON string
    | (?P<tag>  </?[A-Za-z][\w:.-]{{0,40}}(?:[ ][^<>\n]{{0,100}})?/?>    # an XML tag
              | <!\[CDATA\[ | \]\]> | <\|[\w ]{{1,30}}\|> | \[/?INST\] | <</?SYS>> )  # or a mark between turns
    | (?P<number> (?<![^\n])[ \t]{{0,12}}(?:[#>*-]{{1,6}}[ ])?
                  (?: (?:\[{{1,2}}[^\[\]\n]{{1,24}}\]{{1,2}} | \((?:[A-Za-z]{{1,9}}[ ])?\d{{1,3}}\) | \d{{1,3}}[.)]
                         | (?:[A-Za-z]{{1,9}}[ ])?[A-Za-z\d]{{1,3}}\) | \#\d{{1,3}}(?:[ ]\([^()\n]{{1,24}}\))?)
                      [ ](?:[A-Za-z][\w'-]{{0,20}}:)?(?=[ \t]{{0,4}}\S)  # `[1]`, `2.` or `[10:02] agent:` before a text
                    | \d{{1,3}},(?=") ) )                              # or the first cell of a row
    | (?P<label> (?<![^\n>"])[ \t]{{0,12}}(?:[#>*_-]{{1,6}}[ ]?)?
                 (?:[A-Z][\w' -]{{0,30}}|(?i:{_ASKING_LABELS}))[*_]{{0,2}}:(?!//)[*_]{{0,2}} )    # `Question:`
    | (?P<stop> [.!?\u2026\u3002\uff01\uff1f]["')\]\u201d\u2019\u00bb]{{0,3}};?(?=\s|$) )
    """,
    re.VERBOSE,
)
_FRAMES = frozenset({"key", "close", "tag", "label", "number"})
_WRAPPED = 50, 160
"""Characters of a line that is broken off inside a sentence, which goes on in the next line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """
    One piece; two pieces with the same `text` are shared.

    `text` keeps the indentation of a line's first piece. `block` numbers the line, string or element it is in;
    `is_frame` marks the parts of an envelope: keys, tags, labels, numbers before a text.
    """

    text: str
    block: int
    is_frame: bool
    is_number: bool = False

    @property
    def words(self) -> int:
        return len(self.text.split())


@lru_cache(maxsize=32)
def pieces(prompt: str) -> tuple[Piece, ...]:
    """Cut `prompt` into its pieces, in order; white space between them, and at the end of lines, is dropped."""
    found: list[Piece] = []
    block, opens_line = 0, True
    for text, kind in _cuts(prompt):
        is_frame = kind in _FRAMES
        block += is_frame or kind == "line"
        opens_line = opens_line or kind == "line"
        kept = text.rstrip() if opens_line else text.strip()
        if kept and not kept.isspace():
            found.append(Piece(_BREAK.sub(" ", kept), block, is_frame, kind == "number"))
            opens_line = False
        block += is_frame
    return tuple(found)


def _cuts(prompt: str) -> Iterator[tuple[str, str]]:
    """Return the text up to each cut, then the cut itself where it is a part of an envelope."""
    start = 0
    for cut in _CUT.finditer(prompt):
        kind = str(cut.lastgroup)
        if kind == "stop":
            if len(prompt[start : cut.end()].split(maxsplit=SHORTEST_SENTENCE)) >= SHORTEST_SENTENCE:
                yield prompt[start : cut.end()], "text"
                start = cut.end()
            continue
        if kind == "line" and _is_wrapped(prompt, cut):
            continue
        yield prompt[start : cut.start()], "text"
        yield ("" if kind == "line" else cut[0]), kind
        start = cut.end()
        if kind == "close":
            start += len(prompt[start : start + 4]) - len(prompt[start : start + 4].lstrip(' "[{'))
    yield prompt[start:], "text"


_BREAK = re.compile(r"[ \t]*\n[ \t]*")


def _is_wrapped(prompt: str, cut: re.Match[str]) -> bool:
    """Whether a line ends inside a sentence only because it is full: the next one goes on in lower case."""
    shortest, longest = _WRAPPED
    before, after = prompt[max(0, cut.start() - longest) : cut.start()], prompt[cut.end() : cut.end() + 1]
    line = before[before.rfind("\n") + 1 :]
    goes_on = after.islower() and (line[-1:].islower() or line[-1:] == ",")
    return cut[0] == "\n" and goes_on and shortest <= len(line) < longest
