"""pydantic-ai with its defaults: `openai:` (Responses) and `anthropic:`; the API is the first argument."""

from __future__ import annotations

import os
import sys
from typing import Any

from pydantic import BaseModel
from pydantic_ai import Agent, ModelSettings

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, PATIENCE, Case

_PROMPT = str(cases.MESSAGES[0]["content"])


class City(BaseModel):
    """A city."""

    city: str


def weather(city: str) -> str:
    """Return the weather in a city."""
    return f"18 degrees in {city}"


def _all(api: str) -> dict[str, Case]:
    def agent(case: str, **options: Any) -> Agent[None, Any]:
        return Agent(f"{api}:case-{case}", **options)

    def ask(case: str, *, seconds: float = 20.0, **options: Any) -> Any:
        return _described(agent(case, **options).run_sync(_PROMPT, model_settings=ModelSettings(timeout=seconds)))

    def streamed(case: str) -> Any:
        result = agent(case).run_stream_sync(_PROMPT)
        return {"chunks": list(result.stream_text(delta=True)), "text": result.get_output()}

    def refused(case: str) -> Any:
        os.environ[f"{api.upper()}_API_KEY"] = BAD_KEY
        try:
            return ask(case)
        finally:
            os.environ[f"{api.upper()}_API_KEY"] = GOOD_KEY

    return {
        "plain": lambda: ask("plain"),
        "stream": lambda: streamed("stream"),
        "instructions": lambda: ask("instructions", instructions="Be kind."),
        "tool-loop": lambda: ask("tool-loop", tools=[weather]),
        "output": lambda: ask("output", output_type=City),
        "reasoning": lambda: ask("reasoning"),
        "key": lambda: refused("key"),
        "missing": lambda: ask("missing"),
        "slow": lambda: ask("slow", seconds=PATIENCE),
        "plain-again": lambda: ask("plain-again"),
    }


def _described(result: Any) -> dict[str, Any]:
    """The output, and the parts of each message of the run."""
    messages = [
        {
            "class": type(message).__name__,
            "model": getattr(message, "model_name", None),
            "finish": getattr(message, "finish_reason", None),
            "parts": [
                [type(part).__name__, getattr(part, "tool_name", None), getattr(part, "args", None), str(part.content)]
                if hasattr(part, "content")
                else [type(part).__name__, part.tool_name, part.args]
                for part in message.parts
            ],
        }
        for message in result.all_messages()
    ]
    return {"output": str(result.output), "messages": messages}


if __name__ == "__main__":
    name, address = sys.argv[1:3]
    os.environ |= {
        "OPENAI_BASE_URL": f"{address}/v1",
        "ANTHROPIC_BASE_URL": address,
        "OPENAI_API_KEY": GOOD_KEY,
        "ANTHROPIC_API_KEY": GOOD_KEY,
    }
    cases.run(_all(name))
