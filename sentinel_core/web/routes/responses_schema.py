"""The parts of OpenAI's Responses request that are checked first; chat/surfaces reads the rest."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from sentinel_core.web.routes.chat_schema import JsonBody, SentinelFields


class ResponsesBody(JsonBody):
    """A request to the Responses API; a field that no chat can carry is refused by its name."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"model": "openai/gpt-oss-20b", "input": "What is machine learning?"}]}
    )

    model: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A model, or `provider/model`; the operator's default if absent."
    )
    provider: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Sentinel's own: who answers a miss."
    )
    input: str | list[dict[str, Any]] | None = Field(
        None, description="Text, or items: messages, function calls and their outputs."
    )
    instructions: str | None = Field(None, description="System prompt of this request alone; part of the scope.")
    stream: bool | None = None
    store: bool | None = Field(None, description="Keep the response for a day (default), for the same user only.")
    previous_response_id: str | None = Field(None, description="A kept response that this request goes on from.")
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    max_output_tokens: int | None = Field(None, ge=1)


class ResponseObject(BaseModel):
    """A response as OpenAI's API gives it."""

    id: str
    object: str
    created_at: int
    status: str
    model: str
    output: list[dict[str, JsonValue]]
    usage: dict[str, JsonValue] | None
    sentinel: SentinelFields | None = None
