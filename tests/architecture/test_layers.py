"""The rules of design: rooms that import in one direction, a pure middle, one place that reads the environment."""

from __future__ import annotations

import re

import sentinel_core
from tests.architecture.modules import PACKAGE, ROOT, modules, read

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

IMPURE = ("matching/embedders", "matching/evaluation")
"""What runs a model or a command inside a pure room."""

READS_ITS_DATA = {"matching/gate/lexicon.py"}

WORLD = {"os", "time", "random", "secrets", "socket", "ssl", "subprocess", "http", "urllib", "logging", "pathlib"}


def _floor(room: str) -> int:
    return next(floor for floor, rooms in enumerate(FLOORS) if room in rooms)


def test_the_map_names_every_room_in_the_order_of_its_floor() -> None:
    mapped = re.findall(r"^    (\w+) {2,}\S", sentinel_core.__doc__ or "", re.MULTILINE)
    there = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.suffix in {"", ".py"}}

    assert set(mapped) == there - {"__init__", "__main__", "__pycache__"}
    assert [_floor(room) for room in mapped] == sorted(_floor(room) for room in mapped)


def test_a_room_imports_from_floors_below_it() -> None:
    found = {}
    for module in modules():
        if module.room not in {"__init__", "__main__"}:
            below = set().union(*FLOORS[_floor(module.room) + 1 :])
            found[module.name] = module.rooms_imported - below - BESIDE.get(module.room, set())

    assert {name: rooms for name, rooms in found.items() if rooms} == {}


def test_the_package_itself_imports_nothing() -> None:
    assert read(PACKAGE / "__init__.py").imports == []


def test_only_the_entries_import_the_composition_root() -> None:
    assert {module.name for module in modules() if "app" in module.rooms_imported} == {"__main__.py"}


def test_pure_rooms_know_neither_clock_nor_network_nor_environment() -> None:
    pure = [
        module
        for module in modules()
        if module.room in PURE and not module.name.startswith(IMPURE) and module.name not in READS_ITS_DATA
    ]
    found = {module.name: {name.split(".")[0] for name in module.imports} & WORLD for module in pure}

    assert {name: known for name, known in found.items() if known} == {}


def test_only_the_composition_root_reads_the_environment() -> None:
    # The embedders set variables for the libraries they load; nothing is decided by them.
    others = [
        module
        for module in modules()
        if module.room not in {"app", "__main__"} and not module.name.startswith("matching/embedders")
    ]

    assert [module.name for module in others if module.of_os & {"environ", "getenv"}] == []


def test_scripts_import_nothing_of_tests_and_development_tools_nothing_of_benches() -> None:
    scripts = [read(path) for path in sorted((ROOT / "scripts").rglob("*.py"))]
    tools = [module for module in scripts if "devtools" in module.path.parts]

    assert [module.path for module in scripts if any(name.startswith("tests.") for name in module.imports)] == []
    assert [module.path for module in tools if any(name.startswith("scripts.benches") for name in module.imports)] == []


def test_a_module_can_be_read_in_one_go() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_bytes().splitlines())
        for folder in (PACKAGE, ROOT / "scripts")
        for path in folder.rglob("*.py")
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    functions = [(module.name, *function) for module in modules() for function in module.functions]

    assert [function for function in functions if function[2] > LONGEST_FUNCTION] == []


def test_few_parameters_are_callables() -> None:
    """A named method of an object says what is called; a function is for short algorithms."""
    taken = [f"{module.name} {parameter}" for module in modules() for parameter in module.callables]

    assert len(taken) <= MOST_CALLABLES, taken
