"""The source of the installed package, as tests about its structure see it: modules and their imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import rfcalc

PACKAGE = Path(rfcalc.__file__).parent


class Module(NamedTuple):
    """One module of the package.

    name: dotted, `rfcalc.ops.conv`; a package is named without `__init__`.
    area: what the layering speaks of: the subpackage it is in, or its own name at the top (`errors`);
    "" for the package's own `__init__`.
    """

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def area(self) -> str:
        return self.name.split(".")[1] if "." in self.name else ""


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("rfcalc", *path.relative_to(PACKAGE).with_suffix("").parts)
        name = ".".join(parts).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        found.append(Module(name, path, text, ast.parse(text, str(path))))
    return tuple(found)


def imports(module: Module) -> Iterator[tuple[str, int]]:
    """Every module that is imported, with the line: at the top, in a function, under TYPE_CHECKING.

    A module of this package that is only named in a string, as tables of late imports do, counts too; so does
    every module of a folder whose name a string begins with (`f"rfcalc.ops.{name}"`).
    """
    known = {other.name for other in modules()}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.name}:{node.lineno} imports relatively"
            assert node.module
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module, node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = re.fullmatch(r"(rfcalc(?:\.\w+)+)(?::\w+)?", node.value)
            if named and named[1] in known:
                yield named[1], node.lineno
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            folder = node.values[0].value
            yield from ((name, node.lineno) for name in known if "." in folder and name.startswith(folder))


def promised_by_a_library(module: Module, owner: str, name: str) -> bool:
    """Whether a class of a module gets a name from a class of another package, whose code may look it up."""
    found = getattr(import_module(module.name), owner)
    bases = found.__mro__ if isinstance(found, type) else ()
    return any(hasattr(base, name) for base in bases if not base.__module__.startswith("rfcalc"))
