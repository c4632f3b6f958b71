"""Curated answers: a person stands behind them, they come before learned ones, and no purge removes them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.scope import digest
from sentinel_core.cache.verdict import CONFIDENCE, Verdict, Zone
from sentinel_core.chat.messages import ChatRequest, Completion, text_of
from sentinel_core.errors import CorruptEntryError

FINGERPRINT = hashlib.sha256(b"sentinel:curated").hexdigest()
"""In the place of a scope in the names of curated answers."""

MARGIN = 0.02
"""Cosine by which a curated question comes before a learned one that is as near."""

LEAST_SUPPORT, FULL_SUPPORT = 0.95, 1.0
"""
The support that a hit of the gate needs, and the one that is enough where no rule refuses.

Support is the cosine of an answer's nearest question plus its lead over the nearest question of any other answer.
"""

MANY_WORDINGS = 3
"""Questions of an answer from which its full support is enough: fewer do not show where its meaning ends."""

LEADS = 3
"""Answers whose nearest questions a judge is asked about for one request, nearest first, within one timeout."""

VERSIONS = 10
"""Former versions that are kept."""

_FORMAT = 1
_TOOLS = ("tools", "functions", "tool_choice", "function_call")
_FORMATS = ("response_format", "modalities", "audio")
_SYSTEM = ("system", "developer")

SURFACES = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "messages": "/v1/messages",
    "query": "/v1/query",
    "responses": "/v1/responses",
}
"""Names of surfaces, and the routes of each."""


@dataclass(frozen=True, slots=True)
class CuratedEntry(Entry):
    """
    A curated answer as the decision takes it.

    `id` names its record and question, `support` is as at `LEAST_SUPPORT`, `wordings` the number of its questions.
    """

    id: str = ""
    support: float = math.inf
    wordings: int = 1

    def weighed(self, verdict: Verdict, *, is_whole: bool) -> Verdict:
        """
        Return the gate's verdict on a question, corrected by the support of its answer.

        Rules stay in force. Without `is_whole` only parts of the prompts were compared, and support says nothing.
        """
        if verdict.passed and self.support < LEAST_SUPPORT:
            return replace(verdict, passed=False, rule=CONFIDENCE)
        is_unsure = verdict.rule == CONFIDENCE and not verdict.also and is_whole
        if is_unsure and self.wordings >= MANY_WORDINGS and self.support >= FULL_SUPPORT:
            return replace(verdict, passed=True, rule=None, zone=Zone.DECIDED)
        return verdict


@dataclass(frozen=True, slots=True)
class Record:
    """
    One answer with its questions; times are Unix times.

    Without `model`, `system` and `surface` (of `SURFACES`) it answers all plain requests of the namespace, else those
    of this model, with this system prompt, and of this surface. `tools`, `turns` and `formats` let it also answer
    requests that bring tools, have earlier turns, or ask for a format. Without `ttl` (seconds) it is pinned.
    `vectors` are encoded, of the embedder `embedder`.
    `earlier` are former versions, latest first, without vectors.
    """

    id: str
    questions: tuple[str, ...]
    answer: str
    tags: tuple[str, ...] = ()
    model: str | None = None
    system: str | None = None
    surface: str | None = None
    tools: bool = False
    turns: bool = False
    formats: bool = False
    ttl: float | None = None
    valid_from: float | None = None
    valid_until: float | None = None
    approved_by: str | None = None
    created: float = 0.0
    version: int = 1
    vectors: tuple[str, ...] = ()
    embedder: str = ""
    earlier: tuple[Mapping[str, Any], ...] = ()

    @property
    def said(self) -> dict[str, Any]:
        """The fields that an author gives: equal ones are the same version."""
        made = ("created", "version", "vectors", "embedder", "earlier")
        return {name: value for name, value in asdict(self).items() if name not in made}

    def is_valid(self, now: float) -> bool:
        """Whether the answer may be given at this time."""
        ends = math.inf if self.ttl is None else self.created + self.ttl
        return (self.valid_from or 0.0) <= now < min(ends, math.inf if self.valid_until is None else self.valid_until)

    def is_for(self, ask: CacheRequest) -> bool:
        """Whether the request is in the record's scope."""
        request = ask.request
        if self.model is not None and self.model not in (request.model, f"{request.provider}/{request.model}"):
            return False
        if self.surface is not None and not ask.route.startswith(SURFACES.get(self.surface, "\n")):
            return False
        has_tools, has_turns, has_format = _needs(request)
        if (has_tools and not self.tools) or (has_turns and not self.turns) or (has_format and not self.formats):
            return False
        return self.system is None or self.system == _system(request)

    def entry(self, number: int) -> CuratedEntry:
        """Return the answer to one of the questions."""
        completion = Completion("curated", "curated", {"role": "assistant", "content": self.answer}, "stop")
        return CuratedEntry(
            self.questions[number],
            completion,
            self.created,
            math.inf if self.ttl is None else self.ttl,
            tags=self.tags,
            id=f"{FINGERPRINT}:{digest(self.questions[number])}",
        )


class VersionReader(Protocol):
    """Waits for the version of a namespace's records."""

    def learn(self, version: str | None) -> None:
        """Note the version; None without records."""


@dataclass(frozen=True, slots=True)
class Reading:
    """
    Records of a namespace as texts by their ids, None for a deleted one.

    `is_whole` says that these are all, else those changed since a place in the log of changes. `place` is where the
    next reading goes on; "" where no log says.
    """

    version: str | None
    records: Mapping[str, str | None]
    place: str
    is_whole: bool


class CuratedStore(Protocol):
    """Where the records of namespaces are kept, as texts by their ids, under a version that each change moves."""

    def ask_version(self, namespace: str, reader: VersionReader) -> None:
        """Give the reader the version once the next round trip has carried the question; None without records."""

    async def version(self, namespace: str) -> str | None:
        """Return the version, None without records; raises StoreError."""

    async def read(self, namespace: str, since: str = "") -> Reading:
        """Return what has changed since a place, or all records where the log does not know it; raises StoreError."""

    async def write(self, namespace: str, records: Mapping[str, str | None]) -> None:
        """Store records, None deletes one; raises StoreError."""


def may_answer(ask: CacheRequest) -> bool:
    """Whether any record may answer a request: one that is not personal, not masked and not bypassed."""
    request = ask.request
    return ask.bypass is None and ask.personal is None and ask.masked is None and request.user is None


def identifier(record: Record) -> str:
    """Return the id of a record without a name of its own: by its first question and its scope."""
    scope: list[Any] = [digest(record.questions[0]), record.model, record.system]
    more = {name: getattr(record, name) for name in ("surface", "tools", "turns", "formats")}
    scope += [more] if any(more.values()) else []
    return hashlib.sha256(json.dumps(scope).encode()).hexdigest()[:32]


def revised(old: Record | None, new: Record, now: float) -> Record | None:
    """Return the record to store; None where the old one says the same."""
    if old is None:
        return replace(new, created=now, version=1)
    if old.said == new.said:
        return None
    return replace(new, created=now, version=old.version + 1, earlier=_history(old))


def rolled_back(record: Record, now: float) -> Record | None:
    """Return the record as it was before its last change, as a new version; None if there is no former one."""
    if not record.earlier:
        return None
    before, *older = record.earlier
    fields = {**before, "questions": tuple(before["questions"]), "tags": tuple(before["tags"])}
    return Record(**{**fields, "created": now, "version": record.version + 1, "earlier": tuple(older)})


def encode(record: Record) -> str:
    """Write as JSON with a format version."""
    return json.dumps({"format": _FORMAT, **asdict(record)}, separators=(",", ":"))


def decode(text: str) -> Record:
    """Read an encoded record; raises CorruptEntryError for any other text."""
    try:
        fields = json.loads(text)
        if fields.pop("format") != _FORMAT:
            raise CorruptEntryError("record of another format")
        for name in ("questions", "tags", "vectors", "earlier"):
            fields[name] = tuple(fields[name])
        return Record(**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptEntryError("not a record of a curated answer") from error


def _history(old: Record) -> tuple[Mapping[str, Any], ...]:
    before = {**old.said, "created": old.created, "version": old.version}
    return (before, *old.earlier)[:VERSIONS]


def _needs(request: ChatRequest) -> tuple[bool, bool, bool]:
    """Whether a request brings tools, has earlier turns, and asks for a format."""
    tools, formats = (
        any(request.params.get(name) not in (None, [], {}, "none") for name in names) for names in (_TOOLS, _FORMATS)
    )
    return tools, any(message.get("role") not in _SYSTEM for message in request.messages[:-1]), formats


def _system(request: ChatRequest) -> str:
    """Return the text of the system prompt."""
    system = (message for message in request.messages[:-1] if message.get("role") in _SYSTEM)
    return "\n".join(text_of(message.get("content")) for message in system)
