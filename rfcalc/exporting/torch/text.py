"""The text of a program of PyTorch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rfcalc.errors import printable
from rfcalc.exporting.torch.own_modules import HELPERS
from rfcalc.exporting.torch.program import Class

_INDENT = "    "
_WIDTH = 100
_COMMENT_COLUMN = 48


def program_text(classes: Iterable[Class], helpers: Iterable[str], about: Iterable[str]) -> str:
    """The source: what it is, the helpers that it uses, the classes, those that others hold first.

    about: the lines that say what network it is.  The first line is the program's own, so that no name of a
    description can stand where Python looks for the encoding of a file.
    """
    body: list[str] = []
    for name in helpers:
        body += ["", HELPERS[name].strip("\n"), ""]
    for made in classes:
        body += ["", *_class(made), ""]
    lines = ['"""A network as modules of PyTorch, written by rfcalc; tensors are (N, C, axes).', ""]
    lines += [_in_docstring(line) for line in about]
    lines += ['"""', "", "from __future__ import annotations", ""]
    for module in ("math", "torch"):
        if any(re.search(rf"\b{module}\.", line) for line in body):
            lines += [f"import {module}", ""] if module == "math" else [f"import {module}"]
    lines += ["from torch import Tensor, nn", "", *body]
    return "\n".join(lines).rstrip("\n") + "\n"


def _in_docstring(text: str) -> str:
    """A text that ends no docstring and begins no escape."""
    return printable(text).replace("\\", "/").replace('"', "'").rstrip()


def _class(made: Class) -> Iterator[str]:
    yield f"class {made.name}(nn.Module):"
    yield f'{_INDENT}"""{_in_docstring(made.comment)}."""'
    yield ""
    given = "".join(f", {name}: {kind}" for name, kind in made.parameters)
    yield from _call(f"{_INDENT}def __init__(self", given, ") -> None:")
    yield f"{_INDENT * 2}super().__init__()"
    for field in made.fields:
        first, *rest = field.lines
        for line in (f"self.{field.attribute} = {first}", *rest):
            yield from _wrapped(f"{_INDENT * 2}{line}")
    yield ""
    result = "Tensor" if len(made.returns) == 1 else f"tuple[{', '.join(['Tensor'] * len(made.returns))}]"
    operands = "".join(f", {name}: Tensor" for name in made.operands)
    yield from _call(f"{_INDENT}def forward(self", operands, f") -> {result}:")
    for statement in made.statements:
        line = f"{_INDENT * 2}{', '.join(statement.targets)} = {statement.expression}"
        *lines, last = _wrapped(line)
        yield from lines
        yield _commented(last, statement.comment)
    yield f"{_INDENT * 2}return {', '.join(made.returns)}"


def _wrapped(line: str) -> list[str]:
    """A line, or its outermost call's arguments on lines of their own where it is too long."""
    end = line.rstrip(",")
    if len(line) <= _WIDTH or not end.endswith(")"):
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    depth, begin = 0, len(end) - 1
    for begin in range(len(end) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(end[begin], 0)
        if depth == 0:
            break
    inner = end[begin + 1 : -1]
    if begin <= len(indent) or len(indent) + len(_INDENT) + len(inner) > _WIDTH:
        return [line]
    return [end[: begin + 1], f"{indent}{_INDENT}{inner}", f"{indent}{line[len(end) - 1 :]}"]


def _call(head: str, given: str, tail: str) -> Iterator[str]:
    """The head of a function, its parameters on lines of their own where they do not fit."""
    if len(head) + len(given) + len(tail) <= _WIDTH:
        yield f"{head}{given}{tail}"
        return
    name, _, first = head.partition("(")
    yield f"{name}("
    for parameter in f"{first}{given}".split(", "):
        yield f"{_INDENT * 2}{parameter},"
    yield f"{_INDENT}{tail}"


def _commented(line: str, comment: str) -> str:
    return f"{line.ljust(_COMMENT_COLUMN)}  # {printable(comment)}" if comment else line
