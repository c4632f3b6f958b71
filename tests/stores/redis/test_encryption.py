from __future__ import annotations

import sys

import pytest

from sentinel_core.errors import ConfigurationError, CorruptEntryError, ForgedEntryError
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.envelope import Value, Values
from tests.stores.contract import entry

OLD, NEW = b"o" * 32, b"n" * 32
TEXT = '{"prompt": "Who reads this?"}'
KEY = "sentinel:v1:ns:entry:f:d"
VALUE = Value(entry("Who reads this?"), (7, 1), 1_800_000_000)


def test_what_was_encrypted_is_decrypted_in_its_place_and_no_two_are_alike() -> None:
    cipher = Cipher({"new": NEW})
    one, other = cipher.encrypt("ns", KEY, TEXT), cipher.encrypt("ns", KEY, TEXT)

    assert one != other
    assert one.startswith("new:")
    assert one.isascii()
    assert cipher.decrypt("ns", KEY, one) == cipher.decrypt("ns", KEY, other) == TEXT


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    before, after = Cipher({"old": OLD}), Cipher({"new": NEW, "old": OLD})

    assert after.decrypt("ns", KEY, before.encrypt("ns", KEY, TEXT)) == TEXT
    with pytest.raises(CorruptEntryError):
        before.decrypt("ns", KEY, after.encrypt("ns", KEY, TEXT))


@pytest.mark.parametrize(
    ("cipher", "namespace", "place"),
    [
        (Cipher({"new": OLD}), "ns", KEY),
        (Cipher({"old": NEW}), "ns", KEY),
        (Cipher({"new": NEW}), "other", KEY),
        (Cipher({"new": NEW}), "ns", KEY[:-1]),
    ],
)
def test_with_another_key_namespace_or_place_it_stays_closed(cipher: Cipher, namespace: str, place: str) -> None:
    text = Cipher({"new": NEW}).encrypt("ns", KEY, TEXT)

    with pytest.raises(CorruptEntryError):
        cipher.decrypt(namespace, place, text)


@pytest.mark.parametrize("rubbish", ["", "new", "new:", "new:AAAA", "new:é", "new:\ud800", f"new:{'A' * 40}", TEXT])
def test_rubbish_is_corrupt(rubbish: str) -> None:
    with pytest.raises(CorruptEntryError):
        Cipher({"new": NEW}).decrypt("ns", KEY, rubbish)


def test_a_value_shows_nothing_of_its_entry() -> None:
    values = Values("e1", b"secret", Cipher({"new": NEW}))
    text = values.pack("ns", KEY, VALUE)

    assert values.unpack("ns", KEY, text) == VALUE
    assert not [shown for shown in ("reads", "groq", "assistant", "prompt") if shown in text]


def test_encrypted_and_readable_values_are_misses_to_each_other_and_not_forged() -> None:
    readable, encrypted = Values("e1", b"secret"), Values("e1", b"secret", Cipher({"new": NEW}))
    for writer, reader in ((readable, encrypted), (encrypted, readable)):
        with pytest.raises(CorruptEntryError) as caught:
            reader.unpack("ns", KEY, writer.pack("ns", KEY, VALUE))
        assert not isinstance(caught.value, ForgedEntryError)


def test_without_a_secret_an_encrypted_entry_still_belongs_to_its_head() -> None:
    values = Values("e1", b"", Cipher({"new": NEW}))
    _, _, written, expires, embedder, vector, body = values.pack("ns", KEY, VALUE).split(" ")
    moved = f"{written} {int(expires) + 1} {embedder} {vector} {body}"

    with pytest.raises(CorruptEntryError):
        values.unpack("ns", KEY, f"2 {values._seal('ns', KEY, moved)} {moved}")


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)

    with pytest.raises(ConfigurationError, match="pip install cryptography"):
        Cipher({"new": NEW})
