"""Takes the caller's settings out of the environment of the tests, which they would change."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from uuid import uuid4

_PREFIXES = ("SENTINEL_", "AWS_", "UPSTASH_", "OTEL_", "OPENAI_", "AZURE_", "ANTHROPIC_", "GROQ_")
_SUFFIXES = ("_API_KEY", "_BASE_URL", "_PROXY")
_NAMES = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PYTHON_COLORS", "SSL_CERT_FILE")
_KEPT = "TESTS_KEPT_"
AUTHORITY = str(Path(__file__).parents[1] / "data" / "authority.pem")
"""The one certificate that clients of the tests read: to read all public ones takes each client 25 ms."""


def cleared(environ: MutableMapping[str, str]) -> dict[str, str]:
    """
    Remove settings of Sentinel, keys and addresses of providers, sizes and colours of terminals, and ways out.

    Return the ways out: proxies and a file of certificates, also those that a parent process has removed.
    """
    for name in [name for name in environ if not name.startswith(_KEPT)]:
        if name.upper().startswith(_PREFIXES) or name.upper().endswith(_SUFFIXES) or name in _NAMES:
            value = environ.pop(name)
            if name.upper().endswith("_PROXY") or (name == "SSL_CERT_FILE" and value != AUTHORITY):
                environ[f"{_KEPT}{name}"] = value
    return {name.removeprefix(_KEPT): value for name, value in environ.items() if name.startswith(_KEPT)}


_WAYS_OUT = cleared(os.environ)
os.environ["SSL_CERT_FILE"] = AUTHORITY

RUN = os.environ.setdefault("TESTS_RUN", uuid4().hex)
"""The name of this run in all its processes."""


def for_registries() -> dict[str, str]:
    """Return the environment of commands that load packages; tests talk to this machine alone."""
    return {**{name: value for name, value in os.environ.items() if name != "SSL_CERT_FILE"}, **_WAYS_OUT}
