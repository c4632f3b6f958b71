"""How long an answer may be served: fresh, or stale in two ways (RFC 9111, RFC 5861)."""

from __future__ import annotations

import math
from collections.abc import Collection

from sentinel_core.cache.curated import CuratedEntry
from sentinel_core.cache.directives import NO_DIRECTIVES, Controls, Directives
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.operator_rules import Rules


def is_fresh(entry: Entry, directives: Directives, now: float) -> bool:
    """RFC 9111 section 4.2: fresh while the lifetime exceeds the age, so an entry exactly `ttl` old is not."""
    return entry.age(now) < _lifetime(entry, directives)


def may_serve_stale(entry: Entry, directives: Directives, rules: Rules, now: float) -> bool:
    """
    Whether this entry may answer because the provider failed (RFC 5861 section 4).

    The caller's `stale-if-error` decides up to the operator's grace, after which entries are gone; it counts
    from where the entry stopped being fresh for this caller, whose `max-age` may be less than the ttl.
    A caller who limits the age without saying so gets no stale answer.
    """
    asked = directives.stale_if_error
    if asked is None and (directives.no_cache or directives.max_age < math.inf):
        return False
    allowed = rules.stale if asked is None else min(asked, rules.stale)
    return entry.age(now) < _lifetime(entry, directives) + allowed


def may_revalidate(entry: Entry, directives: Directives, rules: Rules, now: float) -> bool:
    """
    Whether this entry may answer at once, to be replaced behind the caller's back (RFC 5861 section 3).

    Only for callers who say so, and up to the operator's grace.
    """
    asked = directives.stale_while_revalidate
    if asked is None:
        return False
    return entry.age(now) < _lifetime(entry, directives) + min(asked, rules.stale)


def _lifetime(entry: Entry, directives: Directives) -> float:
    """Return how long this entry is fresh for this request; curated answers have lifetimes of their own."""
    if directives is NO_DIRECTIVES:
        return entry.ttl
    longest = math.inf if isinstance(entry, CuratedEntry) else directives.longest_age
    return min(entry.ttl, directives.max_age, longest)


def time_to_live(controls: Controls, rules: Rules, tools: Collection[str] = ()) -> float:
    """
    Return the lifetime in seconds of an answer that rests on these tools: the shortest of all that are named.

    A caller may ask for less than the operator's lifetime, never for more.
    """
    by_tool = [seconds for name, seconds in (*rules.tool_ttls, *controls.tool_ttls) if name in tools]
    return min([rules.ttl, *by_tool, *([] if controls.ttl is None else [controls.ttl])])


def is_in_time(waited: float, made: int, more: int, patience: float) -> bool:
    """
    Whether `more` round trips to the store end before a request has waited for it for `patience` seconds in all.

    Judged by the `made` it has `waited` for: a store that is slow now is slow a moment later.
    """
    return waited * (made + more) <= patience * made
