"""A server around GPTCache; runs in GPTCache's environment, and imports of ours only the model."""

from __future__ import annotations

import argparse
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request
from gptcache import Cache  # type: ignore[import-not-found]
from gptcache.adapter.api import get, put  # type: ignore[import-not-found]
from gptcache.manager import CacheBase, VectorBase, get_data_manager  # type: ignore[import-not-found]
from gptcache.processor.pre import get_prompt  # type: ignore[import-not-found]
from gptcache.similarity_evaluation import SearchDistanceEvaluation  # type: ignore[import-not-found]

from sentinel_core.matching.embedders import onnx_runtime
from sentinel_core.matching.vectors import DIMENSION


def create(upstream: str) -> FastAPI:
    model, cache, client = onnx_runtime.load(), Cache(), httpx.AsyncClient(timeout=30)
    cache.init(
        pre_embedding_func=get_prompt,
        embedding_func=lambda text, **_: model.embed([text])[0],
        data_manager=get_data_manager(CacheBase("sqlite"), VectorBase("faiss", dimension=DIMENSION)),
        similarity_evaluation=SearchDistanceEvaluation(),
    )
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Any:
        body = await request.json()
        prompt = body["messages"][-1]["content"]
        text = get(prompt, cache_obj=cache)
        if text is None:
            answer = await client.post(f"{upstream}/v1/chat/completions", json=body)
            text = answer.json()["choices"][0]["message"]["content"]
            put(prompt, text, cache_obj=cache)
        message = {"role": "assistant", "content": text}
        return {"object": "chat.completion", "model": body["model"], "choices": [{"index": 0, "message": message}]}

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--upstream")
    arguments = parser.parse_args()
    uvicorn.run(create(arguments.upstream), port=arguments.port, access_log=False, log_config=None)
