"""Takes the caller's settings out of the environment of the tests, which they would change."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

_PREFIXES = ("SENTINEL_", "AWS_", "UPSTASH_", "OTEL_", "OPENAI_", "AZURE_", "ANTHROPIC_", "GROQ_")
_SUFFIXES = ("_API_KEY", "_BASE_URL", "_PROXY")
_NAMES = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHON_COLORS")
_KEPT = "TESTS_KEPT_"


def cleared(environ: MutableMapping[str, str]) -> dict[str, str]:
    """
    Remove settings of Sentinel, keys and addresses of providers, proxies, and sizes and colours of terminals.

    Return the proxies, also those that a parent process has removed.
    """
    for name in [name for name in environ if not name.startswith(_KEPT)]:
        if name.upper().startswith(_PREFIXES) or name.upper().endswith(_SUFFIXES) or name in _NAMES:
            value = environ.pop(name)
            if name.upper().endswith("_PROXY"):
                environ[f"{_KEPT}{name}"] = value
    return {name.removeprefix(_KEPT): value for name, value in environ.items() if name.startswith(_KEPT)}


PROXIES = cleared(os.environ)
"""For commands that load packages from a registry; tests talk to this machine alone."""
