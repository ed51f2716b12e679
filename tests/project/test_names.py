"""A name means one thing in the whole package, and records say which of their fields a value is for."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from package_source import Module, modules

# With as many fields nobody knows by heart which is which.
MANY_FIELDS = 9


def types(module: Module) -> Iterator[tuple[str, int]]:
    """The classes of a module and the types that it gives a name at its top, each with its line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, node.lineno
    top = list(module.tree.body)
    top += [inner for node in top if isinstance(node, ast.If) for inner in node.body]
    for node in top:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            # Constants are all upper case.
            if (
                isinstance(target, ast.Name)
                and target.id.lstrip("_")[:1].isupper()
                and not target.id.isupper()
            ):
                yield target.id, node.lineno


def test_a_type_has_a_name_of_its_own() -> None:
    """A private one may be called like another private one: the two never meet."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    public: defaultdict[str, int] = defaultdict(int)
    for module in modules():
        for name, line in types(module):
            places[name.lstrip("_")].append(f"{module.name}:{line}: {name}")
            public[name.lstrip("_")] += not name.startswith("_")
    several = [" ".join(found) for name, found in sorted(places.items()) if len(found) > 1 and public[name]]
    assert not several, "\n".join(several)


def records() -> dict[str, tuple[str, ...]]:
    """The fields of every record that has many, by its name."""
    return {
        node.name: fields
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and "NamedTuple" in map(ast.unparse, node.bases)
        if len(fields := tuple(field for part in node.body for field in _field(part))) >= MANY_FIELDS
    }


def _field(part: ast.stmt) -> Iterator[str]:
    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
        yield part.target.id


def test_a_record_of_many_fields_is_made_with_their_names() -> None:
    many = records()
    assert many
    wrong = [
        f"{module.name}:{call.lineno}: {call.func.id} has {len(many[call.func.id])} fields; name them"
        for module in modules()
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in many
        and call.args
    ]
    assert not wrong, "\n".join(wrong)
