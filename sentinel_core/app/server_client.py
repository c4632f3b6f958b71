"""A running server as commands reach it: its address, its key, and its refusals."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import httpx

from sentinel_core.errors import ConfigurationError

_TRIES = 4
_PASSING = frozenset({429, 500, 502, 503, 504})


class Server:
    """
    A server's routes; a request that fails on the way is sent again, because all of them may be repeated.

    What the server has tried often enough itself (`x-should-retry: false`) is not.
    """

    def __init__(self, options: argparse.Namespace, environ: Mapping[str, str]) -> None:
        key = options.key or environ.get("SENTINEL_KEY", "")
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=options.url.rstrip("/"), headers=headers, timeout=60.0)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, method: str, path: str, *, tenant: str | None = None, **given: Any) -> httpx.Response:
        """Return the answer of a server that answers; raises ConfigurationError."""
        params = {**given.pop("params", {}), **({} if tenant is None else {"tenant": tenant})}
        for trial in range(_TRIES):
            try:
                response = self._http.request(method, path, params=params, **given)
            except httpx.TransportError as error:
                if trial == _TRIES - 1:
                    raise ConfigurationError(f"{self._http.base_url} does not answer: {error}") from error
            else:
                may_pass = response.status_code in _PASSING and response.headers.get("x-should-retry") != "false"
                if not may_pass or trial == _TRIES - 1:
                    return response
            time.sleep(0.2 * 4**trial)
        raise AssertionError("unreachable")

    def entries(self, tenant: str | None) -> Iterator[dict[str, Any]]:
        """Yield all curated answers of a namespace, by their ids."""
        cursor: str | None = ""
        while cursor is not None:
            page = checked(self.ask("GET", "/v1/cache/curated", tenant=tenant, params={"cursor": cursor})).json()
            yield from page["entries"]
            cursor = page["next_cursor"]

    def put(self, entries: Sequence[Mapping[str, Any]], tenant: str | None) -> httpx.Response:
        return self.ask("PUT", "/v1/cache/entries", tenant=tenant, json={"entries": list(entries)})


def checked(response: httpx.Response) -> httpx.Response:
    """Return a response of status 200; raises ConfigurationError for any other."""
    if response.status_code != httpx.codes.OK:
        raise ConfigurationError(f"{response.url.path}: {response.status_code} {reason(response)}")
    return response


def reason(response: httpx.Response) -> str:
    """Return the message of a refusal."""
    try:
        return str(response.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase


def say(line: str, file: TextIO | None = None) -> None:
    """Print for the command's user."""
    print(line, file=file)


def parser_of(name: str, description: str, *, file: bool = False) -> argparse.ArgumentParser:
    """Return a parser with the server's address and key, and with a file."""
    parser = argparse.ArgumentParser(prog=f"sentinel {name}", description=description)
    if file:
        parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--url", default="http://127.0.0.1:8001", help="the server (default %(default)s)")
    parser.add_argument("--key", help="admin key, or a key with scope curate; else SENTINEL_KEY")
    parser.add_argument("--tenant", help="whose answers, with the admin key where keys exist")
    return parser
