"""Pairs that wait for a judge, in Redis: a sorted set of sealed texts for each namespace, by the time they came."""

from __future__ import annotations

from collections.abc import Sequence

from sentinel_core.cache.entry import Entry
from sentinel_core.chat.messages import Completion
from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.learning import waiting
from sentinel_core.learning.waiting import WaitingPair
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, checked, listed
from sentinel_core.stores.redis.encryption import Cipher
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.known_purges import stamp, text_of
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.sealing import SealedTexts
from sentinel_core.support.clock import Clock

MOST_WAITING = 200
"""Pairs of one namespace; past it the oldest are dropped."""

KEEP_SECONDS = 3_600
"""Seconds after which a pair is not judged any more, and its bytes are gone."""

MOST_SPACES = 16
"""Namespaces of which one round trip takes pairs, so that no tenant waits for another's flood."""

_LONGEST = 16_384
"""Bytes of a pair's text that Redis takes; the judge takes no longer prompts anyhow."""


class RedisWaitingPairs:
    """
    `WaitingPairs` of all instances: an equal pair waits once, except where texts are encrypted.

    Forged texts and those that are no pairs go to `faults`.
    """

    def __init__(self, trips: Trips, secret: bytes, cipher: Cipher | None, faults: Faults, clock: Clock) -> None:
        self._trips = trips
        self._texts = SealedTexts(secret, "judging")
        self._cipher = cipher
        self._faults = faults
        self._now = clock.now

    def put(self, pair: WaitingPair) -> None:
        namespace, text = pair.query.namespace, waiting.encode(pair)
        if len(text) > _LONGEST:
            return
        key = key_names.judging(namespace)
        self._trips.later(
            [
                ("ZADD", key, "NX", f"{self._now():.3f}", self._sealed(namespace, text)),
                ("ZREMRANGEBYRANK", key, "0", str(-MOST_WAITING - 1)),
                ("EXPIRE", key, str(KEEP_SECONDS)),
                ("SADD", key_names.JUDGING, namespace),
                ("EXPIRE", key_names.JUDGING, str(KEEP_SECONDS)),
            ]
        )

    async def take(self, most: int) -> Sequence[WaitingPair]:
        [spaces] = checked(await self._trips.run([("SPOP", key_names.JUDGING, str(MOST_SPACES))]))
        names = [str(name) for name in listed(spaces)]
        if not names:
            return []
        each = str(max(1, most // len(names)))
        pops: list[Command] = [("ZPOPMIN", key_names.judging(name), each) for name in names]
        replies = checked(await self._trips.run([*pops, *(("EXISTS", key_names.judging(name)) for name in names)]))
        await self._trips.catch_up()
        if left := [name for name, there in zip(names, replies[len(names) :], strict=True) if there]:
            checked(await self._trips.run([("SADD", key_names.JUDGING, *left)]))
        found: list[WaitingPair] = []
        for name, reply in zip(names, replies, strict=False):
            flat = listed(reply)
            found += [
                pair
                for text, score in zip(flat[::2], flat[1::2], strict=True)
                if (pair := self._read(name, str(text), float(str(score)))) is not None
            ]
        return found

    def _read(self, namespace: str, sealed: str, at: float) -> WaitingPair | None:
        """Read a text; None for one that is too old, erased, forged or not ours."""
        try:
            written, _, text = self._texts.open(namespace, _PLACE, sealed).partition(" ")
            if self._cipher is not None:
                text = self._cipher.decrypt(namespace, key_names.judging(namespace), text)
            pair = waiting.decode(namespace, text)
            writer = Entry(pair.query.prompt, _NO_ANSWER, at, 0.0, author=pair.author, key=pair.key)
            is_purged = self._trips.purges.covers(stamp(written), namespace, writer)
        except ForgedEntryError:
            self._faults.note_forged_text(namespace)
            return None
        except (CorruptEntryError, ValueError):
            self._faults.note_corrupt(1)
            return None
        return None if is_purged or at < self._now() - KEEP_SECONDS else pair

    def _sealed(self, namespace: str, text: str) -> str:
        if self._cipher is not None:
            text = self._cipher.encrypt(namespace, key_names.judging(namespace), text)
        return self._texts.close(namespace, _PLACE, f"{text_of(self._trips.purges.last)} {text}")


_PLACE = "judging"
_NO_ANSWER = Completion("", "", {}, "")
