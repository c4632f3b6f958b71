"""The official `groq` SDK, whose paths begin with `/openai/v1`."""

from __future__ import annotations

import sys

import groq

from scripts.clients import cases, stainless

if __name__ == "__main__":
    cases.run(stainless.Cases(groq, "Groq", sys.argv[1]).all())
