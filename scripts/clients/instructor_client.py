"""instructor in its default mode, over OpenAI's SDK."""

from __future__ import annotations

import sys
from typing import Any

import instructor
from openai import OpenAI
from pydantic import BaseModel

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, MESSAGES, PATIENCE, Case, typed


class City(BaseModel):
    """A city."""

    city: str


def _all(base_url: str) -> dict[str, Case]:
    def ask(case: str, *, api_key: str = GOOD_KEY, timeout: float = 20.0, **params: Any) -> Any:
        sdk = OpenAI(base_url=base_url, api_key=api_key, max_retries=0, timeout=timeout)
        client = instructor.from_openai(sdk)
        given: dict[str, Any] = {"response_model": City, "messages": MESSAGES, "max_retries": 0, **params}
        return client.chat.completions.create(model=f"case-{case}", **given)

    def partly(case: str) -> Any:
        given = list(ask(case, response_model=instructor.Partial[City], stream=True))
        return {"chunks": [typed(each) for each in given], "last": typed(given[-1])}

    return {
        "extraction": lambda: typed(ask("extraction")),
        "extraction-stream": lambda: partly("extraction-stream"),
        "key": lambda: ask("key", api_key=BAD_KEY),
        "missing": lambda: ask("missing"),
        "limited": lambda: ask("limited"),
        "slow": lambda: ask("slow", timeout=PATIENCE),
        "extraction-again": lambda: typed(ask("extraction-again")),
    }


if __name__ == "__main__":
    cases.run(_all(f"{sys.argv[1]}/v1"))
