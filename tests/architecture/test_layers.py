"""The rules of design: rooms that import in one direction, a pure middle, one place that reads the environment."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import sentinel_core

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sentinel_core"
LONGEST = 300
LONGEST_FUNCTION = 50
MOST_CALLABLES = 45

FLOORS = (
    {"app"},
    {"web", "stores"},
    {"gateway", "tenants"},
    {"learning"},
    {"matching", "telemetry", "providers"},
    {"cache"},
    {"chat", "support", "errors"},
)
"""A room imports from floors below its own, and from rooms beside it in `BESIDE`."""

BESIDE: dict[str, set[str]] = {
    "chat": {"errors"},
    "support": {"errors"},
}

PURE = {"cache", "chat", "learning", "matching", "gateway", "errors"}
"""Rooms that touch neither clock, network, environment nor files."""

IMPURE = {"matching/embedders", "matching/evaluation"}
"""What runs a model or a command inside a pure room."""

READS_ITS_DATA = {"matching/gate/lexicon.py"}

WORLD = {"os", "time", "random", "secrets", "socket", "ssl", "subprocess", "http", "urllib", "logging", "pathlib"}

MODULES = sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def _imports(path: Path) -> list[str]:
    """Dotted names, those for the type checker included: a reader depends on them as well."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            names += (f"{node.module}.{alias.name}" for alias in node.names)
    return names


def _rooms_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in _imports(path) if name.startswith("sentinel_core."))
    return {name[1] for name in names} - {_room(path), "__version__"}


def _floor(room: str) -> int:
    return next(floor for floor, rooms in enumerate(FLOORS) if room in rooms)


def test_the_map_names_every_room_in_the_order_of_its_floor() -> None:
    mapped = re.findall(r"^    (\w+) {2,}\S", sentinel_core.__doc__ or "", re.MULTILINE)
    there = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.suffix in {"", ".py"}}

    assert set(mapped) == there - {"__init__", "__main__", "__pycache__"}
    assert [_floor(room) for room in mapped] == sorted(_floor(room) for room in mapped)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_room_imports_from_floors_below_it(path: Path) -> None:
    if _room(path) in {"__init__", "__main__"}:
        return
    below = set().union(*FLOORS[_floor(_room(path)) + 1 :])

    assert _rooms_imported(path) - below - BESIDE.get(_room(path), set()) == set()


def test_the_package_itself_imports_nothing() -> None:
    assert _imports(PACKAGE / "__init__.py") == []


def test_only_the_entries_import_the_composition_root() -> None:
    assert {_name(path) for path in MODULES if "app" in _rooms_imported(path)} == {"__main__.py"}


@pytest.mark.parametrize("path", [path for path in MODULES if _room(path) in PURE], ids=_name)
def test_pure_rooms_know_neither_clock_nor_network_nor_environment(path: Path) -> None:
    if any(_name(path).startswith(place) for place in IMPURE) or _name(path) in READS_ITS_DATA:
        return
    assert {name.split(".")[0] for name in _imports(path)} & WORLD == set()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_only_the_composition_root_reads_the_environment(path: Path) -> None:
    names = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    }

    # The embedders set variables for the libraries they load; nothing is decided by them.
    allowed = _room(path) in {"app", "__main__"} or _name(path).startswith("matching/embedders")
    assert allowed or not names & {"environ", "getenv"}


def test_scripts_import_nothing_of_tests_and_development_tools_nothing_of_benches() -> None:
    scripts = sorted((ROOT / "scripts").rglob("*.py"))
    tools = [path for path in scripts if "devtools" in path.parts]

    assert [path.name for path in scripts if any(name.startswith("tests.") for name in _imports(path))] == []
    assert [path.name for path in tools if any(name.startswith("scripts.benches") for name in _imports(path))] == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_can_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, functions)]
    lines = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in found}
    assert {name: count for name, count in lines.items() if count > LONGEST_FUNCTION} == {}


def test_few_parameters_are_callables() -> None:
    """A named method of an object says what is called; a function is for short algorithms."""
    taken = [
        f"{_name(path)} {function.name} {parameter.arg}"
        for path in MODULES
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for parameter in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if parameter.annotation is not None and "Callable[" in ast.unparse(parameter.annotation)
    ]

    assert len(taken) <= MOST_CALLABLES, taken
