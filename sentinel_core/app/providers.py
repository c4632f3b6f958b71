"""Chooses who may be asked: a part of the composition root."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from sentinel_core.app.list_settings import split
from sentinel_core.app.marking import marked
from sentinel_core.app.passing_on import PassingOn
from sentinel_core.app.provider_settings import CUSTOM, SIMULATED
from sentinel_core.app.settings import Settings
from sentinel_core.cache.ports import Provider
from sentinel_core.chat.messages import ChatRequest, Usage
from sentinel_core.providers import pricing, simulated
from sentinel_core.providers.catalogue import KNOWN, OPENAI, ProviderSpec, custom, refused
from sentinel_core.providers.endpoint import knows_responses
from sentinel_core.providers.fallback import Chain, Link
from sentinel_core.providers.guarded import BreakerEvents, Guarded
from sentinel_core.providers.masking import Masking
from sentinel_core.providers.openai_compatible import OpenAICompatible
from sentinel_core.providers.simulated import Simulated
from sentinel_core.support.http import LeanTransport

SILENT_SECONDS = 0.25
"""
A provider's surplus response within this time closes its connection, instead of answering the next caller.

One that comes later, during the next request, looks like its answer. Hence only connections over https:// are
reused: they are expensive to open, and their server is authenticated.
"""


def specs(settings: Settings) -> Mapping[str, ProviderSpec]:
    """Return the providers that can be asked: those with a key, with an address of their own, or chosen by name."""
    known = {**KNOWN, CUSTOM: custom(settings.base_urls.get(CUSTOM, ""), settings.model or "")}
    wanted = {*settings.keys, *settings.base_urls, settings.provider} & known.keys()
    found = {name: _at(known[name], settings.base_urls.get(name)) for name in known if name in wanted}
    return {name: replace(spec, has_responses=_has_responses(settings, spec)) for name, spec in found.items()}


def _at(spec: ProviderSpec, base_url: str | None) -> ProviderSpec:
    return spec if base_url is None else replace(spec, base_url=base_url)


def _has_responses(settings: Settings, spec: ProviderSpec) -> bool:
    if settings.native_responses == "auto":
        return knows_responses(spec)
    return spec.api == OPENAI and spec.name in split(settings.native_responses, ",")


def providers(
    settings: Settings,
    specs: Mapping[str, ProviderSpec],
    events: BreakerEvents,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Mapping[str, Provider]:
    """
    One provider per name a caller may use.

    Where nothing is configured, the simulated one stands in for all, so that the whole product can be
    tried; it says in each answer who it is.
    """
    stand_in = Simulated(delay=settings.simulated_delay_ms / 1000)
    if not specs:
        return dict.fromkeys((SIMULATED, *KNOWN), _masking(settings, stand_in))
    limit, transport = settings.provider_concurrency, transport or connections(settings, specs)
    idle, secrets = settings.stream_idle_seconds or math.inf, configured_secrets(settings)

    def provider(name: str, spec: ProviderSpec) -> Provider:
        key = key_of(settings, name)
        return OpenAICompatible(
            spec,
            key=key,
            transport=transport,
            stream_idle=idle,
            max_answer_bytes=settings.max_answer_bytes,
            secrets=secrets,
        )

    guarded = {name: Guarded(provider(name, spec), limit=limit, events=events) for name, spec in specs.items()}
    others = [
        Link(guarded[name], model or specs[name].default_model, specs[name]) for name, model in settings.fallback_links
    ]
    hedge = settings.hedge_ms / 1000 or None
    chains = {name: _chain(Link(guarded[name], None, specs[name]), others, hedge) for name in guarded}
    return {name: _masking(settings, each) for name, each in {**chains, SIMULATED: stand_in}.items()}


def _masking(settings: Settings, provider: Provider) -> Provider:
    """Hide personal data from a provider where the setting, or a policy, may ask for it."""
    may_be = settings.mask_to_provider or settings.policy is not None
    return Masking(provider, is_on=settings.mask_to_provider) if may_be else provider


def connections(settings: Settings, specs: Mapping[str, ProviderSpec]) -> httpx.AsyncBaseTransport:
    """Return the connections to all providers; where requests are traced, they carry the trace on."""
    transport = LeanTransport(
        ssl_context=httpx.create_ssl_context() if specs else None,
        max_connections=settings.provider_concurrency * max(1, len(specs)),
        silent_seconds=SILENT_SECONDS,
        keep_plain=False,
        max_answer_bytes=settings.max_answer_bytes,
    )
    marking = marked(transport, settings, specs)
    return marking if settings.otlp_endpoint is None else PassingOn(marking)


def _chain(first: Link, others: Sequence[Link], hedge: float | None) -> Provider:
    rest = [link for link in others if link.provider is not first.provider]
    return Chain([first, *rest], hedge=hedge) if rest else first.provider


def configured_secrets(settings: Settings) -> Sequence[str]:
    """Return every secret of the settings, which no foreign text may show."""
    fields = [getattr(settings, name) for name in Settings.model_fields]
    found = [field for field in [*fields, *settings.keys.values()] if isinstance(field, SecretStr)]
    texts = [secret.get_secret_value() for secret in found]
    return [*texts, *(password for text in texts if (password := _password(text)))]


def refusal(settings: Settings, specs: Mapping[str, ProviderSpec], request: ChatRequest) -> tuple[str, str] | None:
    """Return the parameter for which a request is refused before anyone is asked, and the reason; None if it is not."""
    if settings.unpriced == "refuse" and pricing.cost_usd(request.provider, request.model, Usage()) is None:
        return "model", "no price is known for it, and SENTINEL_UNPRICED=refuse"
    return refused(specs[request.provider], request) if request.provider in specs else None


def _password(text: str) -> str | None:
    """Return the password inside an address, as in `redis://user:password@host`."""
    try:
        return urlsplit(text).password
    except ValueError:
        return None


def key_of(settings: Settings, name: str) -> str | None:
    """Return the key of a provider; None where none is set."""
    key = settings.keys.get(name)
    return None if key is None else key.get_secret_value()


def models(settings: Settings, providers: Mapping[str, Provider], default: str) -> Mapping[str, str]:
    """
    Return the model each provider is asked for where the caller names none; the operator's choice is the default's.

    "" for `custom`, whose models only the operator knows: there the caller, or SENTINEL_MODEL, must name one.
    """
    models = {name: KNOWN[name].default_model if name in KNOWN else "" for name in providers}
    models |= {SIMULATED: simulated.MODEL} if SIMULATED in models else {}
    return models if settings.model is None else {**models, default: settings.model}
