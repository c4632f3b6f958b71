"""Courtesies around a question in English: sentences that greet, excuse or thank, and frames that ask to explain."""

from __future__ import annotations

import re

from sentinel_core.support.patterns import has_any, lazy

LONGEST = 600
"""Characters of a prompt that courtesies are looked for in."""

_FRAME = 220
"""Characters at its beginning in which the question itself begins."""

_FRAMES = 2
"""Frames of one question: `I was wondering whether you could tell me`."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ENGLISH = _words(
    "i i'm i'd i'll i've me my we we're us you you're your hello hi hey there dear team support folks all everyone "
    "everybody sir madam good morning afternoon evening day today thanks thank much very so lot million bunch again "
    "advance in for to of a an the and or but with this that that's it it's its be am are is was were have has had "
    "having do does did would could can may might will must please kindly possibly perhaps maybe just really quite "
    "truly greatly deeply able glad happy grateful thankful obliged delighted appreciate appreciated help helpful "
    "helping assist assistance advice time trouble bother bothering bothered disturb disturbing sorry apologies "
    "apologize apologise excuse pardon asking ask tell let know explain explaining understand clarify share shed some "
    "light on give idea hint wonder wondering wondered curious hope hoping hoped find finds found well fine lovely "
    "nice great wonderful amazing awesome fantastic kind kindest best warm regards wishes kindness enough as too not "
    "if whether when whenever moment minute second chance get one once such basic silly simple stupid dumb quick "
    "little short question questions thing mind learn hear out figure from like love at any many taking take here now "
    "busy patience reading answer answering response reply forward looking"
)
_FIRST = _ENGLISH | {word.replace("'", "\u2019") for word in _ENGLISH}
"""Words that a frame may begin with."""

_OPENS = lazy(
    r"\b(?:hi|hello|hey|dear|good|hop\w+|sorry|excuse|apolog\w+|thank\w*|bother\w*|disturb\w*)\b", re.IGNORECASE
)
_CLOSES = lazy(
    r"\b(?:thank\w*|appreciat\w+|grateful|regards|wishes|cheers|wonderful|great|amazing|lovely|fantastic|awesome)\b",
    re.IGNORECASE,
)
_SENTENCE = lazy(r"(?<=[.!?])\s+(?=\S)")
_WORD = lazy(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_QUESTION = lazy(r"(?:(?<=[ ,])|(?<=: ))(?:how|what|why|when|where|which|who|whose|whether|if)\b", re.IGNORECASE)
_EXPLAIN = (
    r"(?:tell (?:me|us)|explain\w*|let me know|clarify|shed|give me|share|help me(?: to)?"
    r" (?:understand|figure|find|learn)|understand|know)\b"
)
_ASKED_TO_EXPLAIN = lazy(
    rf"\b(?:can|could|would|will|might|may|do) (?:you|someone|anyone|anybody|somebody)\b(?: \w+){{0,6}}? {_EXPLAIN}"
    rf"|\byou (?:can|could|would|might|may)\b(?: \w+){{0,6}}? {_EXPLAIN}"
    r"|\b(?:tell|help) me(?: to)?(?: understand| know| figure out| find out)?\Z"
    r"|\bi(?:'d| would| want| need|'m| am| was)\b(?: \w+){0,4}? (?:wondering|curious|know|understand|find out|learn"
    r"|ask)\b|\bmay i(?: \w+)? ask\b|\bi wonder\b|\bmind (?:explaining|telling|clarifying|sharing)\b"
    r"|\A(?:please |kindly )*(?:explain|clarify)\b",
    re.IGNORECASE,
)
_EXPLAINING = (
    "tell", "explain", "know", "clarify", "shed", "give me", "share", "help me", "understand", "find", "learn", "ask",
    "wonder", "curious", "mind",
)  # fmt: skip
"""Texts one of which stands in all that `_ASKED_TO_EXPLAIN` finds; looking for them first spares most prompts it."""

_BOUND = lazy(
    r"\bshould\b|\b(?:do|did|must|can|could|would|will) i\b|\byou (?:have|need|want|got|had) to\b"
    r"|\bnot (?:know|sure)\b",
    re.IGNORECASE,
)
"""Frames of a question about telling another person, not of one that is to be answered."""


def without_courtesy(prompt: str) -> str:
    """Return a prompt of one line without sentences of courtesy around its question, and without a frame before it."""
    if len(prompt) > LONGEST or "\n" in prompt.strip() or "`" in prompt:
        return prompt
    text = _sentences(prompt)
    for _ in range(_FRAMES):
        bare = _without_frame(text)
        if bare == text:
            break
        text = bare
    return text


def _sentences(prompt: str) -> str:
    """Return a prompt without the sentences of courtesy at both ends."""
    inner = (stripped := prompt.strip())[:-1]
    if "." not in inner and "?" not in inner and "!" not in inner:
        return prompt
    sentences = _SENTENCE.split(stripped)
    first, last = 0, len(sentences)
    while last > first + 1 and not sentences[last - 1].endswith("?") and _is_courtesy(sentences[last - 1], _CLOSES):
        last -= 1
    while first < last - 1 and _is_courtesy(sentences[first], _OPENS):
        first += 1
    return " ".join(sentences[first:last]) if last - first < len(sentences) else prompt


def _is_courtesy(sentence: str, telling: re.Pattern[str]) -> bool:
    words = {word.lower().replace("\u2019", "'") for word in _WORD.findall(sentence)}
    is_telling = telling.search(sentence) is not None and not any(map(str.isdigit, sentence))
    return is_telling and words <= _ENGLISH


def _without_frame(text: str) -> str:
    first = _WORD.search(text)
    if first is None or first[0].lower() not in _FIRST:  # most questions begin with what they ask
        return text
    begin = text[:_FRAME].lower()
    if not has_any(begin, _EXPLAINING):
        return text
    for found in _QUESTION.finditer(text, 0, _FRAME):
        frame = text[: found.start()]
        words = {word.lower().replace("\u2019", "'") for word in _WORD.findall(frame)}
        if not words <= _ENGLISH:
            return text
        if _ASKED_TO_EXPLAIN.search(frame.rstrip(" ,:")) and not _BOUND.search(frame):
            return text[found.start()].upper() + text[found.start() + 1 :]
    return text
