"""AWS for tests: moto's, whose clients read each of botocore's files once for a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader  # type: ignore[import-untyped]
from moto import mock_aws

_ACCOUNT = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
_load_file = JSONFileLoader.load_file


@cache
def _read(path: str) -> Any:
    return _load_file(JSONFileLoader(), path)


def _read_once(_: JSONFileLoader, path: str) -> Any:
    return _read(path)


@contextmanager
def mocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be in an empty account; each client would read a megabyte and a half of JSON again."""
    for name, value in _ACCOUNT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(JSONFileLoader, "load_file", _read_once)
    with mock_aws():
        yield
