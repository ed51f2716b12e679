"""The source of the installed package, as tests about its structure see it: modules and their imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
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

    A module of this package that is only named in a string, as tables of late imports do, counts too.
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


def imports_at_load(module: Module) -> Iterator[str]:
    """The modules that must be loaded for this one to be: late imports and those for types left out."""
    pending: list[ast.stmt] = list(module.tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If):
            if ast.unparse(node.test) != "TYPE_CHECKING":
                pending += [*node.body, *node.orelse]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            alone = module._replace(tree=ast.Module([node], []))
            yield from (name for name, _ in imports(alone))
