"""LangChain: Responses and embeddings, `ChatAnthropic`, and an agent of LangGraph; the API is the first argument."""

from __future__ import annotations

import sys
from functools import reduce
from operator import add
from typing import Any

from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, PATIENCE, TOOL, Case, typed

_PROMPT = str(cases.MESSAGES[0]["content"])
_CITY = {"title": "City", "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


_UNCOUNTED: dict[str, Any] = {"check_embedding_ctx_length": False}
"""LangChain would fetch a tokenizer over the network."""


def weather(city: str) -> str:
    """Return the weather in a city."""
    return f"18 degrees in {city}"


def _model(base_url: str, api: str, case: str, **options: Any) -> Any:
    given = {"api_key": GOOD_KEY, "max_retries": 0, "timeout": 20.0, **options}
    if api == "anthropic":
        return ChatAnthropic(model=f"case-{case}", base_url=base_url, **given)
    return ChatOpenAI(model=f"case-{case}", base_url=f"{base_url}/v1", use_responses_api=api == "responses", **given)


def _all(base_url: str, api: str) -> dict[str, Case]:
    def model(case: str, **options: Any) -> Any:
        return _model(base_url, api, case, **options)

    def agent(case: str) -> Any:
        messages = {"messages": [{"role": "user", "content": "What is the weather in Paris?"}]}
        return [typed(each) for each in create_agent(model(case), [weather]).invoke(messages)["messages"]]

    def embedded(case: str) -> Any:
        given = OpenAIEmbeddings(model=f"case-{case}", base_url=f"{base_url}/v1", api_key=GOOD_KEY, **_UNCOUNTED)
        return [given.embed_query(_PROMPT), given.embed_documents([_PROMPT, "Why?"])]

    return {
        "plain": lambda: typed(model("plain").invoke(_PROMPT)),
        "stream": lambda: _joined(model("stream").stream(_PROMPT)),
        "tools": lambda: typed(model("tools").bind_tools([TOOL]).invoke(_PROMPT)),
        "tools-stream": lambda: _joined(model("tools-stream").bind_tools([TOOL]).stream(_PROMPT)),
        "tools-forced": lambda: typed(model("tools-forced").bind_tools([TOOL], tool_choice="weather").invoke(_PROMPT)),
        "agent": lambda: agent("agent"),
        "reasoning-stream": lambda: _joined(model("reasoning-stream").stream(_PROMPT)),
        "retried": lambda: typed(model("retried", max_retries=2).invoke(_PROMPT)),
        "key": lambda: model("key", api_key=BAD_KEY).invoke(_PROMPT),
        "missing": lambda: model("missing").invoke(_PROMPT),
        "slow": lambda: model("slow", timeout=PATIENCE).invoke(_PROMPT),
        "limited": lambda: model("limited").invoke(_PROMPT),
        "broken": lambda: model("broken").invoke(_PROMPT),
        "crashed": lambda: model("crashed").invoke(_PROMPT),
        "plain-again": lambda: typed(model("plain-again").invoke(_PROMPT)),
        **(
            {}
            if api == "anthropic"
            else {
                "json": lambda: model("json").with_structured_output(_CITY, method="json_schema").invoke(_PROMPT),
            }
        ),
        **({"embeddings": lambda: embedded("embeddings")} if api == "responses" else {}),
    }


def _joined(chunks: Any) -> dict[str, Any]:
    """LangChain's own sum of the chunks, as its users take it."""
    told = list(chunks)
    return {**typed(reduce(add, told)), "chunks": [typed(chunk) for chunk in told]}


if __name__ == "__main__":
    cases.run(_all(base_url=sys.argv[2], api=sys.argv[1]))
