"""LlamaIndex: OpenAI's chat, Responses and embeddings; no case is rate limited, for it waits a minute then."""

from __future__ import annotations

import sys
from typing import Any

from llama_index.core.llms import ChatMessage
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI, OpenAIResponses

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, PATIENCE, Case

_PROMPT = str(cases.MESSAGES[0]["content"])
_MODEL = "gpt-4o-mini"
"""LlamaIndex knows the models it may ask by name; the case is a field of the request."""


def _all(base_url: str) -> dict[str, Case]:
    def model(case: str, kind: Any = OpenAI, **options: Any) -> Any:
        given = {"api_base": base_url, "api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0, **options}
        return kind(model=_MODEL, additional_kwargs={"extra_body": {"model": f"case-{case}"}}, **given)

    def asked(case: str, kind: Any = OpenAI, **options: Any) -> Any:
        return _described(model(case, kind, **options).chat([ChatMessage(role="user", content=_PROMPT)]))

    def streamed(case: str, kind: Any = OpenAI) -> Any:
        told = list(model(case, kind).stream_chat([ChatMessage(role="user", content=_PROMPT)]))
        return {"chunks": [each.delta for each in told], "last": str(told[-1].message.content)}

    def embedded(case: str) -> Any:
        given = OpenAIEmbedding(model_name=f"case-{case}", api_base=base_url, api_key=GOOD_KEY, max_retries=0)
        return [given.get_text_embedding(_PROMPT), given.get_text_embedding_batch([_PROMPT, "Why?"])]

    return {
        "plain": lambda: asked("plain"),
        "complete": lambda: str(model("complete").complete(_PROMPT)),
        "stream": lambda: streamed("stream"),
        "responses": lambda: asked("responses", OpenAIResponses),
        "responses-stream": lambda: streamed("responses-stream", OpenAIResponses),
        "embeddings": lambda: embedded("embeddings"),
        "key": lambda: asked("key", api_key=BAD_KEY),
        "missing": lambda: asked("missing"),
        "slow": lambda: asked("slow", timeout=PATIENCE),
        "plain-again": lambda: asked("plain-again"),
    }


def _described(response: Any) -> dict[str, Any]:
    message = response.message
    return {"class": type(response).__name__, "role": str(message.role), "text": str(message.content)}


if __name__ == "__main__":
    cases.run(_all(f"{sys.argv[1]}/v1"))
