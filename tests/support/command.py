"""Runs the command `sentinel` in this process: a process of its own imports the whole product, for a second each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from unittest.mock import patch

from sentinel_core.__main__ import main


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command returned and printed."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: str, environ: Mapping[str, str]) -> Ended:
    """Run with these variables and no others."""
    printed, complained = StringIO(), StringIO()
    # The command reads the variables of its process: nothing is mocked, they are set for its run and put back.
    with patch.dict(os.environ, environ, clear=True), redirect_stdout(printed), redirect_stderr(complained):
        try:
            code = main(arguments)
        except SystemExit as ended:  # of argparse
            code = int(ended.code or 0)
    return Ended(code, printed.getvalue(), complained.getvalue())
