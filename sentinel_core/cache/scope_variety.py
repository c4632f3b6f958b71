"""Which parts of a scope change from request to request: with such a part nothing ever hits."""

from __future__ import annotations

import marshal
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sentinel_core.cache.scope import as_json, mixed, prompt_of
from sentinel_core.cache.tool_calls import positioned
from sentinel_core.chat.messages import ChatRequest, Json, text_of

PROMPT = "prompt"
LEAST_REQUESTS = 20
"""Requests before any advice."""
TELLING_SHARE = 0.5
LONG_PROMPT = 2_000
"""Characters on average from which prompts that never repeat look like prompts with passages in them."""
MOST_PARAMS = 24
LONGEST_NAME = 64

_SYSTEM = frozenset({"system", "developer"})
_READ = 2_000  # characters from either end of a system prompt
_HELD = {
    "time": re.compile(r"\b[0-2]?\d:[0-5]\d(?::[0-5]\d)?\b"),
    "date": re.compile(
        r"\b(?:20\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:20)?\d\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
        r"[a-z]* \d{1,2},? 20\d\d|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* 20\d\d)\b",
        re.IGNORECASE,
    ),
    "id": re.compile(r"\b(?=[0-9a-f-]*\d)(?=[0-9a-f-]*[a-f])[0-9a-f]{8}-?[0-9a-f-]{4,27}[0-9a-f]\b|\b\d{9,}\b", re.I),
    "address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """
    One request: a number for each part, equal for equal parts, and the kinds of text its system prompt holds.

    `fingerprint` is of all parts but the prompt, "" if unknown.
    """

    parts: Mapping[str, int]
    holds: frozenset[str] = frozenset()
    characters: int = 0
    fingerprint: str = ""

    def of_prompt(self, prompt: str) -> Sample:
        """Return the sample of another prompt in the same scope; to read all parts again takes 3 µs."""
        return Sample({**self.parts, PROMPT: hash(prompt)}, self.holds, len(prompt), self.fingerprint)


@dataclass(frozen=True, slots=True)
class PartVariety:
    """
    How much one part varies.

    `share` is the share of requests whose part differs from all earlier ones, 0 to 1. `holds` are kinds of text
    (time, date, id, address) in at least half of the system prompts.
    """

    name: str
    distinct: int
    share: float
    holds: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Variety:
    """The parts of the last `requests`, the most varied first, and the advice that follows from them, if any."""

    requests: int = 0
    parts: Sequence[PartVariety] = field(default=())
    advice: str | None = None


def sample(request: ChatRequest, latest: Sample | None = None, fingerprint: str = "") -> Sample:
    """
    Return the numbers of a request's parts, which mean something in this process only.

    The `latest` sample of the namespace spares a system prompt that it had, too, from being read.
    """
    earlier = positioned(request.messages)[:-1]
    system: Json = as_json(each for each in earlier if each.get("role") in _SYSTEM)
    history: Json = as_json(each for each in earlier if each.get("role") not in _SYSTEM)
    params = {sys.intern(name[:LONGEST_NAME]): value for name, value in islice(request.params.items(), MOST_PARAMS)}
    prompt = prompt_of(request)
    values: dict[str, Json] = {
        "model": f"{request.provider}/{request.model}",
        "system": system,
        "history": history,
        "attachments": mixed(request),
        "user": request.user,
        PROMPT: prompt,
        **params,
    }
    # A text has a hash already, and most values are texts: writing each of them down first costs ten times as much.
    numbers = {
        name: hash(value) if isinstance(value, str) or value is None else hash(marshal.dumps(value, 2))
        for name, value in values.items()
    }
    is_known = latest is not None and latest.parts["system"] == numbers["system"]
    return Sample(
        numbers, latest.holds if latest is not None and is_known else _held(request), len(prompt), fingerprint
    )


def _held(request: ChatRequest) -> frozenset[str]:
    texts = [text_of(each.get("content")) for each in request.messages[:-1] if each.get("role") in _SYSTEM]
    if not texts:
        return frozenset()
    ends = "\n".join(text if len(text) <= 2 * _READ else f"{text[:_READ]}\n{text[-_READ:]}" for text in texts[:4])
    return frozenset(kind for kind, pattern in _HELD.items() if pattern.search(ends))


def variety(samples: Sequence[Sample]) -> Variety:
    """Return how much each part varies in these requests."""
    names = dict.fromkeys(name for each in samples for name in each.parts)
    found = sorted((_part(name, samples) for name in names), key=lambda part: (-part.share, part.name))
    return Variety(len(samples), tuple(found), _advice(found, samples))


def _part(name: str, samples: Sequence[Sample]) -> PartVariety:
    distinct = len({each.parts.get(name) for each in samples})
    share = (distinct - 1) / (len(samples) - 1) if len(samples) > 1 else 0.0
    holds = [kind for kind in _HELD if 2 * sum(kind in each.holds for each in samples) >= len(samples)]
    return PartVariety(name, distinct, round(share, 4), tuple(holds) if name == "system" and distinct > 1 else ())


def _advice(found: Sequence[PartVariety], samples: Sequence[Sample]) -> str | None:
    if len(samples) < LEAST_REQUESTS:
        return None
    worst = next((part for part in found if part.name != PROMPT and part.share >= TELLING_SHARE), None)
    if worst is not None:
        why = f": it holds {_listed(worst.holds)}" if worst.holds else ""
        return f"{worst.share:.0%} of your requests differ in `{worst.name}`{why}. {_REMEDIES.get(worst.name, _OTHER)}"
    prompt = next((part for part in found if part.name == PROMPT), None)
    length = sum(each.characters for each in samples) // len(samples)
    if prompt is not None and prompt.share >= TELLING_SHARE and length >= LONG_PROMPT:
        return (
            f"{prompt.share:.0%} of your prompts differ, and they have {length:,} characters on average: passages in a "
            "prompt must be equal. Put them in the same order, and leave out ids, ranks and times."
        )
    return None


def _listed(holds: Sequence[str]) -> str:
    words = [f"{'an' if each[0] in 'aeiou' else 'a'} {each}" for each in holds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


_OTHER = "It must be equal for an answer to be shared: send the same value, or leave it out."
_REMEDIES = {
    "system": "Leave names, times and ids out of the system prompt, or move them to the user's turn.",
    "history": "Later turns of chats need the same history: see SENTINEL_CHAT_SCOPE.",
    "user": "Answers belong to one end user each: leave `x-sentinel-user` out where they are not personal.",
    "attachments": "Pictures and files are compared byte by byte: send the same bytes.",
    "tools": "Send the same functions in the same order.",
}
