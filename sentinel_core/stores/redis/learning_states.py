"""Keeps in Redis whether a namespace's odds are frozen, and since when they count: one sealed text each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sentinel_core.errors import CorruptEntryError, ForgedEntryError
from sentinel_core.learning import odds_book
from sentinel_core.learning.odds_book import LearningState, StateReader
from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.cargo import Load
from sentinel_core.stores.redis.connection import Reply, checked
from sentinel_core.stores.redis.faults import Faults
from sentinel_core.stores.redis.round_trips import Trips
from sentinel_core.stores.redis.sealing import SealedTexts

KEEP_SECONDS = 400 * 86_400
_PLACE = "learning"


class RedisLearningStates:
    """`LearningStates` of all instances; a forged text is not read, and counted in `faults`."""

    def __init__(self, trips: Trips, secret: bytes, faults: Faults) -> None:
        self._trips = trips
        self._texts = SealedTexts(secret, "learning")
        self._faults = faults

    def ask(self, namespace: str, reader: StateReader) -> None:
        self._trips.ride(Load([("GET", key_names.learning(namespace))], partial(self._read, namespace, reader)))

    async def write(self, namespace: str, state: LearningState) -> None:
        value = self._texts.close(namespace, _PLACE, odds_book.encode(state))
        checked(await self._trips.run([("SET", key_names.learning(namespace), value, "EX", str(KEEP_SECONDS))]))

    def _read(self, namespace: str, reader: StateReader, replies: Sequence[Reply] | None) -> None:
        if replies is None or not isinstance(replies[0], str | None):
            return
        if replies[0] is None:
            reader.read_state(namespace, odds_book.UNTOUCHED)
            return
        try:
            reader.read_state(namespace, odds_book.decode(self._texts.open(namespace, _PLACE, replies[0])))
        except ForgedEntryError:
            self._faults.note_forged_text(namespace)
        except CorruptEntryError:
            self._faults.note_corrupt(1)
