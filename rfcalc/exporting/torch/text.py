"""The text of a program of PyTorch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rfcalc.errors import printable
from rfcalc.exporting.torch.own_modules import HELPERS
from rfcalc.exporting.torch.program import Class

_INDENT = "    "
_WIDTH = 100
_COMMENT_COLUMN = 48


def program_text(classes: Iterable[Class], helpers: Iterable[str], about: Iterable[str]) -> str:
    """The source: what it is, the helpers that it uses, the classes, those that others hold first.

    about: what is said of it in comments.  The first lines are the program's own, so that no name of a
    description can stand where Python looks for the encoding of a file.
    """
    lines = ['"""A network as modules of PyTorch, written by rfcalc; tensors are (N, C, axes)."""', ""]
    lines += [f"# {printable(line)}".rstrip() for line in about]
    lines += [
        "",
        "from __future__ import annotations",
        "",
        "import torch",
        "from torch import Tensor, nn",
        "",
    ]
    for name in helpers:
        lines += ["", HELPERS[name].strip("\n"), ""]
    for made in classes:
        lines += ["", *_class(made), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _class(made: Class) -> Iterator[str]:
    yield f"class {made.name}(nn.Module):"
    if made.comment:
        yield f"{_INDENT}# {printable(made.comment)}"
        yield ""
    given = "".join(f", {name}: {kind}" for name, kind in made.parameters)
    yield from _call(f"{_INDENT}def __init__(self", given, ") -> None:")
    yield f"{_INDENT * 2}super().__init__()"
    for field in made.fields:
        first, *rest = field.lines
        yield from (f"{_INDENT * 2}{line}" for line in (f"self.{field.attribute} = {first}", *rest))
    yield ""
    result = "Tensor" if len(made.returns) == 1 else f"tuple[{', '.join(['Tensor'] * len(made.returns))}]"
    operands = "".join(f", {name}: Tensor" for name in made.operands)
    yield from _call(f"{_INDENT}def forward(self", operands, f") -> {result}:")
    for statement in made.statements:
        line = f"{_INDENT * 2}{', '.join(statement.targets)} = {statement.expression}"
        yield _commented(line, statement.comment)
    yield f"{_INDENT * 2}return {', '.join(made.returns)}"


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
