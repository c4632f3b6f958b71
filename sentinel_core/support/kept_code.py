"""What a package keeps so that a cold start need not compile: the code of modules, dataclasses and patterns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from sentinel_core.support import module_code


def use() -> None:
    """Take from now on what is kept: nothing outside of a package, and nothing more at a second call."""
    if module_code.use():
        from sentinel_core.support import class_code, pattern_code  # by the kept code

        class_code.use()
        pattern_code.use()


class Keeping:
    """Notes from now on what is imported and compiled, to `write` it; made in a fresh process."""

    def __init__(self, *starts: str) -> None:
        """Import modules that run before `use`: their byte code stays where it is."""
        for name in starts:
            import_module(name)
        self._earlier = tuple(sys.modules)
        from sentinel_core.support import class_code, pattern_code

        self._classes, self._patterns = class_code.Noted(), pattern_code.Noted()

    def write(self, *, but_for: Sequence[str] = ()) -> None:
        """Keep the code of classes and patterns, and move that of modules, except of those that run before `use`."""
        self._classes.write()
        self._patterns.write()
        module_code.move(but_for=(*self._earlier, *but_for))
