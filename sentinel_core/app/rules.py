"""Builds the rules of the cache, the gate and end users from the settings."""

from __future__ import annotations

from collections.abc import Collection

from sentinel_core.app import providers, stores
from sentinel_core.app.provider_settings import SIMULATED
from sentinel_core.app.settings import Settings
from sentinel_core.app.settings_errors import suggestion
from sentinel_core.cache import chat_scope, personal, volatility
from sentinel_core.cache.operator_rules import Rules
from sentinel_core.errors import ConfigurationError
from sentinel_core.matching.gate import RULES, Gate
from sentinel_core.matching.raw_rules import RAW_RULES
from sentinel_core.providers.catalogue import KNOWN
from sentinel_core.support.clock import SYSTEM_CLOCK, Clock
from sentinel_core.tenants.policy import Effects
from sentinel_core.web.end_users import EndUsers
from sentinel_core.web.policies import Policies
from sentinel_core.web.privacy import Privacy


def check(settings: Settings) -> None:
    """Raise ConfigurationError for a rule to switch off that does not exist, and for a wrong policy; keep nothing."""
    policy_rules(settings)
    _personal_off(settings)
    _gate_off(settings)
    specs = providers.specs(settings)
    policies(settings, SYSTEM_CLOCK, specs or (SIMULATED, *KNOWN))


def policy_rules(settings: Settings) -> Rules:
    """Return the operator's rules of reuse and storing; raises ConfigurationError for an unknown rule."""
    return Rules(
        threshold=settings.similarity_threshold,
        ttl=settings.ttl_seconds,
        stale=settings.stale_seconds,
        max_temperature=settings.max_temperature,
        volatile_ttl=settings.volatile_ttl_seconds if settings.volatile else None,
        volatile_off=_off(settings.volatile_rules_off, volatility.NAMES, "SENTINEL_VOLATILE_RULES_OFF"),
        volatile_words=settings.volatile_words,
        novelty=settings.novelty,
        store_tool_calls=settings.store_tool_calls,
        chat_scope=chat_scope.parse(settings.chat_scope),
        mode=settings.mode,
        store_personal_data=settings.personal_data == "allow",
        max_answer_bytes=settings.max_answer_bytes,
    )


def end_users(settings: Settings) -> EndUsers:
    """Return the operator's rules for end users; raises ConfigurationError for an unknown rule."""
    return EndUsers(
        secret=stores.sealing_secret(settings),
        scope=settings.user_scope,
        without_user=settings.personal_without_user,
        rules_off=_personal_off(settings),
    )


def policies(settings: Settings, clock: Clock, known: Collection[str]) -> Policies:
    """Return the policy, read again if its file changes; raises ConfigurationError for a wrong one."""
    if settings.policy is None:
        return Policies()
    from sentinel_core.app.policy_file import PolicySource

    base = Effects(
        mode=settings.mode,
        max_wrong=settings.max_wrong,
        threshold=settings.similarity_threshold,
        ttl_seconds=settings.ttl_seconds,
        user_scope=settings.user_scope,
        personal_data=settings.personal_data,
        mask_upstream="on" if settings.mask_to_provider else "off",
        judge=settings.judge,
        audit_share=settings.audit_share,
    )
    source = PolicySource(settings.policy, base, clock=clock, providers=known)
    return Policies(source.current, policy_rules(settings))


def privacy(settings: Settings) -> Privacy:
    """Return the operator's mode for personal data."""
    return Privacy(settings.personal_data, stores.sealing_secret(settings))


def gate(settings: Settings) -> Gate:
    """Return the gate with the rules that are on; raises ConfigurationError for an unknown rule."""
    return Gate(frozenset(RULES.keys() - _gate_off(settings)), settings.max_wrong)


def raw_rules(settings: Settings) -> frozenset[str]:
    """Return the raw rules that are on; raises ConfigurationError for an unknown rule."""
    return frozenset(RAW_RULES.keys() - _gate_off(settings))


def _personal_off(settings: Settings) -> frozenset[str]:
    return _off(settings.personal_rules_off, personal.NAMES, "SENTINEL_PERSONAL_RULES_OFF")


def _gate_off(settings: Settings) -> frozenset[str]:
    return _off(settings.gate_rules_off, {**RULES, **RAW_RULES}, "SENTINEL_GATE_RULES_OFF")


def _off(names: Collection[str], rules: Collection[str], variable: str) -> frozenset[str]:
    """Read which rules are switched off; raises ConfigurationError for one that does not exist."""
    off = frozenset(names)
    unknown = sorted(off.difference(rules))
    if unknown:
        named = ", ".join(each + suggestion(each, rules) for each in unknown)
        raise ConfigurationError(f"{variable}: no such rule: {named}")
    return off
