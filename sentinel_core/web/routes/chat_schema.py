"""The parts of OpenAI's chat request that Sentinel must understand; all else is passed on unread."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, model_validator

from sentinel_core.chat.messages import ChatRequest, Json
from sentinel_core.web.body_limits import FINITE

_encode = json.JSONEncoder(allow_nan=False).encode
_OURS = frozenset({"provider", "model", "messages", "stream", "stream_options"})
_HINTS = frozenset(
    {
        *("user", "metadata", "safety_identifier"),  # who asks
        *("prompt_cache_key", "prompt_cache_retention", "service_tier"),  # how fast, and at what price
        "store",  # what OpenAI keeps for itself
    }
)
_NOT_PARAMS = _OURS | _HINTS


class _Open(BaseModel):
    """Strict in known fields, open to unknown ones."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)
    if TYPE_CHECKING:
        # At run time unknown values, which a parser of JSON has made, are not checked: that takes longer than parsing.
        __pydantic_extra__: dict[str, JsonValue]

    def given(self) -> dict[str, Json]:
        """Return the fields that the caller sent, in the order of the model, then the unknown ones; not copied."""
        sent, extra = self.__pydantic_fields_set__, self.__pydantic_extra__
        own = {
            name: value if type(value) is str else _given(value)
            for name, value in self.__dict__.items()
            if name in sent
        }
        return {**own, **extra} if extra else own


def _given(value: Any) -> Json:
    if isinstance(value, _Open):
        return value.given()
    if isinstance(value, list) and value and isinstance(value[0], _Open):
        return [each.given() for each in value]
    return value  # type: ignore[no-any-return]


class JsonBody(_Open):
    """A body whose unknown fields are kept."""

    @model_validator(mode="after")
    def _is_json(self, info: ValidationInfo) -> Self:
        """NaN and Infinity are no JSON (RFC 8259 section 6), though parsers let them pass."""
        if info.context is FINITE:
            return self
        try:
            _encode(self.model_dump(exclude_unset=True))
        except ValueError:
            raise ValueError("NaN and Infinity are no JSON numbers") from None
        return self


class TextPart(_Open):
    type: Literal["text"]
    text: str


def _not_text(kind: str) -> str:
    if kind == "text":
        raise ValueError("a text part needs a text")
    return kind


class OtherPart(_Open):
    """A picture, a sound, a file: part of an exact-only identity."""

    type: Annotated[str, AfterValidator(_not_text)]


Part: TypeAlias = TextPart | OtherPart


class ChatMessage(_Open):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @model_validator(mode="after")
    def _let_others_run(self) -> Self:
        """Do nothing: before a function of Python runs, a thread that waits for the interpreter does."""
        return self


class StreamOptions(_Open):
    include_usage: bool | None = None


class ChatBody(JsonBody):
    """A chat completion as OpenAI's API takes it; unknown parameters are passed on, and are part of the scope."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "What is machine learning?"}]}
            ]
        }
    )

    model: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A model, or `provider/model`; the operator's default if absent."
    )
    provider: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Sentinel's own: who answers a miss."
    )
    messages: list[ChatMessage] = Field(min_length=1, description="The last user turn is the prompt, all else scope.")
    stream: bool | None = Field(None, description="Server-sent events; shares its entry with the plain answer.")
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    n: int | None = Field(None, ge=1, le=128)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)

    @property
    def include_usage(self) -> bool:
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    def request(self, provider: str, model: str) -> ChatRequest:
        """
        Build the request; a null counts as absent.

        `user` and its like say who asks, or how the provider is to work, and do not change the answer:
        forwarded, but no part of the scope.
        """
        # What was parsed is used as it is: a copy of 5,000 tools takes 10 ms, in one piece that no thread interrupts.
        given = self.given()
        messages: Any = given["messages"]
        params = {name: value for name, value in given.items() if name not in _NOT_PARAMS and value is not None}
        hints = {name: given[name] for name in _HINTS & given.keys() if given[name] is not None}
        return ChatRequest(provider, model, tuple(messages), params, hints)


class SentinelFields(BaseModel):
    """Facts of an answer for which OpenAI's shape has no place."""

    outcome: str = Field(description="hit_exact, hit_semantic, stale, miss or bypass.")
    reason: str | None = Field(description="Why that outcome, where there is more to say.")
    volatile: str | None = Field(description="Why the answer is kept for a short time only, if it is.")
    personal: str | None = Field(description="The rule by which the answer belongs to the named user alone.")
    shadow: str | None = Field(description="The outcome that mode shadow decided and did not serve.")
    unstored: str | None = Field(description="Why the answer was not kept.")
    provider: str = Field(description="The provider that gave the answer, now or when it was stored.")
    similarity: float | None = Field(description="1.0 if exact, the cosine if semantic, null if nothing matched.")
    matched_prompt: str | None = Field(description="The prompt the stored answer was given to.")
    age_seconds: int | None = Field(description="Age of the stored answer; null if it is new.")
    entry_id: str | None = Field(description="The stored answer, for `/v1/cache/entries` and feedback; null if none.")
    cost_usd: float | None = Field(description="Cost of this request; null if the price is not known.")
    saved_usd: float | None = Field(description="Cost avoided by the cache; null if the price is not known.")
    estimated_usd: float | None = Field(description="Estimated cost that budgets count; null if all is known.")
    avoided_tokens: int = Field(description="Tokens that were billed once, to another request.")


class ChatCompletion(BaseModel):
    """A completion as OpenAI's API gives it; on a miss, all that the provider wrote."""

    id: str
    object: str
    created: int
    model: str
    choices: list[dict[str, JsonValue]]
    usage: dict[str, JsonValue] | None = Field(None, description="What was billed: nothing on a hit.")
    sentinel: SentinelFields


class Model(BaseModel):
    """One model, as OpenAI lists it; its time of creation is unknown."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str


class ModelList(BaseModel):
    object: Literal["list"] = "list"
    data: list[Model]
