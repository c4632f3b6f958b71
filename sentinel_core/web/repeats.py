"""Remembers requests that stored answers answered: the same bytes again are not parsed and planned again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.types import Scope

from sentinel_core.cache.answer import Answer, CacheRequest
from sentinel_core.cache.outcome import Hit, HitKind
from sentinel_core.cache.purge import Purge
from sentinel_core.chat.messages import ChatRequest
from sentinel_core.gateway.repeated import Repeated
from sentinel_core.support.fair_map import FairMap
from sentinel_core.tenants.api_key import Caller
from sentinel_core.tenants.policy import Policy
from sentinel_core.web import azure_paths, cache_options, end_users
from sentinel_core.web.context import RequestContext, context_of

if TYPE_CHECKING:
    from sentinel_core.web.pages import Page

PATHS = frozenset({"/v1/query", "/v1/chat/completions"})
"""Routes whose requests are remembered: all that decides their answers is in body, caller, policy and `_HEADERS`."""

MOST_REPEATS = 2_048
LONGEST = 1_000
"""Bytes of a body; with it about 6 kB are held, of two thousand about 12 MB."""

_HEADERS = cache_options.STEERING | {end_users.HEADER.encode()}

Place: TypeAlias = tuple[str, bytes, object, tuple[tuple[bytes, bytes], ...]]


@dataclass(slots=True)
class Repeat:
    """One request as it was planned, for this `caller` under this `policy`; `page` is that of its last exact hit."""

    body: Any
    chat: ChatRequest
    hint: str | None
    caller: Caller
    policy: Policy
    repeated: Repeated
    page: Page | None = None


class Repeats:
    """
    Recent requests that an exact hit answered, of `most` bodies; what is theirs is shared between no callers.

    To a repeated exact hit this saves a third of its processor time. An answer is not kept: each request is
    authenticated, counted, limited, looked up and recorded as ever. Not remembered are requests with `no-store`, with
    personal data to mask, and large ones.
    """

    def __init__(self, most: int = MOST_REPEATS) -> None:
        self._held: FairMap[Place, Repeat] = FairMap(most)

    def __len__(self) -> int:
        return len(self._held)

    def find(self, scope: Scope, raw: bytes, policy: Policy) -> Repeat | None:
        """Return the request with the same bytes, under the same policy; else note in the context what may be kept."""
        context = context_of(scope)
        if len(raw) > LONGEST or context.caller is None:
            return None
        named = tuple([header for header in scope["headers"] if header[0] in _HEADERS])
        place = scope["path"], raw, scope.get(azure_paths.MODEL), named
        owner = context.caller.namespace
        found = self._held.peek(owner, place)
        if found is None or found.caller is not context.caller or found.policy is not policy:
            context.place = place
            return None
        self._held.use(owner, place)
        context.repeat, context.hint = found, found.hint
        return found

    def keep(self, context: RequestContext, policy: Policy, body: Any, ask: CacheRequest, answer: Answer) -> None:
        """Remember a request that an exact hit answered."""
        place, outcome = context.place, answer.outcome
        is_exact = isinstance(outcome, Hit) and outcome.kind is HitKind.EXACT
        if place is None or not is_exact or context.keeps_nothing or ask.masked is not None:
            return
        caller = context.authenticated
        kept = Repeat(body, ask.request, context.hint, caller, policy, Repeated(replace(ask, meter=None)))
        self._held.put(caller.namespace, place, kept)

    def erase(self, purge: Purge) -> None:
        """Forget the requests of the purge's namespace, for they may be the erased writer's."""
        self._held.drop(purge.namespace)
