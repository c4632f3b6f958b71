"""An import of `handler`, judged by what it loads: times belong to `scripts/bench cold`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SCRIPT = """
import json, os, sys
import handler
print(json.dumps(sorted(sys.modules)))
from fastapi.openapi.models import Operation
print(json.dumps(Operation.__pydantic_complete__))
from sentinel_core.support import patterns
print(json.dumps(sum("pattern" in vars(each) for each in patterns._LAZY)))
handler.function.before_snapshot()
print(json.dumps(sorted(sys.modules)))
print(json.dumps(sum("pattern" not in vars(each) for each in patterns._LAZY)))
from numpy._core import _add_newdocs, _add_newdocs_scalars
print(json.dumps([_add_newdocs.__doc__, _add_newdocs_scalars.__doc__]))
from pydantic import TypeAdapter
from typing_extensions import TypedDict
print(json.dumps(TypeAdapter(TypedDict("Sum", {"total": int})).validate_python({"total": "3"})))
"""


@pytest.fixture(scope="module")
def found() -> list[list[str]]:
    """The output of `_SCRIPT`: after INIT, then with all prepared, and the manuals of numpy and a typed dictionary."""
    environ = {"PATH": "/usr/bin:/bin", "SENTINEL_OPEN": "true", "SENTINEL_EMBEDDER": "onnx"}
    run = subprocess.run(
        [sys.executable, "-c", _SCRIPT], cwd=ROOT, env=environ, capture_output=True, check=True, text=True
    )
    return [
        json.loads(line)
        for line in run.stdout.splitlines()
        if line[:1] in "[0123456789tf" or line.startswith('{"total"')
    ]


def test_the_start_imports_no_route_but_that_of_prompts(found: list[list[str]]) -> None:
    routes = {name for name in found[0] if name.startswith(("sentinel_core.web.routes.", "sentinel_core.web.admin."))}
    assert routes == {"sentinel_core.web.routes.query"}


def test_the_start_imports_no_library_of_seldom_work(found: list[list[str]]) -> None:
    seldom = {"opentelemetry.sdk", "redis", "upstash_redis", "stdnum", "yaml", "markdown_it", "boto3", "uvicorn"}
    assert seldom & set(found[0]) == set()


def test_the_start_imports_no_types_of_arrays(found: list[list[str]]) -> None:
    assert [name for name in found[0] if name.startswith("numpy._typing.")] == []


def test_the_start_imports_no_manual_of_arrays(found: list[list[str]]) -> None:
    assert found[5] == [None, None]


def test_the_start_without_a_redis_imports_nothing_for_it(found: list[list[str]]) -> None:
    redis = {name for name in found[0] if name.startswith("sentinel_core.stores.redis.")}
    assert redis == {"sentinel_core.stores.redis.encryption", "sentinel_core.stores.redis.sealing"}


def test_typed_dictionaries_are_read_after_the_start(found: list[list[str]]) -> None:
    assert found[6] == {"total": 3}  # type: ignore[comparison-overlap]


def test_the_start_builds_no_model_of_openapi(found: list[list[str]]) -> None:
    assert found[1] is False  # type: ignore[comparison-overlap]


def test_the_start_compiles_few_patterns_for_prompts(found: list[list[str]]) -> None:
    assert found[2] <= 16  # type: ignore[operator]


def test_a_snapshot_has_all_routes_and_patterns(found: list[list[str]]) -> None:
    assert "sentinel_core.web.admin.stats" in found[3]
    assert found[4] == 0  # type: ignore[comparison-overlap]
