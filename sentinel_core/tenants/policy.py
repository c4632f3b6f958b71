"""
The operator's policy: rules by key, tenant, tag, model and route, of which the most specific wins.

A rule sets some effects for the requests that all its selectors match. Each effect is taken from the matching rule
whose selectors come first in `SELECTORS`; a rule with a tag may only be stricter than the others, because callers
choose their tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from itertools import product
from typing import Any, Literal, NamedTuple, TypeAlias

from sentinel_core.cache.operator_rules import Mode
from sentinel_core.errors import ConfigurationError
from sentinel_core.tenants.api_key import UserScope

SELECTORS = ("key", "tenant", "experiment", "tag", "model", "route")
EXPERIMENT = "experiment"
"""The selector of the one rule that an experiment is; only policies themselves set it."""

PersonalData: TypeAlias = Literal["allow", "mask", "skip"]
_REMEMBERED = 4_096
_MODES: Sequence[Mode] = ("semantic", "exact", "shadow", "off")
_USER_SCOPES: Sequence[UserScope] = ("never", "auto", "always")
_PERSONAL_DATA: Sequence[PersonalData] = ("allow", "mask", "skip")
_SWITCH = ("off", "on")


class Facts(NamedTuple):
    """
    The facts of a request that selectors match; `keys` and `models` are the names of its key and model.

    `own_scope` is the user scope that its key was made with; only rules by key or tenant are as specific as that.
    `experiment` is the name of the one whose values hold for its caller, "" for none.
    """

    keys: tuple[str, ...]
    tenant: str
    tags: tuple[str, ...]
    models: tuple[str, ...]
    route: str
    own_scope: UserScope | None = None
    experiment: str = ""


@dataclass(frozen=True, slots=True)
class Effects:
    """The values a rule sets; None leaves a value as it is."""

    mode: Mode | None = None
    max_wrong: float | None = None
    threshold: float | None = None
    ttl_seconds: float | None = None
    tool_ttl_seconds: tuple[tuple[str, float], ...] | None = None
    volatile_words: tuple[str, ...] | None = None
    user_scope: UserScope | None = None
    personal_data: PersonalData | None = None
    mask_upstream: Literal["on", "off"] | None = None
    judge: str | None = None
    audit_share: float | None = None


NAMES = tuple(each.name for each in fields(Effects))

_NOT_OF_KEYS = tuple(name for name in NAMES if name != "user_scope")
"""Effects that a key has no value of its own for."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy; `line` is its place in the file, for messages, `share` the callers' of an experiment."""

    line: int
    selectors: Mapping[str, str]
    effects: Effects
    share: float = 0.0

    @property
    def is_by_caller(self) -> bool:
        """Whether the rule selects a key or a tenant."""
        return "key" in self.selectors or "tenant" in self.selectors

    @property
    def name(self) -> str:
        """The rule as explanations name it."""
        selected = ", ".join(f"{name}={self.selectors[name]}" for name in SELECTORS if name in self.selectors)
        return f"line {self.line}: {selected or 'all'}"


@dataclass(frozen=True, slots=True)
class Resolved:
    """
    The effects in force for a request; `given` are those that a rule has set, and `sources` names the rule of each.
    """

    effects: Effects = Effects()
    sources: Mapping[str, str] = field(default_factory=dict)
    given: Effects = Effects()


class Policy:
    """
    A set of rules, indexed by their selectors: resolving takes as many steps as there are sets of selectors.

    `base` are the settings' effects. Raises ConfigurationError for two rules with equal selectors.
    """

    def __init__(self, rules: Sequence[Rule] = (), base: Effects = Effects()) -> None:
        self._base = base
        self._groups: dict[tuple[str, ...], dict[tuple[str, ...], Rule]] = {}
        for rule in rules:
            names = tuple(name for name in SELECTORS if name in rule.selectors)
            values = tuple(rule.selectors[name] for name in names)
            if (other := self._groups.setdefault(names, {}).setdefault(values, rule)) is not rule:
                raise ConfigurationError(f"line {rule.line}: has the selectors of line {other.line}")
        self.experiment = next((rule for rule in rules if EXPERIMENT in rule.selectors), None)
        self._order = sorted(self._groups, key=lambda names: [name not in names for name in SELECTORS])
        self.resolve: Callable[[Facts], Resolved] = lru_cache(_REMEMBERED)(self._resolve)

    def __bool__(self) -> bool:
        return bool(self._groups)

    def _resolve(self, facts: Facts) -> Resolved:
        matching = list(self._matching(facts))
        values = {name: getattr(self._base, name) for name in NAMES}
        if facts.own_scope is not None:
            values["user_scope"] = facts.own_scope
        sources: dict[str, str] = {}
        for rule in (rule for rule in matching if "tag" not in rule.selectors):
            for name in NAMES if facts.own_scope is None or rule.is_by_caller else _NOT_OF_KEYS:
                if name not in sources and (value := getattr(rule.effects, name)) is not None:
                    values[name], sources[name] = value, rule.name
        for rule in (rule for rule in matching if "tag" in rule.selectors):
            for name in NAMES:
                value = getattr(rule.effects, name)
                if value is not None and values[name] != (strict := stricter(name, value, values[name])):
                    values[name], sources[name] = strict, rule.name
        return Resolved(Effects(**values), sources, Effects(**{name: values[name] for name in sources}))

    def _matching(self, facts: Facts) -> Iterator[Rule]:
        options = {
            "key": facts.keys,
            "tenant": (facts.tenant,),
            EXPERIMENT: (facts.experiment,),
            "tag": facts.tags,
            "model": facts.models,
            "route": (facts.route,),
        }
        for names in self._order:
            group = self._groups[names]
            for values in product(*(options[name] for name in names)):
                if (rule := group.get(values)) is not None:
                    yield rule


def stricter(name: str, one: Any, other: Any) -> Any:
    """Return the stricter of two values of an effect, where None is none; of an effect without an order, the first."""
    if one is None or other is None:
        return other if one is None else one
    order = {"mode": _MODES, "user_scope": _USER_SCOPES, "personal_data": _PERSONAL_DATA, "mask_upstream": _SWITCH}.get(
        name
    )
    if order is not None:
        return max(one, other, key=order.index)
    if name in {"max_wrong", "ttl_seconds"}:
        return min(one, other)
    if name in {"threshold", "audit_share"}:
        return max(one, other)
    return tuple(dict.fromkeys((*one, *other))) if name in {"volatile_words", "tool_ttl_seconds"} else one


NO_POLICY = Policy()
