from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.matching import vectors
from sentinel_core.stores.redis.envelope import Value, Values
from tests.stores.contract import entry, unit

KEY = "sentinel:v1:ns:entry:f:d"
VALUE = Value(entry("Ünïcödé 🙂 \ud800?"), (7, 1), 1_800_000_000, vectors.encode(unit(1)))
VALUES = Values("e1", b"secret")
TEXT = VALUES.pack("ns", KEY, VALUE)


@pytest.mark.parametrize("value", [VALUE, replace(VALUE, vector="")])
def test_what_was_packed_is_unpacked_by_all_who_have_the_secret(value: Value) -> None:
    text = VALUES.pack("ns", KEY, value)

    assert text.isascii()
    assert Values("e1", b"secret").unpack("ns", KEY, text) == value


def test_what_was_read_before_is_good_under_its_own_key_only() -> None:
    values = Values("e1", b"secret")

    assert values.unpack("ns", KEY, TEXT) is values.unpack("ns", KEY, TEXT)
    for namespace, key in (("other", KEY), ("ns", f"{KEY}e")):
        with pytest.raises(ForgedEntryError):
            values.unpack(namespace, key, TEXT)


def test_what_is_long_is_read_each_time() -> None:
    long = VALUES.pack("ns", KEY, replace(VALUE, entry=entry("long " * 1_000)))

    assert VALUES.unpack("ns", KEY, long) is not VALUES.unpack("ns", KEY, long)


def test_the_vector_of_another_embedder_is_none() -> None:
    assert Values("e2", b"secret").unpack("ns", KEY, TEXT) == replace(VALUE, vector="")


@pytest.mark.parametrize(
    ("values", "namespace", "key"),
    [
        (Values("e1", b"another"), "ns", KEY),
        (Values("e1"), "ns", KEY),
        (VALUES, "other", KEY),
        (VALUES, "ns", "sentinel:v1:ns:entry:f:e"),
        (VALUES, "ns", "sentinel:v1:ns:entry:g:d"),
        (VALUES, "ns", "sentinel:v1:other:entry:f:d"),
    ],
)
def test_under_another_secret_namespace_or_key_it_is_forged(values: Values, namespace: str, key: str) -> None:
    with pytest.raises(ForgedEntryError):
        values.unpack(namespace, key, TEXT)


def test_with_any_character_changed_it_is_forged() -> None:
    for at in range(2, len(TEXT)):
        for text in (TEXT[:at] + "~" + TEXT[at + 1 :], TEXT[:at] + TEXT[at + 1 :], TEXT[:at]):
            with pytest.raises(ForgedEntryError):
                VALUES.unpack("ns", KEY, text)


def test_a_seal_is_not_one_of_another_format() -> None:
    with pytest.raises(CorruptEntryError) as caught:
        VALUES.unpack("ns", KEY, "1" + TEXT[1:])
    assert type(caught.value) is CorruptEntryError


@pytest.mark.parametrize("text", ["2 ", "2  ", "2 é x", "2 \ud800 \ud800", f"2 {'0' * 32} 0-0 5 e1 - {{}}"])
def test_what_was_never_sealed_is_forged(text: str) -> None:
    with pytest.raises(ForgedEntryError):
        VALUES.unpack("ns", KEY, text)
