"""The rules of design: a pure middle, thin edges, one place that wires them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "sentinel_core"
LONGEST = 300

PURE = {
    "alerts", "answer", "apikey", "breaker", "canonical", "chat", "entry", "errors", "explanation", "gate", "histogram",
    "index", "lists", "nearmiss", "numerals", "outcome", "policy", "ports", "providers.catalogue", "scope", "streaming",
    "usage", "vectors", "volatility",
}  # fmt: skip
USE_CASE = {"calls", "flights", "gateway", "keeper", "lookup", "outbox", "spending", "timing", "together", "upkeep"}
EDGES = {
    "counters", "emf", "embedders", "ledger", "pricing", "providers", "secrets", "settings", "stores", "telemetry",
    "tenants", "transport", "web", "webhook",
}  # fmt: skip
ROOTS = {"alerting", "commands", "compose", "__main__", "evaluation", "function", "handler", "roster", "storage"}
"""The only ones that know every edge, in order to wire them."""

SEEN_BY_EDGES = {
    "counters": {"telemetry"},  # a Recorder that adds up
    "emf": {"telemetry"},  # a Recorder that writes metrics
    "ledger": {"telemetry"},  # a Recorder that keeps books
    "stores": {"together"},  # one round trip for what is asked in one turn
    "tenants": {"flights"},  # one question to the store of keys, however many wait for it
    "web": {"gateway", "flights", "lookup", "timing", "telemetry", "counters", "tenants", "upkeep"},
}
FOREIGN_TO_PURE = {"numpy", "pydantic", "pydantic_core"}
CLOCKS_AND_ENVIRONMENT = {"os", "time", "datetime", "random", "socket", "subprocess", "http", "urllib", "threading"}
ALLOWED = {
    ("index", "threading"),  # a lock around rows, no clock and no network
    ("volatility", "datetime"),  # a calendar; what time it is, is given
}

MODULES = sorted([*(ROOT / PACKAGE).rglob("*.py"), *ROOT.glob("handler.py")])


def _room(path: Path) -> str:
    """A module's rule goes by its first name below the package, unless it has one of its own."""
    return _ruled(path.relative_to(ROOT).with_suffix("").parts)


def _ruled(names: Sequence[str]) -> str:
    inner = names[1:] if names[0] == PACKAGE else names
    own = ".".join(inner[:2])
    return own if own in PURE else inner[0]


def _imports(path: Path) -> Iterator[str]:
    """Dotted names, those for the type checker alone included: they are a dependency of the reader's."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _own(path: Path) -> set[str]:
    """The rooms of ours that a module imports from, its own left out."""
    inner = {_ruled(name.split(".")) for name in _imports(path) if name.startswith(f"{PACKAGE}.")}
    return inner - {_room(path), "__version__"}


def _foreign(path: Path) -> set[str]:
    return {name.split(".")[0] for name in _imports(path)} - {PACKAGE, "__future__"}


def _named(*rooms: set[str]) -> list[Path]:
    return [path for path in MODULES if _room(path) in set().union(*rooms)]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_module_has_a_rule() -> None:
    rooms = {_room(path) for path in MODULES}

    assert rooms - PURE - USE_CASE - EDGES - ROOTS == {"__init__"}
    assert sum(map(len, (PURE, USE_CASE, EDGES, ROOTS))) == len(PURE | USE_CASE | EDGES | ROOTS)


def test_the_package_itself_imports_nothing() -> None:
    assert list(_imports(ROOT / PACKAGE / "__init__.py")) == []


@pytest.mark.parametrize("path", _named(PURE), ids=_name)
def test_the_pure_middle_knows_neither_the_world_nor_the_use_case(path: Path) -> None:
    assert _own(path) <= PURE
    taken = _foreign(path) & CLOCKS_AND_ENVIRONMENT - {name for room, name in ALLOWED if room == _room(path)}
    assert taken == set()
    assert _foreign(path) - FOREIGN_TO_PURE <= _standard()


@pytest.mark.parametrize("path", _named(USE_CASE), ids=_name)
def test_the_use_case_knows_the_world_by_its_ports_only(path: Path) -> None:
    assert _own(path) <= PURE | USE_CASE
    assert _foreign(path) & CLOCKS_AND_ENVIRONMENT == set()
    assert _foreign(path) <= _standard()


@pytest.mark.parametrize("path", _named(EDGES), ids=_name)
def test_edges_know_neither_each_other_nor_the_gateway(path: Path) -> None:
    assert _own(path) <= PURE | SEEN_BY_EDGES.get(_room(path), set())


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_nothing_imports_a_composition_root_but_another(path: Path) -> None:
    assert _room(path) in ROOTS or not _own(path) & ROOTS
    assert "handler" not in _foreign(path)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_only_a_composition_root_reads_the_environment(path: Path) -> None:
    names = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    }

    # The embedders write there, for the libraries they load; nothing is decided by it.
    assert _room(path) in ROOTS | {"embedders"} or not names & {"environ", "getenv"}


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_can_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


def _standard() -> set[str]:
    return set(sys.stdlib_module_names)
