"""Separates the instruction of a prompt from the text it applies to: translate, correct, classify this text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sentinel_core.matching.gate import lexicon
from sentinel_core.matching.residual import task_words as words
from sentinel_core.support.patterns import lazy

READ = 1_500
"""Characters at the beginning and at the end of a prompt in which an instruction is looked for."""

_START = r"(?:\A|(?<=[.!?:;>\n\u3002])|(?<=\n[-*#]))[\s\"'>*#\d.)-]{0,8}+(?=[^\W\d_])"
_CLAUSE_END = r"(?=[:\n\"\u201c\u00ab`<\u300c\uff1a]|[.!?](?:\s|\Z)|\Z)"

_IMPERATIVE = lazy(
    rf"{_START}{words.POLITE}(?:(?P<strong>{words.VERBS}|{words.FOREIGN_VERBS})|"
    rf"{words.WEAK_VERBS})(?![\w-])(?P<object>[^:\n\"\u201c\u00ab`<.!?\uff1a]{{0,300}}){_CLAUSE_END}",
    re.IGNORECASE,
)
_ASKING = lazy(
    rf"{_START}{words.POLITE}(?P<object>(?:what|which|is|are|does|do|how|was|were|who|"
    rf"where)\b[^:\n\"\u201c\u00ab`<.!?\uff1a]{{0,200}}\b"
    rf"(?:{words.THIS} {words.TEXTS}|the {words.TEXTS} (?:above|below)|{words.THIS}(?=[:\n])|"
    r"(?:sentiment|tone|grammar|spelling|translation|summary|topic|intent|category|language) of)"
    rf"\b[^:\n\"\u201c\u00ab`<.!?\uff1a]{{0,100}}){_CLAUSE_END}",
    re.IGNORECASE,
)
_LABELS_TO_CHOOSE = lazy(r":[^\n?:]{1,200}\?(?=[ \t]{0,8}\n)")
"""The labels of a question for one, up to the end of its line: `Which topic is this text about: science or sport?`"""

_GIVEN = lazy(
    rf"{_START}(?P<object>(?:[^\s:\"\u201c\u00ab`<.!?\uff1a]{{1,40}} ){{0,20}}?"
    rf"{words.GIVEN}(?: \w+){{0,2}} {words.TEXTS}\b"
    rf"[^:\n\"\u201c\u00ab`<.!?\uff1a]{{0,100}}){_CLAUSE_END}",
    re.IGNORECASE,
)
_REFERENCE = lazy(
    rf"\b{words.THIS}\b|\b{words.TEXTS}\b|\b(?:in)?to [A-Z]\w+|\bas (?:positive|negative|spam|json)", re.IGNORECASE
)
_SAYS_WHICH = lazy(
    rf"\b{words.THIS}(?: \w+){{0,2}} {words.TEXTS}\b|\b(?:following|below|above)\b|\b{words.THIS}\Z", re.IGNORECASE
)
_QUESTION_ANSWERING = lazy(
    r"\banswer\b[^.\n]{0,40}\b(?:questions?|quer(?:y|ies)|users?|customers?)\b|\banswer (?:from|using|based|with|"
    r"only)\b"
    r"|^[\W_]{0,12}+(?:question|q|user question|customer question)[\"'*_]{0,3}\s{0,3}[:>]|<question>|"
    r"^[\W_]{0,12}+(?:frage|pregunta|domanda|vraag|pergunta|вопрос|问题|質問)\s{0,3}[:：]|\b(?:context|"
    r"passages?)\b[\"'*_]{0,3}:",
    re.IGNORECASE | re.MULTILINE,
)
_SPOKEN = lazy(
    r"\b(?:customer|user|client|visitor|guest|caller|student|patient)s? (?:just )?"
    r"(?:wrote|writes|asked|asks|sent|sends|says|said)\b",
    re.IGNORECASE,
)
"""Before a message that is to be answered."""

_INLINE = lazy(
    r"\A\W{0,3}(?:please |can you |could you )*(?:translate (?P<one>.{1,400}?) (?:in)?to (?P<to>\w+)"
    r"|how (?:do|would|can|to) ?(?:you|i|we|one)? (?P<verb>say|write|translate|"
    r"spell) (?P<two>.{1,400}?) in (?P<in>\w+))\W{0,3}\Z",
    re.IGNORECASE | re.DOTALL,
)
_FIELD = lazy(
    r"[\s\"'>*#-]*(?:label|tag|scor|grad|rat|rank|mark|list|nam|comment|document|format|stat|titl)e?"
    r"(?:[\"']\s{0,3}:|[*_]{0,2}\s{0,3}[:=]\s{0,3}[\"']?[\d.]+\b)",
    re.IGNORECASE,
)
"""A field of a record, as `"score": 0.8`."""

_LEADS_TO_A_QUESTION = lazy(
    rf"{_START}{words.POLITE}(?:tell me|answer|say)(?: me)?(?: only)?(?: {words.GIVEN})?(?: questions?)?\s{{0,3}}:",
    re.IGNORECASE,
)
_FENCE = "```"
_QUOTES = {'"': '"', "\u201c": "\u201d", "\u00ab": "\u00bb", "\u300c": "\u300d"}
_BEFORE_A_TEXT = frozenset({":", "\uff1a", "\n", *_QUOTES})
EDGES = " \t\r\n\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb:\uff1a"
_LABEL = lazy(
    rf"\A[\s\"'<*_#]*(?:{words.TEXTS}|input|source|original|user|english|"
    rf"sentence \d)[\"'>*_]{{0,3}}\s{{0,3}}[:>][*_]{{0,2}}\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Work:
    """An instruction and the text it is about."""

    instruction: str
    payload: str


def work(prompt: str) -> Work | None:
    """Return the instruction and its text; None where a prompt has no such instruction, or nothing beside it."""
    inline = _INLINE.match(prompt) if len(prompt) <= READ else None
    if inline and not _writes_code(inline):
        payload = inline["one"] or inline["two"]
        place = inline.start("one") if inline["one"] else inline.start("two")
        return Work(prompt[:place] + "\u2026" + prompt[place + len(payload) :], payload.strip(EDGES))
    begin, end = _instruction(prompt)
    if end == 0:
        return None
    if prompt[end : end + 1] in _QUOTES:
        return _quoted(prompt, end)
    before, after = prompt[:begin].strip(), prompt[end:].strip(EDGES)
    payload = "\n".join(part for part in (before, _LABEL.sub("", after, count=1).strip(EDGES)) if part)
    return Work(prompt[begin:end].strip(), payload) if any(map(str.isalnum, payload)) else None


def _writes_code(inline: re.Match[str]) -> bool:
    """Whether something is written in a language of programmers, not in one that people speak."""
    return (inline["verb"] or "").lower() == "write" and inline["in"].lower() not in lexicon.table("names.json")[
        "tongues"
    ].split()


def _quoted(prompt: str, start: int) -> Work | None:
    """Return the text between the quotes, to the last closing one; the instruction is all around it."""
    end = prompt.rfind(_QUOTES[prompt[start]])
    payload = prompt[start + 1 : end]
    return Work(f"{prompt[: start + 1]}\u2026{prompt[end:]}", payload.strip()) if payload.strip() else None


def _instruction(prompt: str) -> tuple[int, int]:
    """Where the instruction begins and ends; (0, 0) without one."""
    for offset in (0, max(0, len(prompt) - READ)) if len(prompt) > READ else (0,):
        part = prompt[offset : offset + READ]
        if _QUESTION_ANSWERING.search(part):
            return 0, 0
        kinds = (_IMPERATIVE, _ASKING, _GIVEN)
        for pattern, match in ((kind, match) for kind in kinds for match in kind.finditer(part)):
            is_in_code = (prompt.count(_FENCE, 0, offset) + part.count(_FENCE, 0, match.start())) % 2
            if not is_in_code and _names_a_text(match, part, is_given=pattern is _GIVEN):
                labels = _LABELS_TO_CHOOSE.match(part, match.end()) if pattern is _ASKING else None
                full_stop = part[match.end() : match.end() + 1] in {".", "!", "?"}
                return offset + match.start(), (offset + labels.end()) if labels else offset + match.end() + full_stop
    return 0, 0


def _names_a_text(match: re.Match[str], part: str, *, is_given: bool) -> bool:
    """Whether a text follows at once, behind a colon, a line end or a quote, or the clause says which one it is."""
    separator, spoken = part[match.end() : match.end() + 1], match["object"]
    if _FIELD.match(part, match.start()) or _LEADS_TO_A_QUESTION.match(part, match.start()):
        return False
    says_which = bool(_SAYS_WHICH.search(spoken))
    is_strong = match.groupdict().get("strong") is not None
    if is_given and _SPOKEN.search(spoken):
        return False
    if part.startswith(_FENCE, match.end() + len(part[match.end() :]) - len(part[match.end() :].lstrip(" .:?!\n"))):
        return True
    if is_given:
        return separator in _BEFORE_A_TEXT or (not separator and match.start() > 0)
    if separator in {"", ".", "!", "?"}:
        return says_which or (is_strong and not spoken.strip() and _stands_alone(match, part))
    return says_which or (is_strong and (separator in _BEFORE_A_TEXT or bool(_REFERENCE.search(spoken))))


def _stands_alone(match: re.Match[str], part: str) -> bool:
    """Whether the clause is a line of its own."""
    before, after = part[: match.start("strong")], part[match.end() :]
    return (not before.strip() or before.rstrip(" ").endswith("\n")) and after[1:2] in {"", "\n"}
