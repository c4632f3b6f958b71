"""Sets aside the ids of one call: a request or trace id differs in each prompt, and changes no answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sentinel_core.support.patterns import has_any, lazy

READ = 1_500
"""Characters at the beginning and at the end of a prompt in which ids are looked for."""

LONGEST = 65_536
"""Characters of a prompt; a longer one is compared with its ids."""

_OF_PERSONS = r"session|conversation|thread|chat|message"
_OF_CALLS = r"request|trace|(?:parent[_ -]?)?span|correlation|invocation|completion|run|job|(?:tool[_ -]?)?(?:call|use)"
_NAMED = r"(?:[_ -]?(?:id|uuid|guid))"
_OPAQUE = (
    r"(?:[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|\d{12,40}"
    r"|(?=[a-f]{0,11}\d)(?=\d{0,11}[a-f])[\da-f]{8,12}|(?=[\w-]{0,63}\d[a-z]{1,20}\d)[a-z\d][\w-]{11,63})"
)
_LABELLED = lazy(
    rf"(?<![\w-])(?P<label>(?:x[_ -])?(?:(?P<kind>{_OF_CALLS}|{_OF_PERSONS}){_NAMED}"
    rf"|(?P<bare>request|trace|span|correlation|session)))"
    rf"[\"'*_`\])]{{0,3}}[ \t]{{0,3}}[:=#>][ \t]{{0,3}}[*_]{{0,2}}[\"'`<(\[]?(?P<id>{_OPAQUE})(?![\w-])",
    re.IGNORECASE,
)
_PREFIXED = lazy(
    r"(?<![\w-])(?P<label>(?P<kind>call|toolu|chatcmpl|req|trace|span|resp)[_-])(?P<bare>)"
    r"(?P<id>(?=[A-Za-z]{0,12}\d+[A-Za-z]|\d+[A-Za-z])[A-Za-z\d]{10,63})(?![\w-])"
)
"""As providers and tools name a call, `call_9fK2…`: no label stands before it."""

_HINTS = ("id", "Id", "ID", "race", "equest", "ession", "call", "toolu", "req_", "resp_", "span", "hread")
_ASKS_FOR_AN_ID = lazy(
    r"\b(?:what|which)(?:'s| is| are)?(?: the| my| this| your)? (?:ids?|identifiers?|uuids?|reference)\b"
    r"(?! (?:of|for|and)\b)"
    r"|\b(?:include|quote|echo|repeat|mention|cite|append|copy)\b[^.\n]{0,40}\b(?:ids?|identifiers?|uuids?)\b",
    re.IGNORECASE,
)
_SPEAKS = lazy(
    r"\b(?:i|me|my|mine|we|us|our)\b"
    r"|\b(?:previous|earlier|last) (?:questions?|answers?|messages?|turns?|times?|orders?|chats?|visits?)\b",
    re.IGNORECASE,
)


def without_call_ids(asked: str, stored: str) -> tuple[str, str]:
    """
    Return two prompts without ids that both name by the same labels, in the same order; else the prompts as they are.

    Ids stay where a prompt speaks of them or of the thing they name. A session says who asks, so its id stays also
    where a prompt speaks of its author. Work does not grow with a prompt but for a search of a few words.
    """
    if max(len(asked), len(stored)) > LONGEST or not (has_any(asked, _HINTS) and has_any(stored, _HINTS)):
        return asked, stored
    left, right = _ids(asked), _ids(stored)
    if not left or _labels(left) != _labels(right) or _matter(asked, left) or _matter(stored, right):
        return asked, stored
    return _without(asked, left), _without(stored, right)


def _ids(prompt: str) -> list[re.Match[str]]:
    """Return the labelled ids at both ends of a prompt, in order."""
    tail = max(READ, len(prompt) - READ)
    spans = ((0, READ), (tail, len(prompt)))
    labelled = [match for span in spans for match in _LABELLED.finditer(prompt, *span)]
    taken = {match.end("id") for match in labelled}
    prefixed = [match for span in spans for match in _PREFIXED.finditer(prompt, *span) if match.end() not in taken]
    return sorted([*labelled, *prefixed], key=lambda match: match.start("id"))


def _labels(found: Iterable[re.Match[str]]) -> list[str]:
    return [match["label"] for match in found]


def _matter(prompt: str, found: Sequence[re.Match[str]]) -> bool:
    """Whether an answer may depend on the ids: of a list of records, or of a thing the prompt speaks of."""
    labels = _labels(found)
    if len(set(labels)) < len(labels) or any(prompt.count(match["id"]) > 1 for match in found):
        return True
    kinds = "|".join(sorted({re.escape((match["kind"] or match["bare"]).lower()) for match in found}))
    speaks = re.compile(
        rf"\b(?:{kinds})s?[ _-]?(?:ids?|uuids?|numbers?|identifiers?)\b"
        rf"|\b(?:what|which|this|that|the|my|each|every|any|all|how many)(?: \w+)?[ _](?:{kinds})s?\b(?!\s*:)",
        re.IGNORECASE,
    )
    rest = _apart(prompt, found)
    is_personal = re.search(_OF_PERSONS, kinds) is not None
    return bool(speaks.search(rest) or _ASKS_FOR_AN_ID.search(rest) or (is_personal and _SPEAKS.search(rest)))


def _apart(prompt: str, found: Sequence[re.Match[str]]) -> str:
    """Return all but the ids and their labels."""
    for match in reversed(found):
        prompt = prompt[: match.start()] + prompt[match.end() :]
    return prompt


def _without(prompt: str, found: Sequence[re.Match[str]]) -> str:
    """Leave out the ids, and their whole lines where a line holds nothing else."""
    for match in reversed(found):
        begin, end = match.span("id")
        line_begin, line_end = prompt.rfind("\n", 0, begin) + 1, prompt.find("\n", end) + 1 or len(prompt)
        around = prompt[line_begin : match.start("label")] + prompt[end:line_end]
        if any(map(str.isalnum, around)) or _OPENS.search(around):
            prompt = f"{prompt[:begin]}\u2026{prompt[end:]}"
        else:
            prompt = prompt[:line_begin] + prompt[line_end:]
    return prompt


_OPENS = re.compile(r"[\[{}\]<>]")
"""A line of JSON or XML keeps its place."""
