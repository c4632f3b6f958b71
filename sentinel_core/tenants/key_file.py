"""Keeps keys, and the server's secret, in files that only their owner may read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from sentinel_core.errors import ConfigurationError, StoreError
from sentinel_core.tenants.api_key import ApiKey, complaint

_KEYS = TypeAdapter(list[ApiKey])
SECRET_FILE = "namespace_secret"  # noqa: S105  the name of a file
"""Beside the file of keys; where it exists, callers need a key."""

SIGNING_FILE = "signing_key"
"""Beside it: the secret of an open server's audit log, which becomes the server's secret with the first key."""

_SECRET_BYTES = 32


class FileKeys:
    """
    A `KeyStore` in one JSON file, a list of keys; no file is an empty list.

    Changes by other processes are seen at once. Two writers at the same moment are not foreseen: the later one wins.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int, int] | None, Mapping[str, ApiKey]] = (None, {})

    async def get(self, sha256: str) -> ApiKey | None:
        return self._keys().get(sha256)

    async def put(self, key: ApiKey) -> None:
        keys = {**self._keys(), key.sha256: key}
        try:
            write_private(self.path, _KEYS.dump_json(list(keys.values()), indent=2))
        except OSError as error:
            raise StoreError(f"the file of keys cannot be written: {error.strerror}") from error

    async def all(self) -> Sequence[ApiKey]:
        return sorted(self._keys().values(), key=lambda key: key.created)

    async def aclose(self) -> None:
        """Nothing to give back."""

    def _keys(self) -> Mapping[str, ApiKey]:
        """Read the file again if it is not the one read before."""
        try:
            found = self.path.stat()
            version = (found.st_ino, found.st_mtime_ns, found.st_size)
            if version != self._read[0]:
                self._read = version, {key.sha256: key for key in _KEYS.validate_json(self.path.read_bytes())}
        except FileNotFoundError:
            self._read = None, {}
        except OSError as error:
            raise StoreError(f"the file of keys cannot be read: {error.strerror}") from error
        except ValidationError as error:
            raise StoreError(f"the file of keys: {complaint(error)}") from None
        return self._read[1]


def secret_in(path: Path) -> bytes:
    """Return the secret of this file, made if it is absent; raises ConfigurationError if it cannot be written."""
    try:
        if not path.exists():
            _make_secret(path)
        return path.read_bytes().strip()
    except OSError as error:
        raise ConfigurationError(
            f"SENTINEL_NAMESPACE_SECRET is not set, and none can be kept in {path}: {error.strerror}"
        ) from error


def _make_secret(path: Path) -> None:
    """Write a new secret; the server's own takes over the one that signed the audit log until now."""
    if path.name == SECRET_FILE:
        with suppress(FileNotFoundError):
            path.with_name(SIGNING_FILE).replace(path)
            return
    write_private(path, secrets.token_hex(_SECRET_BYTES).encode())


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step; it is its owner's alone, and so is its folder if that is new."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
