"""Compares later turns of chats: an earlier turn that the cache answered counts as the prompt of its entry."""

from __future__ import annotations

from dataclasses import replace

from sentinel_core.cache import bypass, operator_rules
from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.decided import Reusing
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.cache.outcome import HitKind
from sentinel_core.cache.plan import place
from sentinel_core.cache.scope import Query, digest, is_plain_text
from sentinel_core.chat.messages import Message, text_of
from sentinel_core.gateway.conversations import Served
from sentinel_core.gateway.lookup import Lookup

MOST_CHARACTERS = 262_144
"""Of the conversations before remembered turns, which are hashed for each of them; turns beyond count as themselves."""


def note(lookup: Lookup, reusing: Reusing) -> None:
    """Remember that an entry of another prompt answers this one, unless the caller says `no-store`."""
    plan, entry = reusing.plan, reusing.entry
    if lookup.conversations is None or plan.query is None or plan.ask.controls.directives.no_store:
        return
    if reusing.outcome.kind is not HitKind.SEMANTIC:
        return
    answered = _answer(entry.completion.message)
    given = next((verdict for near, verdict in reusing.trace.judgements if near.entry is entry), None)
    if answered and given is not None:
        served = Served(entry.prompt.encode("utf-8", "surrogatepass"), reusing.outcome.similarity, given, plan.rules)
        lookup.conversations.note(plan.query, answered, served)


def counted(lookup: Lookup, rules: Rules, ask: CacheRequest, now: float) -> CacheRequest:
    """
    Return the request with its messages as they count.

    A user turn that an entry of another prompt answered before, with the very words that stand after it now, counts
    as that prompt: so two chats with the same questions share their later turns. The pair must pass again, by
    the labels and odds of now and under the same rules. Costs no round trip.
    """
    rules, messages = ask.rules or rules, list(ask.request.messages)
    known = lookup.conversations
    if known is None or len(messages) < 3 or not _may_compare(ask, rules):
        return ask
    left, is_changed = MOST_CHARACTERS, False
    for at in range(1, len(messages) - 1):
        asked, answered = _question(messages[at - 1]), _answer(messages[at])
        found = known.find(ask.namespace, asked, answered) if asked and answered else None
        if found is None:
            continue
        left -= sum(len(text_of(each.get("content"))) for each in messages[:at])
        if left < 0:
            break
        query = _place(ask, messages, at, rules)
        served = found.get(query.fingerprint)
        if served is not None and _passes(lookup, ask, query, served, rules, now):
            messages[at - 1] = {**messages[at - 1], "content": served.text}
            is_changed = True
    return replace(ask, counted=tuple(messages)) if is_changed else ask


def _may_compare(ask: CacheRequest, rules: Rules) -> bool:
    """Whether the last turn may be compared by meaning; the whole history must be equal where it may not."""
    return rules.mode == "semantic" and ask.masked is None and bypass.is_comparable(ask.request)


def _place(ask: CacheRequest, messages: list[Message], at: int, rules: Rules) -> Query:
    """Return the place of the answer that stands at a place of the conversation."""
    request = replace(ask.request, messages=ask.request.messages[:at])
    return place(replace(ask, request=request, counted=tuple(messages[:at])), rules)


def _passes(lookup: Lookup, ask: CacheRequest, query: Query, served: Served, rules: Rules, now: float) -> bool:
    if served.rules != rules or served.similarity < operator_rules.threshold(ask.controls, rules):
        return False
    stored = digest(served.text)
    given = lookup.known(query, stored, now, rules) or lookup.steered(query, stored, served.verdict, rules)
    return given.passed


def _question(message: Message) -> str:
    """Return a user's words, "" for anything else."""
    content = message.get("content")
    return text_of(content) if message.get("role") == "user" and is_plain_text(content) else ""


def _answer(message: Message) -> str:
    """Return an assistant's words, "" where it calls a tool or says anything but text."""
    content = message.get("content")
    calls = message.get("tool_calls") or message.get("function_call")
    is_text = message.get("role", "assistant") == "assistant" and is_plain_text(content) and not calls
    return text_of(content) if is_text else ""
