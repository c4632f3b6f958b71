"""Translates between HTTP and the events of API Gateway's HTTP API, payload format 2.0."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

LARGEST_PAYLOAD = 6 * 1024 * 1024
"""Bytes; Lambda takes and gives no more in one synchronous invocation."""

_TEXT = ("text/", "application/json", "application/javascript", "application/xml")


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def to_event(request: Request, *, source_ip: str = "127.0.0.1") -> dict[str, Any]:
    """Build the event; bodies that are not text travel in base64, repeated headers joined by commas."""
    path, _, query = request.target.partition("?")
    headers = _joined((name.lower(), value) for name, value in request.headers if name.lower() != "cookie")
    text = headers.get("content-type", "").startswith(_TEXT)
    body = _as_text(request.body) if text else None
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(path),
        "rawQueryString": query,
        "cookies": [
            part.strip() for name, value in request.headers if name.lower() == "cookie" for part in value.split(";")
        ],
        "headers": headers,
        "queryStringParameters": _joined(parse_qsl(query, keep_blank_values=True)),
        "requestContext": _context(request, unquote(path), headers, source_ip),
        "body": base64.b64encode(request.body).decode() if body is None else body,
        "isBase64Encoded": body is None,
    }
    empty = [name for name in ("cookies", "queryStringParameters") if not event[name]]
    return {name: value for name, value in event.items() if name not in empty and (name != "body" or request.body)}


def from_answer(answer: Any) -> Response:
    """
    Read what the function returned, as API Gateway would.

    A status code makes it a response; any other object is the body itself; what cannot be one is a 500.
    """
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Response(200, (("content-type", "application/json"),), json.dumps(answer).encode())
    try:
        return _response(answer)
    except (TypeError, ValueError, AttributeError):
        return failed()


def failed(status: int = 500, message: str = "Internal Server Error") -> Response:
    """Answer in API Gateway's own words: the function was not there, took too long, or made no sense."""
    return Response(status, (("content-type", "application/json"),), json.dumps({"message": message}).encode())


def _response(answer: dict[str, Any]) -> Response:
    body = answer.get("body") or ""
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()
    headers = [(str(name), str(value)) for name, value in (answer.get("headers") or {}).items()]
    headers += [("set-cookie", str(cookie)) for cookie in answer.get("cookies") or []]
    return Response(int(answer["statusCode"]), tuple(headers), content)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in pairs:
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def _as_text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _context(request: Request, path: str, headers: dict[str, str], source_ip: str) -> dict[str, Any]:
    domain = headers.get("host", "localhost")
    return {
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.split(".")[0],
        "http": {
            "method": request.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": "$default",
        "stage": "$default",
        "time": datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(time.time() * 1000),
    }
