"""Errors of a body that breaks its model's rules: the field, the rule, and the field that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sentinel_core.errors import InvalidRequestError

_LONGEST_PATH = 200  # the names in it are the caller's
_LONGEST_NAME = 64
_MOST_NAMES = 64
"""Fields of the caller that are compared with the known ones."""

_KIND = re.compile(r"str|int|float|bool|TextPart|OtherPart|(?:list|dict|union|function-\w+|constrained-\w+)(?:\[.*\])?")
"""Names of kinds in locations of a value that may be of several."""

_Location: TypeAlias = Sequence[int | str]


def from_validation(error: ValidationError, *, status: int, model: Any = None) -> InvalidRequestError:
    """
    Name the first field that breaks a rule, and the rule; never the value.

    A misspelt name comes with the one that was probably meant, as far as `model`, the body's, knows it.
    """
    problems = error.errors(include_url=False, include_context=False)
    problem = _misspelt(problems) or _nearest(problems)
    rule = problem["msg"].removeprefix("Value error, ").removeprefix("Invalid JSON: ")
    if problem["type"] == "json_invalid":
        is_empty = rule.startswith("EOF") and rule.endswith("line 1 column 0")
        message = "the body is empty; it must be JSON" if is_empty else f"the body is not JSON: {rule}"
        return InvalidRequestError(message, code="invalid_json")
    param = _path(problem["loc"])
    message = f"{param}: {rule}" if param else rule
    return InvalidRequestError(
        f"{message}{_guess(problem, model)}", code=problem["type"], param=param or None, status=status
    )


def _misspelt(problems: Iterable[ErrorDetails]) -> ErrorDetails | None:
    """Return the unknown field that stands in place of the first one, which is missing; None if that is none."""
    first, *others = problems
    if first["type"] != "missing":
        return None
    beside = {each["loc"][-1]: each for each in others if _is_unknown(each) and each["loc"][:-1] == first["loc"][:-1]}
    close = _close(str(first["loc"][-1]), [str(name) for name in beside])
    return beside[close[0]] if close else None


def _nearest(problems: Sequence[ErrorDetails]) -> ErrorDetails:
    """
    Return the first problem; where a value may be of several kinds, that of the kind which it comes nearest to.

    pydantic names a problem for each kind, and the kind in its location: the caller knows neither.
    """
    first = problems[0]
    at = next((at for at, part in enumerate(first["loc"]) if _is_kind(part) and not _is_unknown(first)), None)
    if at is None:
        return first
    others = [each for each in problems if each["loc"][:at] == first["loc"][:at] and len(each["loc"]) > at]
    found = max(others, key=lambda each: len(each["loc"]))
    location = tuple(part for part in found["loc"] if not _is_kind(part))
    rules = dict.fromkeys(each["msg"].removeprefix("Input should be ") for each in others if len(each["loc"]) == at + 1)
    is_no_kind = len(found["loc"]) == at + 1 and len(rules) > 1
    return {**found, "loc": location, "msg": f"Input should be {' or '.join(rules)}" if is_no_kind else found["msg"]}


def _is_kind(part: int | str) -> bool:
    return isinstance(part, str) and _KIND.fullmatch(part) is not None


def _is_unknown(problem: ErrorDetails) -> bool:
    return problem["type"] == "extra_forbidden"


def _guess(problem: ErrorDetails, model: Any) -> str:
    """Return the end of a message: what a misspelt field was meant to be; "" where none is spelt alike."""
    *above, name = problem["loc"] or ("",)
    here, given = _model_at(model, above), problem["input"]
    if _is_unknown(problem) and here is not None:
        meant = [_path((*above, *path)) for path in _known(here, str(name))]
        return f"; did you mean {' or '.join(meant)}?" if meant else ""
    if problem["type"] == "missing" and isinstance(given, Mapping):
        known = () if here is None else here.model_fields
        sent = _close(str(name), [each for each in [*given][:_MOST_NAMES] if each not in known])
        return f" (you sent {sent[0][:_LONGEST_NAME]})" if sent else ""
    return ""


def _known(model: type[BaseModel], name: str) -> list[tuple[str, ...]]:
    """Return the fields that an unknown name stands for: those of the same name one step below, or one spelt alike."""
    below = [(field, name) for field, inner in _models(model) if name in inner.model_fields]
    return [*below] or [(each,) for each in _close(name, model.model_fields)]


def _close(name: str, known: Collection[str]) -> list[str]:
    return get_close_matches(name[:_LONGEST_NAME], known, 1, 0.7)


def _models(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the fields that are models themselves."""
    for name, field in model.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield name, kind


def _model_at(model: Any, location: _Location) -> type[BaseModel] | None:
    """Return the model at a location of the body, None where there is none, or several."""
    here = model if isinstance(model, type) and issubclass(model, BaseModel) else None
    for part in location:
        found = None if here is None else [inner for name, inner in _models(here) if name == part]
        here = found[0] if found else None
    return here


def _path(location: _Location) -> str:
    """Write a location as OpenAI's errors do: `messages[0].content`."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.lstrip(".")[:_LONGEST_PATH]
