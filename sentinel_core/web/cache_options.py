"""Reads the caller's cache options from headers, and from a body's own fields."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from starlette.datastructures import Headers

from sentinel_core.cache import chat_scope
from sentinel_core.cache.directives import Controls, Directives
from sentinel_core.errors import InvalidRequestError

CACHE_CONTROL, THRESHOLD, TTL, TAG = "cache-control", "x-sentinel-threshold", "x-sentinel-ttl", "x-sentinel-tag"
READ_ONLY, CHAT_SCOPE, SOURCE = "x-sentinel-read-only-tools", "x-sentinel-chat-scope", "x-sentinel-source"
EAGER = "x-sentinel-eager"
TOOL_TTL = "x-sentinel-tool-ttl"
_NAMES = (CACHE_CONTROL, THRESHOLD, TTL, TAG, READ_ONLY, CHAT_SCOPE, SOURCE, EAGER, TOOL_TTL)
STEERING = frozenset(name.encode() for name in _NAMES)
SOURCE_PATTERN = r"^[A-Za-z0-9_./-]{1,48}$"
_SOURCE = re.compile(SOURCE_PATTERN)
TAG_PATTERN = r"^[A-Za-z0-9_.:/-]{1,64}$"
_TAG = re.compile(TAG_PATTERN)
_DIGITS = r"[0-9]{1,12}(\.[0-9]{1,12})?"
_NUMBER = re.compile(_DIGITS)
_MOST_TAGS = 8
_TOOL = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MOST_TOOLS = 64
_NO_CONTROLS = Controls()


def _described(name: str, description: str, pattern: str | None = None) -> dict[str, object]:
    rule = {} if pattern is None else {"pattern": pattern}
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string", **rule}}


DESCRIBED = {
    "parameters": [
        _described("Cache-Control", "no-cache, no-store, max-age, only-if-cached, stale-if-error, …"),
        _described(THRESHOLD, "Least similarity of a semantic hit, 0 to 1.", f"^({_DIGITS})?$"),
        _described(TTL, "Keep the answer for so many seconds at most.", f"^({_DIGITS})?$"),
        _described("x-sentinel-user", "The end user who asks; answers to personal prompts are theirs alone."),
        _described(READ_ONLY, f"Up to {_MOST_TOOLS} functions whose calls may be repeated, with commas between."),
        _described(TOOL_TTL, "Keep answers that rest on a function so many seconds at most: `name=seconds, …`."),
        _described(CHAT_SCOPE, "full, last:N or standalone: how much of a chat is compared; stricter only."),
        _described(
            EAGER, "off: ask the provider only once a miss is sure; on leaves it to the operator.", "^(on|off)?$"
        ),
        _described(SOURCE, f"Up to {_MOST_TAGS} documents that the answer rests on, as `doc@version`, with commas."),
        _described(TAG, f"Up to {_MOST_TAGS} tags to purge it by, with commas between."),
    ]
}
"""For the description of the routes that read them."""


def parse(
    headers: Headers,
    *,
    cache_control: str | None = None,
    threshold: float | None = None,
    ttl: float | None = None,
) -> Controls:
    """
    Read the headers, and take the stricter where the body says the same thing.

    Raises InvalidRequestError naming the header at fault.
    """
    lines = _lines(headers)
    if not lines and cache_control is None and threshold is None and ttl is None:
        return _NO_CONTROLS
    directives = ",".join(filter(None, (lines.get(CACHE_CONTROL), cache_control)))
    thresholds = [value for value in (threshold, _number(lines, THRESHOLD, least=0.0, most=1.0)) if value is not None]
    ttls = [value for value in (ttl, _number(lines, TTL, least=0.0, most=math.inf)) if value is not None]
    return Controls(
        directives=Directives.parse(directives),
        threshold=max(thresholds, default=None),
        ttl=min(ttls, default=None),
        tags=(*_tags(lines.get(TAG, "")), *_sources(lines.get(SOURCE, ""))),
        read_only_tools=_tools(lines.get(READ_ONLY, "")),
        chat_scope=_chat_scope(lines.get(CHAT_SCOPE, "")),
        tool_ttls=_tool_ttls(lines.get(TOOL_TTL, "")),
        no_eager=_no_eager(lines.get(EAGER, "")),
    )


def _lines(headers: Headers) -> dict[str, str]:
    """Pick the steering headers; a field sent in several lines is one with commas between (RFC 9110 section 5.3)."""
    lines: dict[str, str] = {}
    for raw, value in headers.raw:
        if raw in STEERING:
            name, text = raw.decode("latin-1"), value.decode("latin-1")
            lines[name] = f"{lines[name]},{text}" if name in lines else text
    return lines


def _number(lines: Mapping[str, str], name: str, *, least: float, most: float) -> float | None:
    text = lines.get(name)
    if not text:
        return None
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not least <= value <= most:
        raise _bad(name, f"must be a number from {least:g}" + ("" if math.isinf(most) else f" to {most:g}"))
    return value


def _tags(text: str) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(tag.strip() for tag in text.split(",") if tag.strip()))
    if len(tags) > _MOST_TAGS or not all(_TAG.fullmatch(tag) for tag in tags):
        raise _bad(TAG, f"must be up to {_MOST_TAGS} tags of 1 to 64 letters, digits and _.:/-, with commas between")
    return tags


def _tools(text: str) -> tuple[str, ...]:
    tools = tuple(sorted({tool.strip() for tool in text.split(",") if tool.strip()}))
    if len(tools) > _MOST_TOOLS or not all(_TOOL.fullmatch(tool) for tool in tools):
        raise _bad(READ_ONLY, f"must be up to {_MOST_TOOLS} names of functions, with commas between")
    return tools


def _tool_ttls(text: str) -> tuple[tuple[str, float], ...]:
    """Return the seconds by function, in the order of their names; the least of several counts."""
    pairs = [each.partition("=") for each in text.split(",") if each.strip()]
    named = sorted((name.strip(), seconds.strip()) for name, _, seconds in pairs)
    if len(named) > _MOST_TOOLS or not all(_TOOL.fullmatch(name) and _NUMBER.fullmatch(at) for name, at in named):
        raise _bad(TOOL_TTL, f"must be up to {_MOST_TOOLS} times name=seconds, with commas between")
    return tuple((name, float(seconds)) for name, seconds in named)


def _chat_scope(text: str) -> int | None:
    """Return the strictest of several."""
    try:
        return max((chat_scope.parse(each.strip()) for each in text.split(",") if each.strip()), default=None)
    except ValueError as error:
        raise _bad(CHAT_SCOPE, str(error)) from None


def _no_eager(text: str) -> bool:
    """Return whether any of several is off."""
    given = {each.strip() for each in text.split(",") if each.strip()}
    if not given <= {"on", "off"}:
        raise _bad(EAGER, "must be on or off")
    return "off" in given


def source_tag(source: str) -> str:
    """Return the tag of answers that rest on a document."""
    return f"source:{source}"


def version_tag(source: str, version: str) -> str:
    """Return the tag of answers that rest on this version of a document; no caller can give it by itself."""
    return f"source:{source}@{version}"


def _sources(text: str) -> tuple[str, ...]:
    named = [each.strip().partition("@") for each in text.split(",") if each.strip()]
    if len(named) > _MOST_TAGS or not all(_SOURCE.fullmatch(name) and _SOURCE.fullmatch(at) for name, _, at in named):
        raise _bad(SOURCE, f"must be up to {_MOST_TAGS} times doc@version, each of 1 to 48 letters, digits and _./-")
    tags = ((source_tag(name), version_tag(name, version)) for name, _, version in named)
    return tuple(dict.fromkeys(tag for both in tags for tag in both))


def _bad(name: str, rule: str) -> InvalidRequestError:
    return InvalidRequestError(f"{name} {rule}", code="invalid_header", param=name)
