"""Runs a coroutine until it first waits: one that never waits needs no time limit and no watch."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Begun(Generic[T]):
    """
    A coroutine that has run until it first waited; await this once for its result.

    `is_done` says that it never waited: its `result` is there. An error that it raises before is raised at once. Begin
    and await it in the same task.
    """

    __slots__ = ("_awaited", "_coroutine", "is_done", "result")

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self.is_done = False
        try:
            self._awaited = coroutine.send(None)
        except StopIteration as end:
            self.is_done = True
            self.result: T = end.value

    def __await__(self) -> Generator[Any, Any, T]:
        if self.is_done:
            return self.result
        awaited = self._awaited
        try:
            while True:
                try:
                    sent = yield awaited
                except BaseException as error:  # noqa: BLE001  it is the coroutine's
                    awaited = self._coroutine.throw(error)
                else:
                    awaited = self._coroutine.send(sent)
        except StopIteration as end:
            result: T = end.value
            return result
