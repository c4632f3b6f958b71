"""Imports what servers import, for the process that they are forked from; they import the rest themselves."""

from __future__ import annotations

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
