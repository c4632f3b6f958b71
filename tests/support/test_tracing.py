"""Where coverage's tracer runs. Without coverage none of these can fail but the last two."""

from __future__ import annotations

import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tracing import FIRST_LOOKS, LATER_LOOKS, OTHERS, QUIET_CASES, QUIET_CASES_SECONDS, Tracing


def is_traced(_: object = None) -> bool:
    return sys.gettrace() is not None


@pytest.fixture
def is_measured(request: pytest.FixtureRequest) -> bool:
    plugin = request.config.pluginmanager.getplugin("_cov")
    return getattr(plugin, "cov_controller", None) is not None


def test_a_test_is_traced_where_coverage_is_measured(is_measured: bool) -> None:
    assert is_traced() == is_measured


@pytest.mark.no_cover
def test_a_test_can_be_taken_out() -> None:
    assert not is_traced()


@given(was_traced=st.integers().map(is_traced))
def test_examples_are_drawn_untraced(was_traced: bool) -> None:
    assert not was_traced


KEPT = ThreadPoolExecutor(1)
"""Its thread starts with the first of the next two tests."""


@pytest.mark.parametrize("turn", range(2))
def test_a_thread_that_outlives_a_test_is_traced_in_the_next(turn: int, is_measured: bool) -> None:
    assert KEPT.submit(is_traced, turn).result() == is_measured


BODIES: list[bool] = []


@given(example=st.booleans())
def test_the_body_of_a_property_is_traced(example: bool) -> None:
    BODIES.append(is_traced(example))


@pytest.mark.anyio
@given(example=st.booleans())
async def test_so_is_a_body_that_waits(example: bool) -> None:
    BODIES.append(is_traced(example))


def test_both_bodies_were_traced_where_coverage_is_measured(is_measured: bool) -> None:
    assert set(BODIES) <= {is_measured}


class Measured:
    """A tracer that is given the lines that were passed."""

    def __init__(self) -> None:
        self.is_on = True
        self.saved: list[bool] = []
        self.time = 0.0
        self.lines: set[int] = set()

    def start(self) -> None:
        assert not self.is_on
        self.is_on = True

    def stop(self) -> None:
        assert self.is_on
        self.is_on = False

    def runs(self) -> bool:
        return self.is_on

    def passed(self) -> int:
        return len(self.lines)

    def seconds(self) -> float:
        return self.time

    def save(self) -> None:
        self.saved.append(self.is_on)


def case(number: int, path: str = "t.py", *, has_cover: bool = True) -> pytest.Item:
    mark = None if has_cover else "no_cover"
    return cast(
        pytest.Item,
        SimpleNamespace(nodeid=f"{path}::t[{number}]", stash=pytest.Stash(), get_closest_marker=lambda _: mark),
    )


def finish(hook: Generator[None, object, object]) -> None:
    with pytest.raises(StopIteration):
        hook.send(None)


def run(tracing: Tracing, measured: Measured, item: pytest.Item, *lines: int, seconds: float = 0.0) -> bool:
    """Run one case, which takes so long and passes these lines if it is traced; returns whether it is."""
    protocol, call = tracing.pytest_runtest_protocol(item), tracing.pytest_runtest_call(item)
    next(protocol)
    next(call)
    was_on = measured.is_on
    if was_on:
        measured.lines.update(lines)
    measured.time += seconds
    finish(call)
    finish(protocol)
    return was_on


def test_cases_that_pass_nothing_new_are_traced_no_more() -> None:
    measured = Measured()
    tracing = Tracing(measured)
    loop = tracing.pytest_runtestloop()
    next(loop)
    assert not measured.is_on

    traced = [run(tracing, measured, case(number), min(number, 5)) for number in range(5 + QUIET_CASES + 10)]
    finish(loop)

    assert traced == [True] * (5 + 1 + QUIET_CASES) + [False] * 9
    assert measured.is_on


def test_long_cases_that_pass_nothing_new_are_fewer() -> None:
    measured = Measured()
    tracing, each = Tracing(measured), QUIET_CASES_SECONDS / 2
    loop = tracing.pytest_runtestloop()
    next(loop)

    traced = [run(tracing, measured, case(number), min(number, 2), seconds=each) for number in range(8)]
    finish(loop)

    assert traced == [True] * (1 + 2 + 2) + [False] * 3


@pytest.mark.parametrize(("earlier", "looks"), [(0, FIRST_LOOKS), (1, LATER_LOOKS)])
def test_a_long_case_that_passes_nothing_new_is_traced_no_more(earlier: int, looks: int) -> None:
    measured = Measured()
    tracing = Tracing(measured)
    loop = tracing.pytest_runtestloop()
    next(loop)
    for number in range(earlier):
        run(tracing, measured, case(number))
    protocol, call = tracing.pytest_runtest_protocol(item := case(5)), tracing.pytest_runtest_call(item)
    next(protocol)
    next(call)
    traced = []
    for line in (1, *(2,) * looks, 2):
        measured.lines.add(line)
        tracing.look()
        traced.append(measured.is_on)
    with tracing.switched(is_on=True):
        traced.append(measured.is_on)
    finish(call)
    finish(protocol)

    assert traced == [*(True,) * (1 + looks), False, False]
    assert run(tracing, measured, case(6))
    finish(loop)


def test_tests_that_run_little_of_the_product_are_not_traced() -> None:
    measured = Measured()
    tracing = Tracing(measured)
    next(tracing.pytest_runtestloop())

    assert not run(tracing, measured, case(0, f"{OTHERS[0]}test_layers.py"))
    assert run(tracing, measured, case(0, "tests/web/test_app.py"))


def test_cases_without_coverage_leave_the_tracer_to_pytest_cov() -> None:
    measured = Measured()
    tracing = Tracing(measured)
    loop = tracing.pytest_runtestloop()
    next(loop)

    cases = [case(number, has_cover=False) for number in range(3)]
    cases.append(case(0, f"{OTHERS[0]}test_layers.py", has_cover=False))
    traced = [run(tracing, measured, each, seconds=QUIET_CASES_SECONDS) for each in cases]
    finish(loop)

    assert traced == [True] * 4


def test_a_fork_saves_with_its_tracer_on() -> None:
    measured = Measured()
    tracing = Tracing(measured)
    loop = tracing.pytest_runtestloop()
    next(loop)
    tracing.save()

    assert (measured.saved, measured.is_on) == ([True], False)
    finish(loop)


def test_a_failing_test_leaves_the_tracer_as_it_was() -> None:
    measured = Measured()
    tracing = Tracing(measured)
    loop = tracing.pytest_runtestloop()
    next(loop)
    item = case(0)
    protocol, call = tracing.pytest_runtest_protocol(item), tracing.pytest_runtest_call(item)
    next(protocol)
    next(call)
    with pytest.raises(ZeroDivisionError):
        call.throw(ZeroDivisionError())
    assert not measured.is_on
    with pytest.raises(ZeroDivisionError):
        protocol.throw(ZeroDivisionError())
    finish(loop)

    assert measured.is_on
