"""The providers known by name: their addresses, refused parameters and default models."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType

from sentinel_core.chat.messages import ChatRequest, Json
from sentinel_core.chat.surfaces import anthropic_from_chat

OPENAI, ANTHROPIC, RESPONSES = "openai", "anthropic", "responses"
"""APIs that providers speak; the last one beside the first."""


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """
    One provider's entry.

    `key` is the variable that holds its key, None where it needs none. `refuses` maps a parameter to the
    reason; `renames` maps a parameter to the provider's name for it. `stream_options` says whether it may be
    asked for usage in streams (Mistral answers 422, and sends it unasked). `claims` are beginnings of its own
    model names that look like another provider's. `api` is what it speaks; `has_responses` says that it is asked
    through the Responses API, too.
    """

    name: str
    base_url: str
    key: str | None
    default_model: str
    refuses: Mapping[str, str] = field(default_factory=dict)
    refuses_names: bool = False
    single: bool = False
    renames: Mapping[str, str] = field(default_factory=dict)
    stream_options: bool = True
    claims: tuple[str, ...] = ()
    api: str = OPENAI
    has_responses: bool = False

    @property
    def base_url_variable(self) -> str:
        return f"{self.name.upper()}_BASE_URL"

    def speaks(self, api: str) -> bool:
        """Return whether requests of this API need no translation."""
        return api == self.api or (api == RESPONSES and self.has_responses)


_GROQ_LOGPROBS = "groq gives no log probabilities"

SPECS = (
    ProviderSpec(
        "groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        "openai/gpt-oss-20b",
        refuses={
            "logprobs": _GROQ_LOGPROBS,
            "top_logprobs": _GROQ_LOGPROBS,
            "logit_bias": "groq does not bias tokens",
        },
        refuses_names=True,
        single=True,
        claims=("openai/gpt-oss",),
    ),
    ProviderSpec(
        "openai",
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        "gpt-4.1-mini",
        # Its reasoning models answer 400 to `max_tokens`; all its chat models know the newer name.
        renames={"max_tokens": "max_completion_tokens"},
    ),
    ProviderSpec(
        "openrouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        "openai/gpt-oss-20b",
        claims=("openai/", "anthropic/", "deepseek/", "openrouter/auto"),
    ),
    ProviderSpec(
        "together",
        "https://api.together.xyz/v1",
        "TOGETHER_API_KEY",
        "openai/gpt-oss-120b",
        claims=("openai/gpt-oss",),
    ),
    ProviderSpec(
        "mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "mistral-small-latest", stream_options=False
    ),
    ProviderSpec("deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", "deepseek-v4-flash"),
    ProviderSpec("cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", "gpt-oss-120b"),
    ProviderSpec(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        "FIREWORKS_API_KEY",
        "accounts/fireworks/models/gpt-oss-20b",
    ),
    ProviderSpec("xai", "https://api.x.ai/v1", "XAI_API_KEY", "grok-4.3"),
    ProviderSpec(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
        "gemini-2.5-flash",
    ),
    ProviderSpec(
        "anthropic",
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        "claude-haiku-4-5",
        single=True,
        stream_options=False,
        api=ANTHROPIC,
    ),
    ProviderSpec("ollama", "http://127.0.0.1:11434/v1", None, "gpt-oss:20b"),
)

KNOWN: Mapping[str, ProviderSpec] = MappingProxyType({spec.name: spec for spec in SPECS})


def custom(base_url: str, model: str, *, name: str = "custom", key: str | None = "CUSTOM_API_KEY") -> ProviderSpec:
    """Describe any other server that speaks the protocol."""
    return ProviderSpec(name, base_url, key, model)


def refused(spec: ProviderSpec, request: ChatRequest) -> tuple[str, str] | None:
    """Return the path of the first field that the provider would turn down, and why; None if there is none."""
    for param, reason in spec.refuses.items():
        if _is_set(request.params.get(param)):
            return param, reason
    if spec.single and request.params.get("n") not in (None, 1):
        return "n", f"{spec.name} gives one answer at a time"
    if request.native is not None and request.native.only is not None and not spec.speaks(request.native.api):
        return request.native.only, f"cannot be carried to {spec.name}"
    if spec.api == ANTHROPIC and (problem := anthropic_from_chat.refused(request)) is not None:
        return problem
    for position, message in enumerate(request.messages if spec.refuses_names else ()):
        if message.get("name") is not None:
            return f"messages[{position}].name", f"{spec.name} does not take names in messages"
    return None


def _is_set(value: Json) -> bool:
    """Whether a value asks for something: False does not, and clients send it as their default."""
    return value is not None and value is not False and value != {}


def split_model(model: str, *, known: Collection[str], default: str) -> tuple[str, str]:
    """
    Return the provider and the model that a caller's `model` names.

    A leading name of a known provider selects it (`groq/openai/gpt-oss-20b`), unless the default provider
    has models beginning so itself: for groq, `openai/gpt-oss-20b` is a model of its own.
    """
    spec = KNOWN.get(default)
    first, _, rest = model.partition("/")
    if first not in known or not rest or (spec is not None and model.startswith(spec.claims)):
        return default, model
    return first, rest


_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_VENDORS = frozenset({"mistralai", "deepseek-ai", "x-ai", "google", "meta-llama", "qwen", "zai-org", "moonshotai"})
"""Beginnings of models' names, which are spelt like providers'."""


@lru_cache(maxsize=256)
def model_hint(provider: str, model: str, known: tuple[str, ...]) -> str | None:
    """
    Return what is odd about a model's first part where `provider`, the default, is asked for the whole name.

    Models with a slash exist, so that nothing is refused. None for names that look like no provider's.
    """
    spec, first = KNOWN.get(provider), model.partition("/")[0]
    if first in known or not _NAME.fullmatch(first) or (spec is not None and model.startswith(spec.claims)):
        return None
    asked = f"{provider} is asked for the whole name"
    if first in KNOWN:
        return f"{first} is a provider without a key here; {asked}"
    close = [] if first in _VENDORS else get_close_matches(first.casefold(), known, 1, 0.75)
    return f"{first} is no provider here, did you mean {close[0]}? {asked}" if close else None
