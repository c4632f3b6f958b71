from __future__ import annotations

import pytest

from sentinel_core.errors import ForgedEntryError
from sentinel_core.stores.redis.sealing import SealedTexts, derived, seal

TEXTS = SealedTexts(b"secret", "rings")
CLOSED = TEXTS.close("ns", "place", "a text")


def test_a_sealed_text_is_its_seal_and_itself() -> None:
    assert f"{seal(derived(b'secret', 'rings:ns'), 'place', 'a text')} a text" == CLOSED
    assert TEXTS.open("ns", "place", CLOSED) == "a text"


@pytest.mark.parametrize(
    ("texts", "namespace", "place", "closed"),
    [
        (SealedTexts(b"other", "rings"), "ns", "place", CLOSED),
        (SealedTexts(b"secret", "series"), "ns", "place", CLOSED),
        (TEXTS, "other", "place", CLOSED),
        (TEXTS, "ns", "other", CLOSED),
        (TEXTS, "ns", "place", f"{CLOSED}s"),
        (TEXTS, "ns", "place", "a text"),
        (TEXTS, "ns", "place", ""),
    ],
)
def test_a_text_opens_under_its_own_secret_purpose_and_place(
    texts: SealedTexts, namespace: str, place: str, closed: str
) -> None:
    with pytest.raises(ForgedEntryError):
        texts.open(namespace, place, closed)
