"""The official `openai` SDK for Python."""

from __future__ import annotations

import sys

import openai

from scripts.clients import cases, stainless

if __name__ == "__main__":
    cases.run(stainless.Cases(openai, "OpenAI", f"{sys.argv[1]}/v1").all())
