"""Names errors in settings: the variable and the rule it breaks, never its value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

_RULES: Mapping[str, str] = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "string_too_short": "must have {min_length} characters or more",
    "too_short": "must have {min_length} characters or more",
    "string_too_long": "must have {max_length} characters or fewer",
    "literal_error": "must be {expected}",
}
"""Our words for pydantic's kinds of errors; their fields are those of `ctx`."""

SHAPES: Mapping[str, str] = {
    "judge": "must be provider/model, as groq/llama-3.1-8b-instant",
    "judge_errors": "must be wrong/asked of different and of equal pairs, as 2/100,8/100",
    "base_path": "must be empty, or a path that begins with / and does not end with it, as /ai",
    "chat_scope": "must be full, standalone or last:N with a number of messages, as last:4",
    "stage": "must be up to 32 letters, digits, hyphens and underscores",
}
"""Our words for the patterns of settings."""

PREFIX = "SENTINEL_"
_NEAR = 0.7
"""Least likeness (difflib's ratio) of a name that is suggested."""


def unknown_settings(names: Iterable[str], known: Collection[str]) -> str:
    """Name unknown settings, each with the known one that is spelt most alike."""
    by_rest = {each.removeprefix(PREFIX): each for each in known}
    return f"unknown setting: {', '.join(f'{name}{_like(name.removeprefix(PREFIX), by_rest)}' for name in names)}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean X?)`, or nothing if no known name is spelt alike."""
    return _like(name, {each: each for each in known})


def _like(name: str, known: Mapping[str, str]) -> str:
    by_fold = {each.casefold(): shown for each, shown in known.items()}
    close = get_close_matches(name.casefold(), by_fold, 1, _NEAR)
    return f" (did you mean {by_fold[close[0]]}?)" if close else ""


def complaints(problems: Iterable[ErrorDetails], variable_of: Callable[[tuple[int | str, ...]], str]) -> list[str]:
    """Return a line for each problem: the variable, if there is one, and the rule."""
    return [": ".join(filter(None, (variable_of(each["loc"]), _rule(each)))) for each in problems]


def _rule(problem: ErrorDetails) -> str:
    context = {name: _number(value) for name, value in problem.get("ctx", {}).items()}
    if problem["type"] == "string_pattern_mismatch":
        return SHAPES[str(problem["loc"][0])]
    template = _RULES.get(problem["type"])
    if template is None:
        return problem["msg"].removeprefix("Value error, ")
    return template.format_map(context) + _near_option(problem)


def _number(value: Any) -> Any:
    """Show a whole bound without its decimal point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _near_option(problem: ErrorDetails) -> str:
    """Suggest an option for a value that is spelt like it; a value unlike all of them is not hinted at."""
    if problem["type"] != "literal_error" or not isinstance(problem.get("input"), str):
        return ""
    return suggestion(problem["input"], problem["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))
