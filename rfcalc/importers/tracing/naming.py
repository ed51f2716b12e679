"""What steps are called, after the modules that they stand in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rfcalc.importers.steps import ImportedStep
from rfcalc.ops.registry import find_operator
from rfcalc.spec.line import before_number

# Parts and characters of a path, of which everything that stands around a layer has a name too.
MOST_SCOPES = 32
_LONGEST = 500


def named(steps: Sequence[ImportedStep]) -> tuple[ImportedStep, ...]:
    """The steps, each with a name of its own.

    So far the name of a step is the path of its module.  A module of which there is but one kind of step, and
    nothing within it, is a layer and its step is called like it; if it runs several times, the others are
    numbered (`relu`, `relu_1`).  What stands in a larger module itself is called after its operator there,
    and so is what only brings elements into the order that a layer needs.  What passes every measure of a
    path is cut off it.
    """
    steps = [step._replace(name=_cut(step.name)) for step in steps]
    kinds: dict[str, set[str]] = {}
    for step in steps:
        if not _moves(step):
            kinds.setdefault(step.name, set()).add(step.operator)
    for step in steps:
        if _moves(step) and (step.name not in kinds or kinds[step.name] == {step.operator}):
            kinds[step.name] = {step.operator}
    larger = {path.rpartition(".")[0] for path in kinds}
    for path in list(larger):
        while path := path.rpartition(".")[0]:
            larger.add(path)
    taken = {step.name for step in steps if step.operator == "input"}
    numbers: Counter[str] = Counter()
    found = []
    for step in steps:
        path = name = step.name
        if step.operator == "input":
            found.append(step)
            continue
        layer = bool(path) and path not in larger and len(kinds.get(path, ())) == 1
        if layer and _moves(step) and step.operator not in kinds[path]:
            path, layer = path.rpartition(".")[0], False
        if not layer or name in taken:
            stem = f"{path}_" if layer else f"{path}.{step.operator}" if path else step.operator
            stem = before_number(stem)
            while not numbers[stem] or name in taken or name in kinds:
                numbers[stem] += 1
                name = f"{stem}{numbers[stem]}"
        taken.add(name)
        found.append(step._replace(name=name))
    return tuple(found)


def _cut(path: str) -> str:
    return ".".join(path[:_LONGEST].split(".")[:MOST_SCOPES])


def _moves(step: ImportedStep) -> bool:
    return "rearranging" in find_operator(step.operator).traits if step.operator != "input" else False
