"""The composition root on Lambda: `handler.handler` is what template.yaml names."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sentinel_core.support import kept_code, lean_imports

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
    lean_imports.leave_openapi_unbuilt()

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


# What is imported stays: looking through it for garbage, now and in each collection to come, is time for nothing.
gc.disable()
kept_code.use()
lean_imports.leave_out_annotations()
function = start(os.environ)
gc.freeze()
gc.enable()

function.hook()
handler = function.handle
