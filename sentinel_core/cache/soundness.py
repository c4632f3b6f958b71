"""Whether an answer is sound: finished, in the requested format, and the model's own words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sentinel_core.cache.schema_check import SchemaCheck
from sentinel_core.chat.messages import LONGEST_JSON, ChatRequest, Completion, Json
from sentinel_core.support.patterns import lazy, search_long

_SHORT = 400
_THOUGHT = lazy(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT_ENDS = {name: lazy(f"</{name}>", re.IGNORECASE) for name in ("think", "thinking", "thought", "reasoning")}
_CALL_MARK = lazy(
    r"<\|?/?(?:tool_calls?|tool▁calls▁begin|tool_call_begin|tool_calls_section_begin|python_tag|function_calls?)\|?>"
    r"|<｜tool|<function=|<invoke name=|\[TOOL_CALLS\]|<\|channel\|>|<\|start\|>|to=functions\.",
)
_SPECIAL = lazy(
    r"<\|(?:im_start|im_end|eot_id|endoftext|end_of_text|eom_id|end|return|assistant|user)\|>|<｜end",
)
_ERRORS = (
    r"(?:an? )?(?:api |upstream |internal |server |provider |unexpected )*error(?: occurred| code)?\b\s*[:(\d]",
    r"(?:http )?(?:error )?(?:4\d\d|5\d\d)[:,]? (?:bad|too|internal|service|gateway|unauthorized|forbidden|not)",
    r"an? (?:\w+ )?error (?:has )?occurred",
    r"(?:internal server error|bad gateway|service (?:is )?(?:temporarily )?unavailable|gateway time-?out)",
    r"(?:rate limit|quota) (?:reached|exceeded)",
    r"too many requests",
    r"you(?:'ve| have)? exceeded your",
    r"upstream (?:connect error|request timeout)",
    r"(?:the )?request (?:has )?timed out",
    r"(?:the )?(?:model|server|engine|service) is (?:\w+ly )?(?:overloaded|unavailable|busy|at capacity)",
    r"(?:sorry, )?something went wrong",
    r"(?:!doctype html|html)[^>]*>(?=.*(?:bad gateway|unavailable|error|timeout|cloudflare))",
)
_ERROR_TEXT = lazy(rf"\W*(?:{'|'.join(_ERRORS)})", re.IGNORECASE | re.DOTALL)
_ERROR_FIELDS = {"error", "errors", "message", "code", "status", "type", "detail", "details", "request_id", "success"}


def without_thoughts(text: str) -> str | None:
    """Return the text after the thoughts it begins with; None where they do not end."""
    begin = _THOUGHT.match(text)
    if begin is None:
        return text
    end = search_long(_THOUGHT_ENDS[begin[1].lower()], text)
    return None if end is None else text[end.end() :]


def calls_a_tool_in_text(completion: Completion, request: ChatRequest) -> bool:
    """Whether the text is a tool call, or marks of the model's template, which its server failed to take out."""
    text = completion.text.strip()
    if _CALL_MARK.match(text) or _SPECIAL.match(text) or _SPECIAL.search(text[-20:]):
        return True
    if not request.params.get("tools") and not request.params.get("functions"):
        return False
    return search_long(_CALL_MARK, text) is not None or _is_call(text)


def _is_call(text: str) -> bool:
    bare = text.removeprefix("```json").removeprefix("```").removesuffix("```")
    if len(bare) > LONGEST_JSON:
        return bare.lstrip()[:1] in ("{", "[")
    value = _parsed(bare)
    value = value[0] if isinstance(value, list) and value else value
    return isinstance(value, dict) and "name" in value and bool({"arguments", "parameters"} & value.keys())


def is_error_text(text: str) -> bool:
    """Whether a short text is a server's error in place of an answer."""
    text = text.strip()
    if len(text) > _SHORT:
        return False
    if text.startswith("{"):
        value = _parsed(text)
        return isinstance(value, dict) and bool({"error", "errors"} & value.keys()) and value.keys() <= _ERROR_FIELDS
    return _ERROR_TEXT.match(text) is not None


def breaks_format(text: str, request: ChatRequest) -> bool:
    """Whether `response_format` asked for JSON, or for a schema, and the text is none, or too long to tell."""
    wanted = request.params.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") not in ("json_object", "json_schema"):
        return False
    value = _parsed(text)
    if value is _NOT_JSON:
        return True
    if wanted["type"] == "json_object":
        return not isinstance(value, dict)
    return not SchemaCheck(_schema(wanted)).fits(value)


def _schema(wanted: Mapping[str, Json]) -> Mapping[str, Any]:
    """Return the schema where OpenAI puts it, or where others do."""
    wrapped = wanted.get("json_schema")
    schema = wrapped.get("schema", wrapped) if isinstance(wrapped, dict) else wanted.get("schema")
    return schema if isinstance(schema, dict) else {}


_NOT_JSON = object()


def _parsed(text: str) -> Any:
    if len(text) > LONGEST_JSON:
        return _NOT_JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOT_JSON
