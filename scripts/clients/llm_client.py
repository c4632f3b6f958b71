"""The `llm` library, with a model of `extra-openai-models.yaml` as its users add one."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, Case

_PROMPT = str(cases.MESSAGES[0]["content"])
_CASES = ("plain", "stream", "schema", "tool-run", "key", "missing", "plain-again")


def weather(city: str) -> str:
    """Return the weather in a city."""
    return f"18 degrees in {city}"


def _all() -> dict[str, Case]:
    import llm  # reads its folder from the environment when it is imported

    def ask(case: str, *, key: str = GOOD_KEY, stream: bool = False, **options: Any) -> Any:
        response = llm.get_model(f"case-{case}").prompt(_PROMPT, key=key, stream=stream, **options)
        chunks = list(response)
        return {"chunks": chunks, "text": response.text(), "calls": [str(call) for call in response.tool_calls()]}

    def chained(case: str) -> Any:
        chain = llm.get_model(f"case-{case}").chain(_PROMPT, key=GOOD_KEY, tools=[weather], stream=False)
        return chain.text()

    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return {
        "plain": lambda: ask("plain"),
        "stream": lambda: ask("stream", stream=True),
        "schema": lambda: ask("schema", schema=schema),
        "tool-run": lambda: chained("tool-run"),
        "key": lambda: ask("key", key=BAD_KEY),
        "missing": lambda: ask("missing"),
        "plain-again": lambda: ask("plain-again"),
    }


def _models(base_url: str) -> str:
    lines = [
        f"- model_id: case-{name}\n  model_name: case-{name}\n  api_base: {base_url}/v1\n"
        "  api_key_name: mine\n  supports_tools: true\n  supports_schema: true\n"
        for name in _CASES
    ]
    return "".join(lines)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        os.environ["LLM_USER_PATH"] = folder
        Path(folder, "extra-openai-models.yaml").write_text(_models(sys.argv[1]), encoding="utf-8")
        cases.run(_all())
