"""The bare limits: FastAPI routes that take and give the same JSON as Sentinel, and keep no promise."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
import uvicorn
from fastapi import FastAPI

from scripts.benches.stub import ANSWER, ASKED
from sentinel_core.matching.embedders import onnx_runtime
from sentinel_core.matching.vectors import DIMENSION
from sentinel_core.web.routes.query import QueryRequest, QueryResponse

ENTRIES = 10_000

app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})


@app.post("/v1/query")
async def same(body: QueryRequest) -> QueryResponse:
    """Validate the same body and return the same JSON."""
    return _response(body.prompt)


@app.post("/inferred")
async def inferred(body: QueryRequest) -> QueryResponse:
    """The same, after one embedding, on the event loop: the model as a server has it, not as a loop of nothing else."""
    _model.embed([body.prompt])
    return _response(body.prompt)


@app.post("/embedded")
async def embedded(body: QueryRequest) -> QueryResponse:
    """The same, after one embedding and one search of 10,000 vectors, on the event loop."""
    vector = _model.embed([body.prompt])[0]
    int(np.argmax(_matrix @ vector))
    return _response(body.prompt)


def _response(prompt: str) -> QueryResponse:
    return QueryResponse(
        response=ANSWER + ASKED + prompt,
        cache_hit=True,
        similarity_score=1.0,
        matched_prompt=prompt,
        provider="groq",
        model="stub",
        tokens_used=0,
        latency_ms=0.123,
        cost_usd=0.0,
        saved_usd=0.0001275,
        outcome="hit_exact",
        reason="exact",
        age_seconds=12,
        finish_reason="stop",
    )


_model = onnx_runtime.load()
_matrix = np.random.default_rng(0).standard_normal((ENTRIES, DIMENSION), dtype=np.float32)


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.benches.bare", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args(argv).port
    uvicorn.run(app, port=port, access_log=False, log_config=None, server_header=False)


if __name__ == "__main__":
    main(sys.argv[1:])
