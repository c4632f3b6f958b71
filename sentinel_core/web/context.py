"""The facts of one HTTP request that layers and routes share, under one key of the ASGI scope."""

from __future__ import annotations

import math
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from starlette.requests import Request

    from sentinel_core.tenants.api_key import Caller
    from sentinel_core.tenants.limits import KeyMeter
    from sentinel_core.web.body_room import BodyPlace
    from sentinel_core.web.repeats import Place, Repeat

_KEY = "sentinel"

RawHeaders: TypeAlias = Iterable[tuple[bytes, bytes]]
"""Names in lower case, and values, as an ASGI server gives them."""


@dataclass(slots=True)
class RequestContext:
    """
    Facts of one request; `started` and `deadline` are readings of the monotonic clock in seconds.

    `deadline` is the platform's, infinite without one; `is_buffered` says that it hands answers
    over whole. `caller` is None until the request is authenticated.
    `meters` count the request against the key's limits; the authentication layer closes them. `is_large` says to
    work on the body outside the event loop. `keeps_nothing` says that the caller forbids to store the request.
    `body` is the room its body takes, which is given back with them.
    `repeat` is an earlier request with the same bytes, and `place` where this one may be remembered.
    `origin` is the caller's address, `noted` what the audit log is to say, `hint` what the caller may have got wrong.
    """

    request_id: str = ""
    started: float = 0.0
    deadline: float = math.inf
    caller: Caller | None = None
    is_large: bool = False
    is_buffered: bool = False
    keeps_nothing: bool = False
    origin: str = ""
    noted: dict[str, Any] | None = None
    hint: str | None = None
    meters: list[KeyMeter] = field(default_factory=list)
    body: BodyPlace | None = None
    repeat: Repeat | None = None
    place: Place | None = None

    @property
    def authenticated(self) -> Caller:
        """The caller, on a route behind the authentication layer."""
        assert self.caller is not None  # noqa: S101  no route runs before authentication
        return self.caller

    def deadline_within(self, timeout: float) -> float:
        """Return when an answer ends that may take `timeout` seconds: by the platform's deadline at the latest."""
        return min(self.started + timeout, self.deadline)

    @property
    def tenant(self) -> str | None:
        """The tenant of the caller's key; None without a key."""
        return None if self.caller is None or self.caller.key is None else self.caller.key.tenant


def context_of(scope: MutableMapping[str, Any]) -> RequestContext:
    """Return the context of the request with this ASGI scope, made on first use."""
    context: RequestContext | None = scope.get(_KEY)
    if context is None:
        context = scope[_KEY] = RequestContext()
    return context


def first(headers: RawHeaders, name: bytes) -> bytes:
    """Return the first header of a name, b"" without one; Starlette's headers and generators take twice as long."""
    for each, value in headers:
        if each == name:
            return value
    return b""


def caller(request: Request) -> Caller:
    """Return the authenticated caller of a request."""
    return context_of(request.scope).authenticated
