"""The examples of README and guide run against the real server, and print what they say; `…` stands for any text."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.devtools.http.serving import ROOT, Server, serving

PAGES = [ROOT / "README.md", *sorted((ROOT / "sentinel_core" / "web" / "guide").glob("*.md"))]
ADDRESS = "http://127.0.0.1:8001"
NODE_PACKAGES = Path(os.environ.get("NODE_PACKAGES", ROOT / "build" / "compat" / "node_modules"))
"""Where `scripts/compat` installs the clients for Node."""
CLIENTS_PYTHON = Path(os.environ.get("CLIENTS_PYTHON", ROOT / ".venv-compat" / "bin" / "python"))
"""The environment that `scripts/compat` makes for clients."""

_BLOCK = re.compile(r"^```(console|python|js)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMENT = {"python": "# → ", "js": "// → "}


@dataclass(frozen=True, slots=True)
class Example:
    """A block of code of a page: its language and text."""

    page: Path
    number: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.stem}-{self.number}-{self.language}"


EXAMPLES = [
    Example(page, number, match[1], match[2])
    for page in PAGES
    for number, match in enumerate(_BLOCK.finditer(page.read_text("utf-8")), 1)
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        running.wait_for_embedder()
        yield running


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_prints_what_it_says(example: Example, server: Server, tmp_path: Path) -> None:
    address = server.said["address"]
    text = example.text.replace(ADDRESS, address)
    if example.language == "console":
        for command, expected in _commands(text):
            assert_alike(_run(["bash", "-c", command], tmp_path), expected)
    else:
        mark = _COMMENT[example.language]
        expected = "\n".join(line.removeprefix(mark) for line in text.splitlines() if line.startswith(mark))
        assert expected, "an example must say what it prints"
        assert_alike(_run(_interpreter(example.language, text, tmp_path), tmp_path), expected)


def assert_alike(printed: str, expected: str) -> None:
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("…"))
    assert re.fullmatch(pattern, printed.strip(), re.DOTALL), f"printed:\n{printed}\nexpected:\n{expected}"


def _commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command = re.match(r"(?:.*\\\n)*.*\n", part)
        assert command is not None
        yield command[0], part[command.end() :]


def _run(command: list[str], folder: Path) -> str:
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _interpreter(language: str, text: str, folder: Path) -> list[str]:
    """Return the command for a script; skip the test where a package that it imports is not installed."""
    return _python(text, folder) if language == "python" else _node(text, folder)


def _python(text: str, folder: Path) -> list[str]:
    names = re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing and not CLIENTS_PYTHON.exists():
        pytest.skip(f"not installed: {', '.join(missing)}")
    (folder / "example.py").write_text(text)
    return [str(CLIENTS_PYTHON) if missing else sys.executable, str(folder / "example.py")]


def _node(text: str, folder: Path) -> list[str]:
    names = re.findall(r'from "([^"]+)"', text)
    missing = [name for name in names if not (NODE_PACKAGES / name).exists()]
    if missing or not shutil.which("node"):
        pytest.skip(f"not installed: {', '.join(missing) or 'node'}")
    (folder / "example.mjs").write_text(text)
    (folder / "node_modules").symlink_to(NODE_PACKAGES)
    return ["node", str(folder / "example.mjs")]


def test_every_page_with_curl_or_python_is_tried() -> None:
    assert {(each.page.stem, each.language) for each in EXAMPLES} >= {
        ("README", "console"),
        ("README", "python"),
        ("README", "js"),
        ("clients", "console"),
        ("clients", "python"),
        ("clients", "js"),
        ("keys-and-limits", "console"),
        ("evaluation", "console"),
    }


def test_text_that_differs_from_its_example_is_noticed() -> None:
    assert_alike('{"a":1,"b":2}\n', '{"a":…,"b":2}')
    with pytest.raises(AssertionError):
        assert_alike('{"a":1,"b":3}', '{"a":…,"b":2}')
    with pytest.raises(AssertionError):
        assert_alike("hit\nmore", "hit")
