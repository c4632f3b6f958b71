"""Reads which end user a request names, and decides whether its answer is that user's alone."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from starlette.datastructures import Headers

from sentinel_core.cache import personal
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.outcome import BypassReason
from sentinel_core.chat.messages import Json
from sentinel_core.errors import InvalidRequestError
from sentinel_core.support.off_loop import JUDGING, off_loop
from sentinel_core.tenants.api_key import Caller, UserScope

HEADER = "x-sentinel-user"
LONGEST = 512
"""Characters of a name; longer ones are refused, because a cut name could be another user's."""

ALWAYS = "always"
"""The `personal` reason of a request whose key or gateway keeps all answers of a named user apart."""


@dataclass(frozen=True, slots=True)
class EndUsers:
    """
    The operator's rules for end users.

    `scope` holds for keys without their own. `without_user` decides on personal prompts that name no user:
    they share the namespace's answers, or skip the cache. Rules of `personal` named in `rules_off` do not count.
    """

    secret: bytes = b""
    scope: UserScope = "auto"
    without_user: Literal["share", "skip"] = "share"
    rules_off: frozenset[str] = frozenset()

    def pseudonym(self, name: str, caller: Caller) -> str:
        """
        Return the HMAC-SHA256 of a user's name under the gateway's secret, in hex.

        The tenant is part of it, so that users of equal names in a shared pool are two users.
        """
        return self.pseudonym_in(name, "" if caller.key is None else caller.key.tenant)

    def pseudonym_in(self, name: str, tenant: str) -> str:
        """Return the pseudonym of a tenant's user; the tenant is "" where no keys are asked for."""
        said = f"user:{tenant}:{name}".encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, said, hashlib.sha256).hexdigest()

    async def assigned(
        self, ask: CacheRequest, headers: Headers, caller: Caller, scope: UserScope | None = None
    ) -> CacheRequest:
        """
        Return the request with its author, and within that user's scope if its answer is personal.

        `scope` is a policy's, None for the key's or the setting's.

        Raises InvalidRequestError for a name that is not text, too long, or given twice.
        """
        scope = scope or self._scope(caller)
        name = name_of(headers, ask.request.hints)
        if name is None:
            return await self._anonymous(ask) if scope != "never" and self.without_user == "skip" else ask
        author = self.pseudonym(name, caller)
        reason = {"always": ALWAYS, "never": None}[scope] if scope != "auto" else await self._reason(ask)
        if reason is None:
            return replace(ask, author=author)
        return replace(ask, author=author, personal=reason, request=replace(ask.request, user=author))

    def _scope(self, caller: Caller) -> UserScope:
        return self.scope if caller.key is None or caller.key.user_scope is None else caller.key.user_scope

    async def _reason(self, ask: CacheRequest) -> str | None:
        """Read long turns in a thread, one piece each: eight of them take 0.2 s."""
        request, off = ask.request, self.rules_off
        has_tools = personal.TOOLS not in off and personal.has_free_tools(request)
        if has_tools or not (request.is_large or personal.is_long(request)):
            return personal.reason(request, off=off)
        found = [
            await off_loop(partial(personal.reasons, text), is_large=True, thread=JUDGING)
            for text in personal.turns(request)
        ]
        return personal.reason_among(found, off=off)

    async def _anonymous(self, ask: CacheRequest) -> CacheRequest:
        reason = await self._reason(ask)
        return ask if reason is None else replace(ask, personal=reason, bypass=BypassReason.PERSONAL)


def name_of(headers: Headers, hints: Mapping[str, Json]) -> str | None:
    """
    Return the end user's name: the header's, else `user`, `safety_identifier` or `metadata.user_id`; None without one.

    Raises InvalidRequestError for a name that is not text, too long, or given twice.
    """
    lines = dict.fromkeys(line for line in headers.getlist(HEADER) if line.strip())
    if len(lines) > 1:
        raise InvalidRequestError(f"{HEADER}: names two users", code="invalid_header", param=HEADER)
    if lines:
        return _checked(next(iter(lines)), HEADER, "invalid_header")
    if not hints:  # as of most requests
        return None
    metadata = hints.get("metadata")
    given = {
        "user": hints.get("user"),
        "safety_identifier": hints.get("safety_identifier"),
        "metadata.user_id": metadata.get("user_id") if isinstance(metadata, dict) else None,
    }
    return next((_checked(value, where, "invalid_user") for where, value in given.items() if _is_given(value)), None)


def _is_given(value: Json) -> bool:
    return value is not None and not (isinstance(value, str) and not value.strip())


def _checked(value: Json, where: str, code: str) -> str:
    name = str(value) if type(value) is int else value
    if not isinstance(name, str) or len(name) > LONGEST:
        raise InvalidRequestError(f"{where}: must be text of up to {LONGEST} characters", code=code, param=where)
    return name
