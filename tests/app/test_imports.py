"""Some modules are imported by one route, command or setting alone: a mistake in them shows here."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

import sentinel_core


def test_every_module_can_be_imported() -> None:
    names = [module.name for module in walk_packages(sentinel_core.__path__, "sentinel_core.")]

    assert [import_module(name).__name__ for name in names] == names
    assert {"sentinel_core.app.streaming_function", "sentinel_core.web.tracing"} < set(names)
