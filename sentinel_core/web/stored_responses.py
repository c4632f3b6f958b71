"""Responses kept for `previous_response_id`: entries of a scope of their own, bound to namespace and end user."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request

from sentinel_core.cache.entry import Entry
from sentinel_core.cache.personal_data import find_aside
from sentinel_core.cache.scope import Query, canonical_json
from sentinel_core.chat.messages import Completion, Json, Message
from sentinel_core.errors import CacheError, NotFoundError, ServiceUnavailableError, StoreError
from sentinel_core.support.off_loop import off_loop
from sentinel_core.web.body_limits import is_large
from sentinel_core.web.context import caller, context_of
from sentinel_core.web.end_users import name_of
from sentinel_core.web.service import Service

KEPT_SECONDS = 86_400.0
"""A day; OpenAI keeps responses for 30 days."""
MOST_BYTES = 1_048_576
"""Of one kept response with its conversation; a larger one is not kept."""
_ID = re.compile(r"resp_[0-9a-f]{24}")
_ITEM = re.compile(r"[a-z]{1,8}_([0-9a-f]{24})_[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Kept:
    """
    A response, its `input` items, and the conversation up to its end as chat messages, without instructions.

    `conversation` is the same as items, None where a provider was asked by chat. `is_large` says to work on it
    outside the event loop.
    """

    response: Mapping[str, Json]
    items: Json
    messages: Sequence[Message]
    is_large: bool = False
    conversation: Sequence[Json] | None = None


@dataclass(frozen=True, slots=True)
class StoredResponses:
    """The kept responses of one caller and end user."""

    service: Service
    request: Request
    hints: Mapping[str, Json]

    async def load(self, response_id: str, *, param: str | None = None) -> Kept:
        """Return a kept response; raises NotFoundError for an unknown id, which another user's is, too."""
        entry: Entry | None = None
        if _ID.fullmatch(response_id):
            try:
                entry = await self.service.stored.store.load(self._query(response_id))
            except StoreError as error:
                raise ServiceUnavailableError("kept responses cannot be read now", what="store") from error
        text = "" if entry is None else str(entry.completion.message.get("kept", ""))
        if not text or entry is None or entry.age(self.service.clock.now()) >= entry.ttl:
            raise NotFoundError(
                f"no response with id {response_id[:64]!r} is kept", code="previous_response_not_found", param=param
            )
        is_long = is_large(text.encode())
        kept = await off_loop(partial(json.loads, text), is_large=is_long)
        return Kept(kept["response"], kept["items"], kept["messages"], is_long, kept.get("conversation"))

    async def load_item(self, item_id: str, *, param: str) -> Json:
        """Return an output item of a kept response by its id; raises NotFoundError."""
        match = _ITEM.fullmatch(item_id)
        kept = await self.load(f"resp_{match[1]}" if match else item_id, param=param)
        output = kept.response["output"]
        for item in output if isinstance(output, list) else ():
            if isinstance(item, dict) and item.get("id") == item_id:
                return item
        raise NotFoundError(f"no item with id {item_id[:64]!r} is kept", code="item_not_found", param=param)

    async def save(self, kept: Kept) -> None:
        """Keep a response, unless it is too large or holds personal data that must not be kept; never raises."""
        written = await off_loop(partial(_written, kept), is_large=context_of(self.request.scope).is_large)
        if len(written) > MOST_BYTES:
            return
        # As one text: a store counts and writes the objects of an entry on the event loop.
        message: dict[str, Json] = {"role": "assistant", "kept": written.decode()}
        if self.service.privacy.mode != "allow" and await find_aside(written.decode()):
            return
        response_id = str(kept.response["id"])
        completion = Completion("sentinel", str(kept.response["model"]), message, "stop")
        author = self._author()
        entry = Entry(
            prompt=response_id,
            completion=completion,
            created=self.service.clock.now(),
            ttl=KEPT_SECONDS,
            author=author or None,
            is_personal=bool(author),
            key="" if (key := caller(self.request).key) is None else key.id,
        )
        with suppress(CacheError):
            await self.service.stored.store.save(self._query(response_id), entry, None)

    async def delete(self, response_id: str) -> None:
        """Delete a kept response; raises NotFoundError."""
        await self.load(response_id)
        query = self._query(response_id)
        try:
            await self.service.stored.inventory.delete(query.namespace, query.fingerprint, query.digest)
        except StoreError as error:
            raise ServiceUnavailableError("kept responses cannot be deleted now", what="store") from error

    def _author(self) -> str:
        name = name_of(self.request.headers, self.hints)
        return "" if name is None else self.service.end_users.pseudonym(name, caller(self.request))

    def _query(self, response_id: str) -> Query:
        fingerprint = hashlib.sha256(f"responses:{self._author()}".encode()).hexdigest()
        digest = hashlib.sha256(response_id.encode("utf-8", "surrogatepass")).hexdigest()
        return Query(caller(self.request).namespace, fingerprint, response_id, digest)


def _written(kept: Kept) -> bytes:
    messages: Json = [dict(each) for each in kept.messages]
    fields: dict[str, Json] = {"response": dict(kept.response), "items": kept.items, "messages": messages}
    return canonical_json(fields if kept.conversation is None else {**fields, "conversation": [*kept.conversation]})
