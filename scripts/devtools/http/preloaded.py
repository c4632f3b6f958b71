"""Imports and reads what servers do, for the process that they are forked from; they import the rest themselves."""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages

from sentinel_core import web
from sentinel_core.matching.embedders.model_files import quieten

quieten()  # as a server does, before numpy is imported

for module in walk_packages(web.__path__, f"{web.__name__}."):
    import_module(module.name)
for name in (
    *("__main__", "app.build", "app.connections", "app.http_protocol", "app.own_address", "app.start_warnings"),
    *("app.tracing", "cache.backup", "gateway.backups", "gateway.similar_entries"),
):
    import_module(f"sentinel_core.{name}")
for name in ("onnxruntime", "tokenizers", "uvicorn.loops.auto", "uvicorn.protocols.http.httptools_impl"):
    import_module(name)
with suppress(ImportError):
    import_module("coverage")


def read() -> None:
    """Read what a server reads in its first second: half of its time, and much more where coverage traces it."""
    from sentinel_core.cache import wording
    from sentinel_core.matching.gate import Gate
    from sentinel_core.providers import pricing
    from sentinel_core.support import patterns

    patterns.warm()
    pricing.load()
    wording.load()
    Gate().judge("How do I reset my password?", "How can I reset my password?", similarity=0.9)
    gc.collect()
    gc.freeze()  # servers collect garbage once they have read all that


read()
