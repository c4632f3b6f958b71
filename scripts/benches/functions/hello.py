"""The least that answers: one FastAPI route under the same adapter."""

from __future__ import annotations

from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.post("/v1/query")
async def query() -> dict[str, str]:
    return {"response": "hello"}


handler = Mangum(app, lifespan="off")
