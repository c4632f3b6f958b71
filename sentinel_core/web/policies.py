"""Applies the operator's policy to requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from starlette.datastructures import Headers

from sentinel_core.cache.answer import CacheRequest
from sentinel_core.cache.experiment import Arm, arm_of
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.support.bounded import BoundedMap
from sentinel_core.tenants.api_key import Caller
from sentinel_core.tenants.policy import EXPERIMENT, NO_POLICY, Effects, Facts, Policy
from sentinel_core.web.end_users import name_of

_NO_EFFECTS = Effects()
_MOST_RULES = 1_024


@dataclass(frozen=True, slots=True)
class Policies:
    """The policy in force, which may be replaced while the process runs, and the rules it changes."""

    current: Callable[[], Policy] = lambda: NO_POLICY
    rules: Rules | None = None
    _made: BoundedMap[Effects, Rules] = field(default_factory=lambda: BoundedMap(_MOST_RULES))

    def arm(self, ask: CacheRequest, caller: Caller, headers: Headers) -> Arm | None:
        """Return the caller's arm in the policy's experiment: its user's, else its key's; None for a caller unnamed."""
        experiment = self.current().experiment
        if experiment is None or self.rules is None:
            return None
        user, key = name_of(headers, ask.request.hints), caller.key
        if user is None and key is None:
            return None
        who = f"key:{key.id}" if user is None and key is not None else f"user:{ask.tenant}:{user}"
        return arm_of(experiment.selectors[EXPERIMENT], experiment.share, who)

    def ruled(self, ask: CacheRequest, caller: Caller, route: str) -> tuple[CacheRequest, Effects]:
        """Return the request with the rules of the policy, and the policy's effects on it."""
        policy, arm = self.current(), ask.arm
        if self.rules is None or not policy:
            return ask, _NO_EFFECTS
        request, key = ask.request, caller.key
        resolved = policy.resolve(
            Facts(
                keys=() if key is None else (key.id, key.name),
                tenant="" if key is None else key.tenant,
                tags=ask.controls.tags,
                models=(f"{request.provider}/{request.model}", request.model),
                route=route,
                experiment=arm.experiment if arm is not None and arm.policy == "b" else "",
                own_scope=None if key is None else key.user_scope,
            )
        )
        if not resolved.sources:
            return ask, _NO_EFFECTS
        if resolved.given.mask_upstream is not None:
            ask = replace(ask, request=replace(request, is_masked=resolved.given.mask_upstream == "on"))
        rules = self._rules(resolved.effects, self.rules)
        if resolved.given.ttl_seconds is not None:
            ask = replace(ask, controls=ask.controls.no_older_than(rules.ttl))
        return replace(ask, rules=rules, sources=resolved.sources), resolved.given

    def _rules(self, effects: Effects, base: Rules) -> Rules:
        rules = self._made.get(effects)
        if rules is None:
            rules = changed(base, effects)
            self._made.put(effects, rules)
        return rules


def changed(rules: Rules, effects: Effects) -> Rules:
    """Return the rules with these effects."""
    words = rules.volatile_words if effects.volatile_words is None else (*rules.volatile_words, *effects.volatile_words)
    return replace(
        rules,
        mode=effects.mode or rules.mode,
        max_wrong=rules.max_wrong if effects.max_wrong is None else effects.max_wrong,
        threshold=rules.threshold if effects.threshold is None else effects.threshold,
        ttl=rules.ttl if effects.ttl_seconds is None else effects.ttl_seconds,
        judge=effects.judge or rules.judge,
        audit_share=rules.audit_share if effects.audit_share is None else effects.audit_share,
        tool_ttls=rules.tool_ttls if effects.tool_ttl_seconds is None else effects.tool_ttl_seconds,
        volatile_words=tuple(dict.fromkeys(words)),
        store_personal_data=(
            rules.store_personal_data if effects.personal_data is None else effects.personal_data == "allow"
        ),
    )
