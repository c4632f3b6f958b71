"""DSPy's `LM` and `Predict`, without DSPy's own cache."""

from __future__ import annotations

import sys
from typing import Any

import dspy

from scripts.clients import cases
from scripts.clients.cases import BAD_KEY, GOOD_KEY, Case

_PROMPT = str(cases.MESSAGES[0]["content"])


def _all(base_url: str) -> dict[str, Case]:
    def model(case: str, **options: Any) -> Any:
        given = {"api_base": base_url, "api_key": GOOD_KEY, "cache": False, "num_retries": 0, **options}
        return dspy.LM(f"openai/case-{case}", **given)

    def predict(case: str) -> Any:
        with dspy.context(lm=model(case)):
            return dict(dspy.Predict("question -> answer")(question=_PROMPT))

    return {
        "plain": lambda: model("plain")(_PROMPT),
        "messages": lambda: model("messages")(messages=cases.MESSAGES),
        "responses": lambda: model("responses", model_type="responses")(_PROMPT),
        "predict": lambda: predict("predict"),
        "key": lambda: model("key", api_key=BAD_KEY)(_PROMPT),
        "missing": lambda: model("missing")(_PROMPT),
        "limited": lambda: model("limited")(_PROMPT),
        "plain-again": lambda: model("plain-again")(_PROMPT),
    }


if __name__ == "__main__":
    cases.run(_all(f"{sys.argv[1]}/v1"))
