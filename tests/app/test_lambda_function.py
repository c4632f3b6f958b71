from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sentinel_core.app.lambda_deadline import MARGIN_SECONDS, TELL_MARGIN_SECONDS
from sentinel_core.app.lambda_function import (
    SECRET_SECONDS,
    TELL_SECONDS,
    Function,
)
from sentinel_core.app.settings import Settings
from sentinel_core.errors import ConfigurationError
from sentinel_core.telemetry.cloudwatch import EmfRecorder
from sentinel_core.web.context import context_of
from tests.support.fakes import TwoClocks
from tests.support.sandboxes import event


@dataclass
class FakeParts:
    """Says what was done to it."""

    store: str = "ok"
    done: list[str] = field(default_factory=list)
    told: list[float] = field(default_factory=list)

    async def warm(self) -> Mapping[str, str]:
        self.done.append("warm")
        return {"store": self.store, "embedder": "ready"}

    async def tell(self, *, within: float) -> None:
        self.told.append(within)

    async def free(self, *, within: float) -> None:
        """Free nothing."""

    async def judge(self, *, within: float) -> int:
        self.done.append("judge")
        return 0

    async def drain(self, *, within: float) -> None:
        self.done.append("drain")

    async def disconnect(self) -> None:
        self.done.append("disconnect")


@dataclass
class FakeBuilt:
    app: ASGIApp
    parts: FakeParts


@dataclass
class FakeContext:
    aws_request_id: str = "request-1"
    remaining_ms: int = 10_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass
class World:
    """A function around an application that answers with its model's name, and what became of it."""

    stored: str = "ok"
    renewed: Settings | ConfigurationError | None = None
    now: float = 1_000_000.0
    built: list[FakeBuilt] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)

    def start(self) -> Function:
        self.function = Function(
            Settings(model="first"),
            build=self._build,
            metrics=EmfRecorder("test", write=self.lines.append),
            renew=None if self.renewed is None else self._renew,
            clock=TwoClocks(now=lambda: self.now),
        )
        return self.function

    def ask(self) -> str:
        answer = self.function.handle(event("http_api_v2"), FakeContext())
        assert answer["statusCode"] == 200
        return str(answer["body"])

    def counted(self) -> list[str]:
        return [
            metric["Name"]
            for line in map(json.loads, self.lines)
            for directive in line["_aws"]["CloudWatchMetrics"]
            for metric in directive["Metrics"]
        ]

    def _renew(self) -> Settings:
        if isinstance(self.renewed, ConfigurationError):
            raise self.renewed
        assert self.renewed is not None
        return self.renewed

    def _build(self, settings: Settings) -> FakeBuilt:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            self.scopes.append(scope)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": (settings.model or "").encode()})

        self.built.append(FakeBuilt(app, FakeParts(self.stored)))
        return self.built[-1]


@pytest.fixture
def start() -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def make(**fields: Any) -> World:
        worlds.append(World(**fields))
        worlds[-1].start()
        return worlds[-1]

    yield make
    for world in worlds:
        world.function.close()


def test_everything_is_warm_before_the_first_request(start: Callable[..., World]) -> None:
    world = start()
    assert world.built[0].parts.done == ["warm"]
    assert world.function.state == {"store": "ok", "embedder": "ready"}


def test_the_first_invocation_counts_the_cold_start_whatever_it_is(start: Callable[..., World]) -> None:
    world = start()
    world.function.handle({"source": "sentinel.warmup"}, FakeContext())
    world.ask()
    assert world.counted() == ["ColdStarts", "WarmUps"]


def test_the_application_is_told_its_deadline(start: Callable[..., World]) -> None:
    import time

    world = start()
    before = time.monotonic()
    world.ask()
    deadline = context_of(world.scopes[-1]).deadline
    assert before + 10.0 - MARGIN_SECONDS <= deadline <= time.monotonic() + 10.0 - MARGIN_SECONDS


def test_alerts_are_told_before_the_answer_leaves_in_what_is_left_of_the_time(start: Callable[..., World]) -> None:
    world = start()
    told = world.built[0].parts.told
    told.clear()
    world.ask()
    [within] = told

    assert 9.0 - TELL_MARGIN_SECONDS < within <= 10.0 - TELL_MARGIN_SECONDS


def test_a_warm_up_tells_the_alerts_that_wait(start: Callable[..., World]) -> None:
    world = start()
    world.built[0].parts.told.clear()
    world.function.handle({"source": "sentinel.warmup"}, FakeContext())

    assert world.built[0].parts.told == [TELL_SECONDS]


def test_a_warm_up_that_finds_no_store_counts_a_store_error(start: Callable[..., World]) -> None:
    world = start(stored="refused")
    assert world.function.handle({"source": "sentinel.warmup"}, FakeContext()) == {
        "warm": {"store": "refused", "embedder": "ready"}
    }
    assert world.counted() == ["ColdStarts", "WarmUps", "StoreErrors"]


def test_changed_settings_are_taken_up_once_they_may_be_old(start: Callable[..., World]) -> None:
    world = start(renewed=Settings(model="second"))
    world.now += SECRET_SECONDS - 1
    assert world.ask() == "first"
    world.now += 1
    assert world.ask() == "second"
    assert world.built[0].parts.done == ["warm", "disconnect"]


def test_settings_that_did_not_change_build_nothing(start: Callable[..., World]) -> None:
    world = start(renewed=Settings(model="first"))
    world.now += SECRET_SECONDS
    assert world.ask() == "first"
    assert len(world.built) == 1


def test_settings_that_cannot_be_read_leave_the_last_in_force_and_are_not_asked_for_each_time(
    start: Callable[..., World],
) -> None:
    world = start(renewed=ConfigurationError("ssm:/x cannot be read: AccessDeniedException"))
    world.now += SECRET_SECONDS
    assert world.ask() == "first"
    world.renewed = Settings(model="second")
    assert world.ask() == "first"
    world.now += SECRET_SECONDS
    assert world.ask() == "second"


def test_a_restored_environment_reads_its_settings_and_counts_its_own_cold_start(start: Callable[..., World]) -> None:
    world = start(renewed=Settings(model="first"))
    world.function.before_snapshot()
    assert world.built[0].parts.done == ["warm", "disconnect"]
    world.renewed = Settings(model="second")
    world.function.after_restore()
    assert world.built[1].parts.done == ["warm"]
    assert world.ask() == "second"
    assert world.counted() == ["ColdStarts"]
