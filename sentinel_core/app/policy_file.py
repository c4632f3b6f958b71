"""
Reads the policy from YAML.

    rules:
      - tenant: acme            # selectors: key, tenant, tag, model, route; without any it holds for all
        model: groq/openai/gpt-oss-20b
        set: {mode: exact, ttl_seconds: 600}
    experiment: {name: looser, share: 0.1, set: {max_wrong: 0.05}}  # for a share of callers, by a hash of them
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from threading import Thread
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sentinel_core.cache.operator_rules import NO_JUDGE, Mode
from sentinel_core.errors import ConfigurationError
from sentinel_core.support.clock import Clock
from sentinel_core.tenants.api_key import UserScope
from sentinel_core.tenants.policy import EXPERIMENT, NAMES, SELECTORS, Effects, PersonalData, Policy, Rule

_log = logging.getLogger("sentinel")
MOST_RULES = 10_000
MOST_BYTES = 5_000_000
MOST_PROBLEMS = 50
RELOAD_SECONDS = 1.0


_SELECTORS = tuple(name for name in SELECTORS if name != EXPERIMENT)
_OF_EXPERIMENTS = ("mode", "max_wrong", "threshold", "ttl_seconds", "tool_ttl_seconds", "volatile_words")

ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
ToolSeconds = Annotated[float, Field(ge=0, le=31_536_000)]


class _Effects(BaseModel):
    """The values a rule may set, with their bounds."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)

    mode: Mode | None = None
    max_wrong: float | None = Field(None, gt=0, le=1)
    threshold: float | None = Field(None, ge=0, le=1)
    ttl_seconds: float | None = Field(None, gt=0, le=31_536_000)
    tool_ttl_seconds: dict[ToolName, ToolSeconds] | None = Field(None, max_length=64)
    volatile_words: list[str] | None = Field(None, max_length=1_000)
    user_scope: UserScope | None = None
    personal_data: PersonalData | None = None
    mask_upstream: Literal["on", "off"] | None = None
    judge: str | None = Field(None, max_length=200, pattern=r"^(?:off|[a-z_]+/\S+)$")
    audit_share: float | None = Field(None, ge=0, le=1)


class _Problems:
    """The errors of a policy so far."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, node: yaml.Node, message: str) -> None:
        self.found.append(f"SENTINEL_POLICY: line {node.start_mark.line + 1}: {message}")

    def check(self) -> None:
        """Raise ConfigurationError with the errors, a line each; of many, the first and the number of the rest."""
        more = len(self.found) - MOST_PROBLEMS
        if self.found:
            rest = [f"SENTINEL_POLICY: and {more} more errors"] if more > 0 else []
            raise ConfigurationError("\n".join([*self.found[:MOST_PROBLEMS], *rest]))


class PolicySource:
    """A policy in a file, read again if it changes, or the text of one; a wrong new file leaves the old in force."""

    def __init__(self, source: str, base: Effects, *, clock: Clock, providers: Collection[str] = ()) -> None:
        """Read the policy, which may name judges of these providers; raises ConfigurationError with line and field."""
        self._base = base
        self._providers = providers
        self._path = None if "\n" in source else Path(source)
        self._monotonic = clock.monotonic
        self._checked = clock.monotonic()
        self._stamp = self._stamped()
        self._policy = self._made(source if self._path is None else text_of(self._path))

    def current(self) -> Policy:
        """Return the policy in force; once a second look for a new file, and read it in a thread."""
        now = self._monotonic()
        if self._path is not None and now - self._checked >= RELOAD_SECONDS:
            self._checked = now
            stamp = self._stamped()
            if stamp != self._stamp:
                self._stamp = stamp
                Thread(target=self._read, args=(self._path,), daemon=True).start()
        return self._policy

    def _read(self, path: Path) -> None:
        try:
            self._policy = self._made(text_of(path))
        except ConfigurationError as error:
            _log.error("policy.refused", extra={"fields": {"reason": str(error)}})
        else:
            _log.info("policy.loaded")

    def _made(self, text: str) -> Policy:
        rules = read(text)
        for rule in rules:
            check_judge(rule, self._base, self._providers)
        return Policy(rules, self._base)

    def _stamped(self) -> tuple[int, int] | None:
        try:
            stat = None if self._path is None else self._path.stat()
        except OSError:
            return None
        return None if stat is None else (stat.st_mtime_ns, stat.st_size)


def read(text: str) -> Sequence[Rule]:
    """Return the rules of a policy; raises ConfigurationError with the line and field of each error."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0)
        raise ConfigurationError(f"SENTINEL_POLICY: line {line + 1}: is not YAML") from error
    problems = _Problems()
    fields = {} if root is None else dict(_fields(root, ("rules", EXPERIMENT), problems))
    nodes = fields.get("rules")
    rules: list[Rule] = []
    if nodes is not None and (not isinstance(nodes, yaml.SequenceNode) or len(nodes.value) > MOST_RULES):
        problems.add(nodes, f"rules: must be a list of up to {MOST_RULES:,} rules")
    elif nodes is not None:
        rules = [rule for node in nodes.value if (rule := _rule(node, problems)) is not None]
    if EXPERIMENT in fields and (experiment := _experiment(fields[EXPERIMENT], problems)) is not None:
        rules.append(experiment)
    try:
        Policy(rules)
    except ConfigurationError as error:
        problems.found.append(f"SENTINEL_POLICY: {error}")
    problems.check()
    return rules


def check_judge(rule: Rule, base: Effects, providers: Collection[str]) -> None:
    """Raise ConfigurationError for a judge or audits that this server cannot have."""
    judge, share = rule.effects.judge, rule.effects.audit_share
    field = "judge" if judge not in (None, NO_JUDGE) else "audit_share" if share else None
    if field is not None and base.judge is None:
        raise ConfigurationError(f"SENTINEL_POLICY: line {rule.line}: set.{field}: needs SENTINEL_JUDGE")
    name = (judge or "").partition("/")[0]
    if field == "judge" and name not in providers:
        raise ConfigurationError(f"SENTINEL_POLICY: line {rule.line}: set.judge: {name} is not configured; set its key")


def text_of(path: Path) -> str:
    """Return the text of a file; raises ConfigurationError if it is too large or cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigurationError(f"SENTINEL_POLICY: is larger than {MOST_BYTES:,} bytes")
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"SENTINEL_POLICY: cannot read {path}") from error


def _rule(node: yaml.Node, problems: _Problems) -> Rule | None:
    """Return a rule; None for one with an error, which is added."""
    before = len(problems.found)
    fields = dict(_fields(node, (*_SELECTORS, "set"), problems))
    if "set" not in fields and isinstance(node, yaml.MappingNode):
        problems.add(node, "set: is missing")
    selectors = {name: _selected(name, value, problems) for name, value in fields.items() if name != "set"}
    effects = _effects(fields["set"], NAMES, problems) if "set" in fields else Effects()
    if effects.judge is not None and "tag" in selectors:
        problems.add(
            fields["set"], "set.judge: a rule by tag may only be stricter, and no judge is stricter than another"
        )
    return Rule(node.start_mark.line + 1, selectors, effects) if len(problems.found) == before else None


def _experiment(node: yaml.Node, problems: _Problems) -> Rule | None:
    """Return the rule that an experiment is; it may set values of the cache only, and none of privacy or rights."""
    before = len(problems.found)
    fields = dict(_fields(node, ("name", "share", "set"), problems))
    for name in ("name", "share", "set"):
        if name not in fields and isinstance(node, yaml.MappingNode):
            problems.add(node, f"{EXPERIMENT}.{name}: is missing")
    if len(problems.found) > before:
        return None
    name, share = _selected("name", fields["name"], problems), _value(fields["share"], problems)
    if re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name) is None:
        problems.add(fields["name"], "name: must be 1 to 64 letters, digits, dots, hyphens and underscores")
    if type(share) is not float or not 0 < share < 1:
        problems.add(fields["share"], "share: must be a number between 0 and 1")
    effects = _effects(fields["set"], _OF_EXPERIMENTS, problems)
    if effects == Effects():
        problems.add(fields["set"], "set: must set a value")
    made = Rule(node.start_mark.line + 1, {EXPERIMENT: name}, effects, share if type(share) is float else 0.0)
    return made if len(problems.found) == before else None


def _effects(node: yaml.Node, names: Sequence[str], problems: _Problems) -> Effects:
    effects = dict(_fields(node, names, problems))
    values = {name: _value(value, problems) for name, value in effects.items()}
    try:
        checked = _Effects.model_validate(values)
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = str(problem["loc"][0])
            problems.add(effects.get(name, node), f"set.{name}: {problem['msg']}")
        return Effects()
    words = checked.volatile_words
    by_tool = checked.tool_ttl_seconds
    made = {
        **checked.model_dump(),
        "volatile_words": None if words is None else tuple(words),
        "tool_ttl_seconds": None if by_tool is None else tuple(sorted(by_tool.items())),
    }
    return Effects(**made)


def _fields(node: yaml.Node, known: Sequence[str], problems: _Problems) -> Iterator[tuple[str, yaml.Node]]:
    """Yield the fields of a mapping; add errors for anything else, unknown names and repeated ones."""
    if not isinstance(node, yaml.MappingNode):
        problems.add(node, f"must be a mapping of {', '.join(known)}")
        return
    seen = set()
    for key, value in node.value:
        name = str(key.value)
        if name not in known:
            close = get_close_matches(name, known, 1)
            problems.add(key, f"{name}: unknown field" + (f" (did you mean {close[0]}?)" if close else ""))
        elif name in seen:
            problems.add(key, f"{name}: is given twice")
        else:
            seen.add(name)
            yield name, value


def _selected(name: str, node: yaml.Node, problems: _Problems) -> str:
    if not isinstance(node, yaml.ScalarNode) or not 0 < len(node.value) <= 256:
        problems.add(node, f"{name}: must be text of up to 256 characters")
        return ""
    return str(node.value)


def _value(node: yaml.Node, problems: _Problems) -> Any:
    """Return a node's value; `off` and `on` are words here, as in YAML 1.2."""
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:bool":
        return node.value
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_object(node, deep=True)
    except yaml.YAMLError:
        problems.add(node, "cannot be read")
        return None
    finally:
        loader.dispose()
    return float(value) if type(value) is int else value


def described(rules: Sequence[Rule]) -> Sequence[Mapping[str, object]]:
    """Return the rules as rows: name and the values they set."""
    return [
        {"rule": rule.name, **{name: value for name in NAMES if (value := getattr(rule.effects, name)) is not None}}
        for rule in rules
    ]
