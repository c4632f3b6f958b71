"""The clients, what the upstream answers to each case, and where differences are meant."""

from __future__ import annotations

import os
from pathlib import Path

from scripts.devtools.http.replies import Fault, Reply, answer, failure

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-compat" / "bin" / "python"
OLDER = ROOT / ".venv-compat-older" / "bin" / "python"
NODE = ROOT / "scripts" / "clients"
MODULES = ROOT / "build" / "compat"
CLIENTS: dict[str, list[str | Path]] = {
    "openai": [PYTHON, "-m", "scripts.clients.openai_sdk"],
    "surfaces": [PYTHON, "-m", "scripts.clients.openai_surfaces"],
    "groq": [PYTHON, "-m", "scripts.clients.groq_sdk"],
    "anthropic": [PYTHON, "-m", "scripts.clients.anthropic_sdk"],
    "langchain": [PYTHON, "-m", "scripts.clients.langchain_chat"],
    "litellm": [PYTHON, "-m", "scripts.clients.litellm_client"],
    "langchain-responses": [PYTHON, "-m", "scripts.clients.langchain_surfaces", "responses"],
    "langchain-anthropic": [PYTHON, "-m", "scripts.clients.langchain_surfaces", "anthropic"],
    "litellm-responses": [PYTHON, "-m", "scripts.clients.litellm_surfaces", "responses"],
    "litellm-anthropic": [PYTHON, "-m", "scripts.clients.litellm_surfaces", "anthropic"],
    "pydantic-ai": [PYTHON, "-m", "scripts.clients.pydantic_ai_client", "openai"],
    "pydantic-ai-anthropic": [PYTHON, "-m", "scripts.clients.pydantic_ai_client", "anthropic"],
    "dspy": [PYTHON, "-m", "scripts.clients.dspy_client"],
    "llm": [PYTHON, "-m", "scripts.clients.llm_client"],
    "instructor": [OLDER, "-m", "scripts.clients.instructor_client"],
    "llama-index": [OLDER, "-m", "scripts.clients.llama_index_client"],
    "node": ["node", NODE / "openai_node.mjs"],
    "node-surfaces": ["node", NODE / "openai_surfaces_node.mjs"],
    "node-anthropic": ["node", NODE / "anthropic_node.mjs"],
    "vercel-openai": ["node", NODE / "vercel_sdk.mjs", "openai"],
    "vercel-compatible": ["node", NODE / "vercel_sdk.mjs", "compatible"],
    "vercel-anthropic": ["node", NODE / "vercel_sdk.mjs", "anthropic"],
}
NATIVE = {
    f"{client}-native": CLIENTS[client]
    for client in (
        "surfaces",
        "langchain-responses",
        "litellm-responses",
        "pydantic-ai",
        "node-surfaces",
        "vercel-openai",
    )
}
"""Clients of the Responses API, before a provider that is asked through it."""
CLIENTS |= NATIVE
ANTHROPIC = frozenset(
    {
        *("anthropic", "node-anthropic", "vercel-anthropic"),
        *("langchain-anthropic", "litellm-anthropic", "pydantic-ai-anthropic"),
    }
)
"""Clients of Anthropic's API: the gateway asks its provider `anthropic` for them."""

ANSWERED = "case-20261001"
"""The model that answers, by its full name."""

CALLS = [
    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}},
    {"id": "call_2", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}},
]


def called(function: str) -> Reply:
    """Answer by a call of one function."""
    call = {"id": "call_1", "type": "function", "function": {"name": function, "arguments": '{"city": "Paris"}'}}
    return answer(None, message={"tool_calls": [call]}, finish_reason="tool_calls")


WEATHER = called("weather")
TOOLS = answer(None, message={"tool_calls": CALLS}, finish_reason="tool_calls")
THOUGHTFUL = answer("Four.", message={"reasoning": "Two and two.", "reasoning_content": "2 + 2"})
SLOW = Reply(delay=1.0)
REPLIES: dict[str, list[Reply]] = {
    "tools": [TOOLS],
    "tools-stream": [TOOLS],
    "tools-helper": [TOOLS],
    "tools-forced": [WEATHER],
    "output": [called("final_result")],
    "extraction": [called("City")],
    "extraction-again": [called("City")],
    "extraction-stream": [called("PartialCity")],
    "schema": [answer('{"city": "Paris"}')],
    "predict": [answer("[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]")],
    "reasoning": [THOUGHTFUL],
    "reasoning-stream": [Reply(message={"reasoning_content": "2 + 2", "content": "Four."})],
    "json": [answer('{"city": "Paris"}')],
    "json-tool": [called("json")],
    "json-stream": [answer('{"city": "Paris"}')],
    "retried": [failure(429, retry_after="0"), failure(503, retry_after="0"), answer()],
    "key": [failure(401, "Incorrect API key provided", code="invalid_api_key")],
    "missing": [failure(404, "No such model", type="invalid_request_error", code="model_not_found")],
    "invalid": [failure(400, "Bad seed", type="invalid_request_error", param="seed", code="invalid_value")],
    "limited": [failure(429, retry_after="60")],
    "slow": [SLOW],
    "slow-stream": [SLOW],
    "broken": [failure(503)],
    "crashed": [failure(500)],
    "event-stream": [Reply(fault=Fault.ERROR_EVENT)],
    "cut-stream": [Reply(fault=Fault.CUT_MIDWAY)],
}

LOOPS = frozenset({"agent", "tool-loop", "tool-run"})
"""Cases in which the upstream calls a tool, and answers once it has the result."""

NEW_ON_A_HIT = frozenset({"id", "created", "usage", "usage_metadata", "token_usage", "chunks"})
"""A hit is a completion of its own, which nothing was billed for, and streams in pieces of its own."""

NAMED = frozenset({"sentinel", "id", "item_id", "created_at", "completed_at"})
ALWAYS_NEW: dict[str, frozenset[str]] = {
    "litellm": frozenset({"sentinel", "created"}),
    "langchain": frozenset({"sentinel", "id"}),
    "langchain-responses": NAMED | {"uuid"},
    "langchain-anthropic": frozenset({"sentinel", "id"}),
    "litellm-responses": NAMED,
    "litellm-anthropic": frozenset({"sentinel", "created", "id"}),
    "surfaces": NAMED,
    "node-surfaces": NAMED,
}
ALWAYS_NEW |= {name: ALWAYS_NEW[client] for name in NATIVE if (client := name.removesuffix("-native")) in ALWAYS_NEW}
"""LiteLLM dates what it streams by its own clock, LangChain numbers its runs, the gateway names its responses."""

OURS = frozenset({"sentinel"})
EXACT = frozenset({"missing", "invalid"})
"""Errors that concern the caller's request are the upstream's own; of the others only the type is compared."""

FAILING = frozenset(
    {
        *("key", "missing", "invalid", "limited", "slow", "slow-stream", "broken", "crashed"),
        *("event-stream", "cut-stream"),
    }
)
"""Cases that end in an exception."""

ENVIRON = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "true", "LITELLM_LOG": "ERROR"}
"""LiteLLM would fetch its list of prices over the network."""

KNOWN = {
    ("litellm", "crashed"),  # a provider's 500 is a 503 here, for which LiteLLM and Anthropic's SDK have an exception
    *((client, "crashed") for client in ANTHROPIC),
    *(
        (client, "slow") for client in ("pydantic-ai", "pydantic-ai-native", "pydantic-ai-anthropic")
    ),  # a retry gets the first call's answer
    ("*", "cut-stream"),  # told as an error event, where the upstream just broke off
}

ANSWERED_AGAIN = frozenset({"slow", "slow-stream"})
"""Cases whose second turn may get the answer of the first one's call, which goes on where the client has left."""
