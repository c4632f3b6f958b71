"""Kinds of Lambda events, and the stage in front of their paths."""

from __future__ import annotations

import pytest

from sentinel_core.app.lambda_event_kinds import is_warm_up, stage_path
from tests.support.sandboxes import event


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"source": "sentinel.warmup"}, True),
        ({"source": "aws.scheduler", "detail-type": "Scheduled Event"}, True),
        (event("scheduled"), True),
        (event("http_api_v2"), False),
        ({"source": "aws.s3"}, False),
        ({}, False),
        (["source"], False),
        (None, False),
    ],
)
def test_warm_ups_are_told_from_all_else(sent: object, expected: bool) -> None:
    assert is_warm_up(sent) is expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"stage": "prod", "http": {"path": "/prod/v1/query"}}, "/prod"),
        ({"stage": "prod", "http": {"path": "/prod"}}, "/prod"),
        ({"stage": "prod", "http": {"path": "/production/v1/query"}}, ""),
        ({"stage": "prod", "http": {"path": "/v1/query"}}, ""),
        ({"stage": "prod", "path": "/prod/v1/query"}, "/prod"),
        ({"stage": "prod", "path": "/v1/query"}, ""),
        ({"stage": "prod"}, ""),
        ({"stage": "$default", "http": {"path": "/v1/query"}}, ""),
        ({"stage": "", "http": {"path": "//v1/query"}}, ""),
        ({"http": {"path": "/v1/query"}}, ""),
    ],
)
def test_the_stage_is_a_base_path_where_callers_see_it(context: dict[str, object], expected: str) -> None:
    assert stage_path({"requestContext": context}) == expected
