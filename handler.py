"""The composition root on Lambda: `handler.handler` is what template.yaml names."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sentinel_core.support import kept_code

if TYPE_CHECKING:
    from sentinel_core.app.lambda_function import Function
    from sentinel_core.app.settings import Settings


STREAMING = "sentinel_core.app.streaming_function.main"
"""The handler that template.yaml names for the streaming function, which works on after an answer has ended."""


def start(environ: Mapping[str, str]) -> Function:
    """
    Build, load and connect everything, so that nothing is left for the first request.

    Raises ConfigurationError, which the platform logs and answers with.
    """
    from sentinel_core.app import secrets
    from sentinel_core.app.settings import Settings
    from sentinel_core.matching.embedders.choice import choose

    def read() -> Settings:
        return Settings.from_environ(secrets.merged(environ, known=Settings.variables()))

    settings = read()
    embedder = choose(settings.embedder)
    # Before the rest is imported: what loading takes at the most is given back by then, and the peak of the process
    # stays 25 MB lower.
    embedder.preload()
    _describe_later()

    from sentinel_core.app.build import build
    from sentinel_core.app.lambda_function import Function, LogRecorder
    from sentinel_core.support.clock import SYSTEM_CLOCK
    from sentinel_core.telemetry.cloudwatch import EmfRecorder

    metrics = EmfRecorder(settings.stage)
    function = Function(
        settings,
        build=lambda given: build(
            given,
            recorders=[LogRecorder(), metrics],
            embedder=embedder,
            metrics=metrics,
            drains_background=environ.get("_HANDLER") == STREAMING,
        ),
        metrics=metrics,
        renew=read if environ.get(secrets.VARIABLE) else None,
        clock=SYSTEM_CLOCK,
    )
    if environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency":
        function.prepare()
    return function


def _describe_later() -> None:
    """
    Import FastAPI's models of OpenAPI unbuilt: they are a quarter of the start, and only `/docs` needs them.

    Their module ends with orders to build three of them, which is 2 % more: they are built at their first use, too.
    """
    from pydantic import BaseModel

    rebuild: Any = vars(BaseModel)["model_rebuild"]

    def rebuild_others(kind: type[BaseModel], /, *, _parent_namespace_depth: int = 2, **options: Any) -> bool | None:
        is_ordered = kind.__name__ in ("Schema", "Operation", "Encoding")
        depth = _parent_namespace_depth + 1
        return None if is_ordered else rebuild.__func__(kind, _parent_namespace_depth=depth, **options)

    BaseModel.model_config["defer_build"] = True
    BaseModel.model_rebuild = classmethod(rebuild_others)  # type: ignore[assignment,method-assign]
    import fastapi.openapi.models  # noqa: F401

    BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]
    del BaseModel.model_config["defer_build"]


class _AnyArray:
    """Stands for each type that numpy has for annotations."""

    def __class_getitem__(cls, _: object) -> type[_AnyArray]:
        return cls


def _leave_out_types() -> None:
    """Import numpy without its types for annotations: only type checkers read them, and they take 20 ms."""
    if "numpy" not in sys.modules:
        for name in ("numpy._typing", "numpy.typing"):
            sys.modules[name] = ModuleType(name)
            vars(sys.modules[name]).update(dict.fromkeys(("ArrayLike", "DTypeLike", "NBitBase", "NDArray"), _AnyArray))


# What is imported stays: looking through it for garbage, now and in each collection to come, is time for nothing.
gc.disable()
kept_code.use()
_leave_out_types()
function = start(os.environ)
gc.freeze()
gc.enable()

function.hook()
handler = function.handle
