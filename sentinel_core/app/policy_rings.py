"""Reads the latest requests and near-misses of a running server, on which a policy is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from sentinel_core.errors import ConfigurationError

_TIMEOUT = 10.0
_MOST = 500
_HITS = ("hit_exact", "hit_semantic")

Row = Mapping[str, Any]


def rings(url: str, key: str | None) -> tuple[Sequence[Row], Sequence[Row]]:
    """
    Return the requests and the near-misses that a server keeps, each with its `time` in ISO 8601.

    Of requests up to 500 of all outcomes and 500 of each kind of hit. Raises ConfigurationError for a server that
    does not answer, refuses the key, or keeps no requests.
    """
    headers = {} if key is None else {"x-api-key": key}
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT) as client:
            requests = _requests(client)
            tenants = sorted({row["tenant"] for row in requests if row["tenant"]})
            return requests, [near for tenant in tenants or [None] for near in _near_misses(client, tenant)]
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"--url: {error}") from error
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
        raise ConfigurationError(f"{url} does not answer as Sentinel does: {type(error).__name__}") from error


def _requests(client: httpx.Client) -> list[Row]:
    found: dict[int, Row] = {}
    for outcome in (None, *_HITS):
        page = _get(client, "/v1/admin/requests", outcome=outcome, limit=_MOST)
        if not page["keeps"]:
            raise ConfigurationError("this server keeps no requests: try the policy on its log, with --log")
        found |= {row["id"]: _timed(row) for row in page["requests"]}
    return [found[number] for number in sorted(found)]


def _near_misses(client: httpx.Client, tenant: str | None) -> Iterator[Row]:
    """Yield a tenant's; without one those of a server without keys, and none of another."""
    if tenant is None and client.get("/v1/admin/near-misses").is_client_error:
        return
    for row in _get(client, "/v1/admin/near-misses", tenant=tenant, limit=100)["near_misses"]:
        yield {**_timed(row), "tenant": tenant}


def _timed(row: Row) -> Row:
    return {**row, "time": datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="seconds")}


def _get(client: httpx.Client, path: str, **params: str | int | None) -> Any:
    given = {name: value for name, value in params.items() if value is not None}
    response = client.get(path, params=given)
    if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise ConfigurationError("the server asks for its admin key: set SENTINEL_ADMIN_KEY, or --key")
    response.raise_for_status()
    return response.json()
