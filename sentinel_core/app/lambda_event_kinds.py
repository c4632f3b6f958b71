"""Recognises the kinds of Lambda events: HTTP requests, warm-ups, and any other."""

from __future__ import annotations

from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]
WARM_UP_SOURCE = "sentinel.warmup"


def is_warm_up(event: object) -> bool:
    """Recognise our schedule's event, and a plain one of EventBridge or its Scheduler."""
    if not isinstance(event, dict):
        return False
    return event.get("source") == WARM_UP_SOURCE or event.get("detail-type") == "Scheduled Event"


def is_http(event: object) -> bool:
    """
    Recognise an HTTP request.

    API Gateway's version 2 and Function URLs describe it in the event's context, version 1 beside the context. An
    authorizer's event repeats the request, and has an ARN of the method or route.
    """
    if not isinstance(event, dict) or not isinstance(context := event.get("requestContext"), dict):
        return False
    if "methodArn" in event or "routeArn" in event:
        return False
    return isinstance(context.get("http"), dict) or isinstance(event.get("httpMethod"), str)


def stage_path(event: Event) -> str:
    """
    Return the stage's name as callers see it in front of the path, "" where it is not there.

    Version 2 has the stage in its path, version 1 in the context's path only. Behind a custom domain it is in neither.
    """
    context = event["requestContext"]
    base = f"/{context.get('stage', '')}"
    http = context.get("http")
    shown = http["path"] if http else context.get("path", "")
    return base if f"{shown}/".startswith(f"{base}/") and base != "/" else ""
