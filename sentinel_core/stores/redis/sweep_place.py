"""How far a sweep through Redis is: what the next one, in any instance, goes on with."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sentinel_core.cache.purge import Removal
from sentinel_core.stores.redis.connection import Command, Reply

PHASES = ("entry", "index", "vectors", "rest")
"""In this order: streams lose the items of entries that are gone."""

WHICH_NODES: Command = ("INFO", "server")
_RUN_ID = re.compile(r"^run_id:(\w+)", re.MULTILINE)


@dataclass(slots=True)
class Place:
    """
    The SCAN cursor of the page under way, in a phase; `done` are the index streams of this page that are finished.

    A cursor holds in one process of Redis only, so `nodes` are the run ids of the masters; "" where they are unknown,
    and then no sweep goes on. `removals` are the ids and times of the removals that the sweep is for.
    """

    removals: Sequence[Sequence[str | float]]
    nodes: str = ""
    phase: str = PHASES[0]
    cursor: str = "0"
    done: Sequence[str] = ()

    def is_of(self, removal: Removal) -> bool:
        """Whether the sweep is for this removal, and not for a later one with its id."""
        return [removal.id, removal.started] in [list(each) for each in self.removals]

    def encode(self) -> str:
        return json.dumps(asdict(self))


def beginning(removals: Sequence[Removal], nodes: str) -> Place:
    """Return the first place of a sweep for these removals."""
    return Place([[each.id, each.started] for each in removals], nodes)


def decode(text: str) -> Place:
    """Read an encoded place, which was sealed."""
    return Place(**json.loads(text))


def run_ids(reply: Reply) -> str:
    """Read the run ids from the reply to `WHICH_NODES`: of all masters, in their order; "" where there are none."""
    return " ".join(_RUN_ID.findall(str(reply)))
