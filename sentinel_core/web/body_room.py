"""Bounds the memory of all large bodies that are held at once, of requests and answers, shared by the callers' keys."""

from __future__ import annotations

from collections import Counter

from sentinel_core.errors import ServiceUnavailableError

FREE_BYTES = 65_536
"""Of each body; so much is held for every connection in any case."""

_RETRY_SECONDS = 1.0


class BodyRoom:
    """
    At most `most` bytes of bodies, from their arrival to the end of their requests.

    Past it, only owners below an even share may take more, so that one key's bodies shut out no other's: then up to
    twice as many bytes are held. An owner is the id of a key, "" without keys.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_owner: Counter[str] = Counter()
        self.held = 0
        """The bytes held now."""

    def held_by(self, owner: str) -> int:
        """Return the bytes that an owner holds now."""
        return self._by_owner[owner]

    def take(self, owner: str, size: int, *, is_only: bool = False) -> None:
        """
        Take so many bytes; raise ServiceUnavailableError where there is no room for them.

        An owner whose first ones these are, `is_only`, always finds room.
        """
        own = self._by_owner[owner]
        owners = len(self._by_owner) + (own == 0)
        if not is_only and self.held + size > self._most and own + size > self._most / owners:
            raise ServiceUnavailableError(
                f"the bodies of requests and answers under way are larger than {self._most} bytes",
                what="room",
                retry_after=_RETRY_SECONDS,
            )
        self._by_owner[owner] += size
        self.held += size

    def give_back(self, owner: str, size: int) -> None:
        """Give so many bytes back; an owner without any is forgotten."""
        self.held -= size
        self._by_owner[owner] -= size
        if self._by_owner[owner] <= 0:
            del self._by_owner[owner]


class BodyPlace:
    """The room that one request's body takes; give it back when the request is over."""

    def __init__(self, room: BodyRoom, owner: str) -> None:
        self._room = room
        self._owner = owner
        self._size = 0

    def grow_to(self, size: int) -> None:
        """Take room for a body of so many bytes; raise ServiceUnavailableError where there is none."""
        more = size - FREE_BYTES - self._size
        if more > 0:
            self._room.take(self._owner, more)
            self._size += more

    def take(self, size: int) -> None:
        """
        Take room for an answer of so many bytes more; raise ServiceUnavailableError where there is none.

        An owner's only large request always finds room, however large its answer: 2,048 embeddings take 70 MB.
        """
        self._room.take(self._owner, size, is_only=self._room.held_by(self._owner) == self._size)
        self._size += size

    def give_back(self) -> None:
        if self._size:
            self._room.give_back(self._owner, self._size)
            self._size = 0
