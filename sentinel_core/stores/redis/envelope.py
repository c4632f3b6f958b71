"""
The text under an entry's key: a format version, a seal, and the sealed parts.

That is the stamp of the last purge known, the expiry, the vector with its embedder, and the entry, which may be
encrypted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sentinel_core.cache import entry as entries
from sentinel_core.cache import pairs
from sentinel_core.cache.entry import Entry
from sentinel_core.cache.pairs import JudgedPair
from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.known_purges import Stamp, stamp, text_of
from sentinel_core.stores.redis.sealing import derived, seal
from sentinel_core.tenants.api_key import same

FORMAT = "2"
MAX_KEYS = 10_000
"""Derived keys kept; past it all are derived again, which takes microseconds."""

_NOTHING = "-"
_PAIR = "\npair"
_RECENT = 1_024
_SHORT = 4_096  # characters; so that the remembered values stay below 10 MB


@dataclass(frozen=True, slots=True)
class Value:
    """
    `written` is the last purge its writer knew of; `expires` is when Redis drops it, in Unix time.

    `vector` is encoded, "" without one of this embedder.
    """

    entry: Entry
    written: Stamp
    expires: int
    vector: str = ""


class Values:
    """
    Writes and reads values; a value is valid only under the key it was written for.

    The seal's key is derived from the secret for each namespace.
    Without a secret the seal shows accidents, but no forgery. With a cipher only encrypted values are read.
    The last values read are remembered, except encrypted ones, which never stay in clear.
    """

    def __init__(self, embedder_id: str, secret: bytes = b"", cipher: Cipher | None = None) -> None:
        self._embedder_id = embedder_id
        self._secret = secret
        self._cipher = cipher
        self._keys: dict[str, bytes] = {}
        self._recently_read = lru_cache(maxsize=_RECENT)(self._read)

    def pack(self, namespace: str, key: str, value: Value) -> str:
        head = f"{text_of(value.written)} {value.expires} {self._embedder_id} {value.vector or _NOTHING}"
        entry = entries.encode(value.entry)
        if self._cipher is not None:
            entry = self._cipher.encrypt(namespace, _place(key, head), entry)
        sealed = f"{head} {entry}"
        return f"{FORMAT} {self._seal(namespace, key, sealed)} {sealed}"

    def unpack(self, namespace: str, key: str, text: object) -> Value:
        """Read a value; raise CorruptEntryError for any other text, ForgedEntryError for another key's value."""
        if not isinstance(text, str) or not text.startswith(f"{FORMAT} "):
            raise CorruptEntryError("value of another format")
        is_remembered = self._cipher is None and len(text) <= _SHORT
        return (self._recently_read if is_remembered else self._read)(namespace, key, text)

    def read_once(self, namespace: str, key: str, text: object) -> Value:
        """Read as `unpack` does, without remembering the value."""
        if not isinstance(text, str) or not text.startswith(f"{FORMAT} "):
            raise CorruptEntryError("value of another format")
        return self._read(namespace, key, text)

    def forget(self) -> None:
        """Forget the values that were read recently."""
        self._recently_read.cache_clear()

    def pack_pair(self, namespace: str, key: str, pair: JudgedPair, written: Stamp) -> str:
        """Seal a judged pair, and the last purge its writer knew of, for the index stream under `key`."""
        text = f"{text_of(written)} {pairs.encode(pair)}"
        return f"{self._seal(namespace, f'{key}{_PAIR}', text)} {text}"

    def unpack_pair(self, namespace: str, key: str, text: object) -> tuple[Stamp, JudgedPair]:
        """Read a judged pair; raise CorruptEntryError for any other text, ForgedEntryError for another key's pair."""
        if not isinstance(text, str):
            raise CorruptEntryError("not a pair")
        found, _, sealed = text.partition(" ")
        if not same(found, self._seal(namespace, f"{key}{_PAIR}", sealed)):
            raise ForgedEntryError("pair with another's seal")
        written, _, encoded = sealed.partition(" ")
        try:
            return stamp(written), pairs.decode(encoded)
        except ValueError as error:
            raise CorruptEntryError("pair without its head") from error

    def _read(self, namespace: str, key: str, text: str) -> Value:
        found, _, sealed = text[len(FORMAT) + 1 :].partition(" ")
        if not same(found, self._seal(namespace, key, sealed)):
            raise ForgedEntryError("value with another's seal")
        try:
            *head, entry = sealed.split(" ", 4)
            written, expires, embedder, vector = head
            if self._cipher is not None:
                entry = self._cipher.decrypt(namespace, _place(key, " ".join(head)), entry)
            own = embedder == self._embedder_id and vector != _NOTHING
            return Value(entries.decode(entry), stamp(written), int(expires), vector if own else "")
        except ValueError as error:
            raise CorruptEntryError("value without its head") from error

    def _seal(self, namespace: str, key: str, sealed: str) -> str:
        return seal(self._key(namespace), f"{FORMAT}\n{key}", sealed)

    def _key(self, namespace: str) -> bytes:
        """Return a namespace's key, derived at its first use."""
        if len(self._keys) >= MAX_KEYS:
            self._keys.clear()
        if namespace not in self._keys:
            self._keys[namespace] = derived(self._secret, f"seal:{namespace}")
        return self._keys[namespace]


def _place(key: str, head: str) -> str:
    """Return the text that an encrypted entry is bound to, with or without a secret to seal with."""
    return f"{FORMAT}\n{key}\n{head}"
