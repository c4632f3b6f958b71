"""Leaves out of the libraries' modules what only type checkers, manuals and `/docs` read: an eighth of a cold start."""

from __future__ import annotations

import sys
import typing
from types import ModuleType
from typing import Any

_NUMPY_TYPES = ("ArrayLike", "DTypeLike", "NBitBase", "NDArray")


def leave_out_annotations() -> None:
    """
    Import numpy without its types and manual, and pydantic's core without its typed dictionaries.

    Nothing happens to a library that is imported already.
    """
    if "numpy" not in sys.modules:
        for name in ("numpy._typing", "numpy.typing"):  # 20 ms
            sys.modules[name] = ModuleType(name)
            vars(sys.modules[name]).update(dict.fromkeys(_NUMPY_TYPES, _AnyArray))
        for name in ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"):  # 8 ms
            sys.modules[name] = ModuleType(name)
    if "pydantic_core" not in sys.modules:
        _import_core_schema()


def leave_openapi_unbuilt() -> None:
    """
    Import FastAPI's models of OpenAPI unbuilt: they are a quarter of the start, and only `/docs` needs them.

    Their module ends with orders to build three of them, which is 2 % more: they are built at their first use, too.
    """
    from pydantic import BaseModel

    rebuild: Any = vars(BaseModel)["model_rebuild"]

    def rebuild_others(kind: type[BaseModel], /, *, _parent_namespace_depth: int = 2, **options: Any) -> bool | None:
        is_ordered = kind.__name__ in ("Schema", "Operation", "Encoding")
        depth = _parent_namespace_depth + 1
        return None if is_ordered else rebuild.__func__(kind, _parent_namespace_depth=depth, **options)

    BaseModel.model_config["defer_build"] = True
    BaseModel.model_rebuild = classmethod(rebuild_others)  # type: ignore[assignment,method-assign]
    import fastapi.openapi.models  # noqa: F401

    BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]
    del BaseModel.model_config["defer_build"]


class _AnyArray:
    """Stands for each type that numpy has for annotations."""

    def __class_getitem__(cls, _: object) -> type[_AnyArray]:
        return cls


class _PlainDict(dict[str, Any]):
    """Stands for `TypedDict`: its subclasses keep their annotations unread."""

    def __init_subclass__(cls, *, total: bool = True) -> None:
        """Take the one argument that a typed dictionary takes."""


def _import_core_schema() -> None:
    """Import the shapes of pydantic's schemas as plain classes: `TypedDict` compiles a thousand annotations, 10 ms."""
    import typing_extensions  # noqa: F401  it keeps the `TypedDict` that it finds

    typed = typing.TypedDict
    vars(typing)["TypedDict"] = _PlainDict
    try:
        import pydantic_core  # noqa: F401
    finally:
        vars(typing)["TypedDict"] = typed
