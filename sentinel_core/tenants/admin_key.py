"""The admin key of a server that made its own: only its digest is kept, in a file beside the API keys."""

from __future__ import annotations

import secrets
from pathlib import Path

from sentinel_core.errors import StoreError
from sentinel_core.tenants import api_key
from sentinel_core.tenants.key_file import write_private

ADMIN_FILE = "admin_key.sha256"
"""Beside the file of keys."""


class AdminKeyFile:
    """The digest of an admin key; no file means that no key was made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def digest(self) -> str | None:
        """Return the key's SHA-256, None without a key."""
        try:
            return self._path.read_text("ascii").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def make(self) -> str:
        """Make a key and return it; raises StoreError if the file cannot be written."""
        shown = f"sadm-{secrets.token_urlsafe(32)}"
        try:
            write_private(self._path, api_key.digest(shown).encode())
        except OSError as error:
            raise StoreError(f"the admin key cannot be kept: {error.strerror}") from error
        return shown
