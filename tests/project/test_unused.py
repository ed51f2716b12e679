"""Whatever the package defines, the package uses, or offers to those who import it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from package_source import Module, modules, promised_by_a_library

import rfcalc
from rfcalc.ops.registry import MODULE_OF

# What users of the library are told of, beyond `rfcalc.__all__`, and the package itself has no use for.
OFFERED = {
    **dict.fromkeys(
        ("AnalysedNetwork._ipython_key_completions_", "Explanation._repr_markdown_"),
        "what notebooks ask for",
    ),
    "AnalysedNetwork.energy_map": "what docs/effective-field.md shows",
    "CARRIED_OUT": "what is done with constants, which docs/pages.py lists",
    "run_rules": "what rules say before anything is ignored, which benchmarks/designs.py and tests judge",
}

Statement = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class Definition(NamedTuple):
    """Something with a name: a function, a class, a method, a property, a field of a record, a constant.

    owner: the classes and functions around it, each with a dot behind it.
    """

    name: str
    owner: str
    module: Module
    node: Statement

    @property
    def path(self) -> str:
        return f"{self.owner}{self.name}"


def definitions(module: Module) -> Iterator[Definition]:
    """What a module defines, at its top, in its classes and in its functions."""
    pending: list[tuple[ast.AST, str]] = [(module.tree, "")]
    while pending:
        parent, owner = pending.pop()
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield Definition(node.name, owner, module, node)
                pending.append((node, f"{owner}{node.name}."))
            elif not isinstance(node, ast.Assign | ast.AnnAssign):
                pending.append((node, owner))
            elif isinstance(parent, ast.Module | ast.ClassDef):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        yield Definition(target.id, owner, module, node)


def mentions(node: ast.AST) -> Counter[str]:
    """How often code looks up each name: `name`, `.attribute`, and both for a string that is one.

    Of a table of late imports `module:name` is such a string, and an attribute of a module is a name in it.
    """
    found: Counter[str] = Counter()
    known = {module.name for module in modules()}
    aliases = {
        alias.asname or alias.name
        for part in ast.walk(node)
        if isinstance(part, ast.ImportFrom)
        for alias in part.names
        if f"{part.module}.{alias.name}" in known
    }
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            found[part.id] += 1
        elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load):
            of_a_module = isinstance(part.value, ast.Name) and part.value.id in aliases
            found[part.attr if of_a_module else f".{part.attr}"] += 1
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            for name in re.findall(r"^(?:rfcalc[.\w]+:)?(\w+)$", part.value):
                found.update((name, f".{name}"))
    return found


def unused() -> Iterator[Definition]:
    """What no module of the package looks up outside of the definition itself."""
    everywhere: Counter[str] = Counter()
    found = [definition for module in modules() for definition in definitions(module)]
    for module in modules():
        everywhere.update(mentions(module.tree))
    for definition in found:
        if definition.name == "__all__":
            # To be exported is no use.
            everywhere.subtract(mentions(definition.node))
    classes = {(found.module.name, found.path) for found in found if isinstance(found.node, ast.ClassDef)}
    for definition in found:
        owner = definition.owner.removesuffix(".")
        of_a_class = (definition.module.name, owner) in classes
        looked_up = [f".{definition.name}"] if of_a_class else [definition.name]
        if of_a_class and isinstance(definition.node, ast.AnnAssign):
            # A record may be unpacked, into variables that are called like its fields.
            looked_up.append(definition.name)
        own = mentions(definition.node)
        if any(everywhere[name] > own[name] for name in looked_up):
            continue
        # Python looks up its own names, the registry its operators, and a library what its classes promise.
        if definition.name.startswith("__") or _is_operator(definition):
            continue
        if of_a_class and promised_by_a_library(definition.module, owner, definition.name):
            continue
        yield definition


def _is_operator(definition: Definition) -> bool:
    home = MODULE_OF.get(definition.name.rstrip("_"))
    if definition.module.name == f"rfcalc.ops.{home}":
        return True
    # What follows an operator of another program, or makes a module of it, is found by that one's name.
    decorators = getattr(definition.node, "decorator_list", ())
    names = ("operator(", "module(", "layer(", "keras_operator(", "of_constants(")
    return any(ast.unparse(one).startswith(names) for one in decorators)


def test_nothing_is_defined_that_the_package_has_no_use_for() -> None:
    wrong = [
        f"{found.module.name}:{found.node.lineno}: nothing uses {found.path}"
        for found in unused()
        if found.path not in OFFERED and (found.owner or found.name not in rfcalc.__all__)
    ]
    assert not wrong, "\n".join(wrong)


def test_what_is_offered_is_there_and_used_by_nothing_else() -> None:
    assert OFFERED.keys() <= {found.path for found in unused()}
