"""The OpenAPI description is true; `scripts/compat schema` asks for thousands of examples where this asks for a few."""

from __future__ import annotations

import pytest

from scripts.clients import schema


def test_every_answer_is_as_the_description_says(capfd: pytest.CaptureFixture[str]) -> None:
    code = schema.main(["--examples", "5", "--phases", "examples,fuzzing"])

    assert code == 0, capfd.readouterr().out
