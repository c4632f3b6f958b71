"""The caller's cache directives, from headers and bodies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sentinel_core.errors import InvalidRequestError


@dataclass(frozen=True, slots=True)
class Directives:
    """
    The caller's `Cache-Control` (RFC 9111 section 5.2.1, RFC 5861), in seconds where a number.

    `no_cache` forbids reuse without validation; nothing here can be validated, so it means: ask the
    provider, and store the new answer. `no_store` still allows reuse of stored answers.
    `longest_age` is the operator's: a policy's lifetime holds for answers that others have stored, too.
    """

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age: float = math.inf
    stale_if_error: float | None = None
    stale_while_revalidate: float | None = None
    longest_age: float = math.inf

    @classmethod
    def parse(cls, value: str) -> Directives:
        """
        Read a header's value.

        Unknown directives are ignored; of one given twice the stricter counts. A bad number raises
        InvalidRequestError.
        """
        if not value:
            return NO_DIRECTIVES
        given = [_directive(member) for member in value.split(",")]
        names = {name for name, _ in given}
        max_age = _seconds(given, "max-age")
        return cls(
            no_cache="no-cache" in names,
            no_store="no-store" in names,
            only_if_cached="only-if-cached" in names,
            max_age=math.inf if max_age is None else max_age,
            stale_if_error=_seconds(given, "stale-if-error"),
            stale_while_revalidate=_seconds(given, "stale-while-revalidate"),
        )


NO_DIRECTIVES = Directives()


def _directive(member: str) -> tuple[str, str]:
    name, _, value = member.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _seconds(given: Sequence[tuple[str, str]], name: str) -> float | None:
    texts = [value for directive, value in given if directive == name]
    if not all(text.isascii() and text.isdigit() for text in texts):
        message = f"Cache-Control: {name} must be a whole number of seconds"
        raise InvalidRequestError(message, code="invalid_header", param="Cache-Control")
    return min(map(float, texts), default=None)


@dataclass(frozen=True, slots=True)
class Controls:
    """
    The caller's options; `ttl` in seconds, `threshold` a cosine.

    Calls of `read_only_tools` may be repeated. `tool_ttls` are seconds by function.
    `chat_scope` is as in `Rules`, None for the operator's.
    With `no_eager` the provider is asked only once a miss is sure.
    """

    directives: Directives = NO_DIRECTIVES
    threshold: float | None = None
    ttl: float | None = None
    tags: tuple[str, ...] = field(default=())
    read_only_tools: tuple[str, ...] = ()
    chat_scope: int | None = None
    tool_ttls: tuple[tuple[str, float], ...] = ()
    no_eager: bool = False

    def no_older_than(self, age: float) -> Controls:
        """Return these with the operator's longest age of answers."""
        return replace(self, directives=replace(self.directives, longest_age=age))

    def within(self, lifetime: float) -> Controls:
        """Return these for an answer that is good for `lifetime` seconds at most."""
        directives = replace(self.directives, max_age=min(self.directives.max_age, lifetime))
        return replace(self, directives=directives, ttl=lifetime if self.ttl is None else min(self.ttl, lifetime))
