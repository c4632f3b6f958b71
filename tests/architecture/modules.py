"""Modules of the product as the rules of design see them; each process of a test run reads them once."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sentinel_core"


@dataclass(frozen=True, slots=True)
class Module:
    """What one pass over a module finds."""

    path: Path
    imports: list[str] = field(default_factory=list)
    """Dotted names, those for the type checker included: a reader depends on them as well."""
    of_os: set[str] = field(default_factory=set)
    """Names that are taken from `os`."""
    functions: list[tuple[str, int]] = field(default_factory=list)
    """Names, and numbers of lines."""
    callables: list[str] = field(default_factory=list)
    """Parameters that are functions."""
    errors: list[str] = field(default_factory=list)
    """Classes of errors."""
    docstrings: list[str] = field(default_factory=list)
    """Those of attributes included."""

    @property
    def name(self) -> str:
        return str(self.path.relative_to(PACKAGE))

    @property
    def room(self) -> str:
        return self.path.relative_to(PACKAGE).parts[0].removesuffix(".py")

    @property
    def rooms_imported(self) -> set[str]:
        names = (name.split(".") for name in self.imports if name.startswith("sentinel_core."))
        return {name[1] for name in names} - {self.room, "__version__"}


@cache
def modules() -> list[Module]:
    """Return all of the package, in order."""
    return [read(path) for path in sorted(PACKAGE.rglob("*.py"))]


@cache
def read(path: Path) -> Module:
    text = path.read_text("utf-8")
    module = Module(path)
    for node in ast.walk(ast.parse(text)):
        _note(module, node)
    return module


def _note(module: Module, node: ast.AST) -> None:
    match node:
        case ast.Import():
            module.imports.extend(alias.name for alias in node.names)
        case ast.ImportFrom():
            assert node.level == 0, f"{module.path.name} has a relative import"
            module.imports.extend(f"{node.module}.{alias.name}" for alias in node.names)
        case ast.Attribute(value=ast.Name(id="os")):
            module.of_os.add(node.attr)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            module.functions.append((node.name, (node.end_lineno or 0) - node.lineno + 1))
            module.callables.extend(f"{node.name} {name}" for name in _callables(node.args))
        case ast.ClassDef():
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            if any(base.endswith(("Error", "Exception")) for base in bases):
                module.errors.append(node.name)
        case ast.Expr(value=ast.Constant(value=str(docstring))):
            module.docstrings.append(docstring)
        case _:
            pass


def _callables(given: ast.arguments) -> list[str]:
    parameters = (*given.posonlyargs, *given.args, *given.kwonlyargs)
    return [
        each.arg for each in parameters if each.annotation is not None and "Callable[" in ast.unparse(each.annotation)
    ]
