"""The items of a body: layer lines, joins, repeats, conditions and named values."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Self

from rfcalc.errors import DescriptionError, Diagnostic, Position, Related, nearest, quoted
from rfcalc.ops.registry import JOINS, MODULE_OF, SIDE_BY_SIDE
from rfcalc.spec.document import MappingNode, ScalarNode, SequenceNode, Value, colon_hint, is_null, unbalanced
from rfcalc.spec.expressions import is_name
from rfcalc.spec.line import formula, parse_line, references
from rfcalc.spec.nodes import cut
from rfcalc.spec.syntax import Body, Formula, Item, Join, Let, Line, Loop, Reference, When
from rfcalc.spec.trees import Name

MOST_PROBLEMS = 50

_HEADS = {
    "repeat": ("do", "index", "as"),
    "each": ("do", "index", "as"),
    "when": ("do", "else"),
    "let": (),
    **dict.fromkeys(JOINS, ("as", "from", "out")),
    SIDE_BY_SIDE: ("as", "from", "out", "split"),
}


class Problems:
    """The mistakes found so far, each once, up to a limit.

    In a `with` statement it takes in a DescriptionError that the statement's body raises.
    """

    def __init__(self) -> None:
        self.found: dict[Diagnostic, None] = {}

    def add(
        self, message: str, position: Position | None, hint: str = "", related: tuple[Related, ...] = ()
    ) -> None:
        """Note one mistake."""
        self.extend([Diagnostic(message, position, hint=hint, related=related)])

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Note several mistakes; raises DescriptionError with all of them once the limit is reached."""
        for diagnostic in diagnostics:
            self.found[diagnostic] = None
            if len(self.found) >= MOST_PROBLEMS:
                self.raise_any()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, DescriptionError):
            self.extend(error.diagnostics)
            return True
        return False

    def raise_any(self) -> None:
        """Raise DescriptionError when there is a mistake, in the order of the text."""
        if self.found:
            raise DescriptionError(sorted(self.found, key=_place))


def _place(diagnostic: Diagnostic) -> tuple[int, int]:
    position = diagnostic.position
    return (position.line, position.column) if position else (0, 0)


def read_body(value: Value, problems: Problems) -> Body:
    """The items of a list, or the one item that a scalar or a mapping is."""
    items = value.items if isinstance(value, SequenceNode) else (value,)
    found: list[Item] = []
    for item in items:
        made: list[Item] = []
        with problems:
            if isinstance(item, ScalarNode):
                made = [_line(item)]
            elif isinstance(item, MappingNode):
                made = [_mapping(item, problems)]
            else:
                hint = "a list is a branch of a join or the `do:` of a repeat"
                problems.add("expected a layer, found a list", item.position, hint)
        if not made and isinstance(item, ScalarNode) and "=" in item.text.split(" ")[0]:
            # A comma split the line before, whose arguments are not all there.
            found[-1:] = [line for line in found[-1:] for line in unreadable(item)]
        found += made or unreadable(item)
    return tuple(found)


def unreadable(value: Value) -> list[Line]:
    """Stand-ins for an item that could not be read, which has been noted: lines without an operator.

    Building one leaves nothing, so that nothing is said of what depends on it.  There is one for each
    name given in the item.
    """
    names = []
    pending: list[Value] = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, SequenceNode):
            pending += part.items
        elif isinstance(part, MappingNode):
            pending += [entry for _, entry in part.entries]
            names += [
                entry.text
                for key, entry in part.entries
                if key.text == "as" and isinstance(entry, ScalarNode)
            ]
        else:
            words = part.text.split()
            names += [name for word, name in pairwise(words) if word == "as"]
    place = value.position
    lines = [Line("", place, place, name=name) for name in names if is_name(name)]
    return lines or [Line("", place, place)]


def unreadable_formula(place: Position) -> Formula:
    """A stand-in for a value that could not be read, which has been noted: an empty name."""
    return Formula(Name("", 0, 0), ScalarNode("", place), 0)


def _line(scalar: ScalarNode) -> Item:
    if is_null(scalar):
        raise DescriptionError([Diagnostic("expected a layer, found nothing", scalar.position)])
    hint = unbalanced(scalar)
    if hint:
        raise DescriptionError(
            [Diagnostic("the parentheses of this line do not balance", scalar.position, hint=hint)]
        )
    return parse_line(scalar)


def _mapping(mapping: MappingNode, problems: Problems) -> Item:
    heads = [key for key, _ in mapping.entries if key.text in _HEADS]
    if not heads:
        key, value = mapping.entries[0] if mapping.entries else (None, None)
        hint = colon_hint(mapping) or (nearest(key.text, _HEADS) if key else "")
        if key and value and (key.text in MODULE_OF or isinstance(value, MappingNode)):
            hint = f"a layer is one line: {_as_line(key, value)}"
        elif key and key.text in ("do", "else", "index"):
            hint = f"`{key.text}:` stands beside `repeat:`, `each:` or `when:`, in one mapping with it"
        raise DescriptionError(
            [
                Diagnostic(
                    f"expected a layer line or a mapping with one of {', '.join(_HEADS)}",
                    key.position if key else mapping.position,
                    hint=hint,
                )
            ]
        )
    head = heads[0]
    entries = {key.text: value for key, value in mapping.entries}
    for key, _ in mapping.entries:
        if key.text != head.text and key.text not in _HEADS[head.text]:
            known = _HEADS[head.text]
            expected = f"expected {', '.join(known)}" if known else "it takes no further key"
            raise DescriptionError(
                [
                    Diagnostic(
                        f"unknown key {quoted(key.text)} beside `{head.text}:`; {expected}",
                        key.position,
                        hint=nearest(key.text, known),
                    )
                ]
            )
    if head.text == "let":
        return _let(entries["let"], head.position)
    if head.text == "when":
        return _when(head, entries, problems)
    if head.text in ("repeat", "each"):
        return _loop(head, entries, problems)
    return _join(head, entries, problems)


def _as_line(key: ScalarNode, value: Value) -> str:
    """The layer line that a mapping from an operator to its arguments is meant as."""
    arguments = value.entries if isinstance(value, MappingNode) else ()
    pairs = [f"{name.text}={entry.text}" for name, entry in arguments if isinstance(entry, ScalarNode)]
    return cut(" ".join([key.text, *(pairs or ["key=value"])]))


def _let(value: Value, position: Position) -> Let:
    if not isinstance(value, MappingNode):
        raise DescriptionError([Diagnostic("`let:` is a mapping from names to values", value.position)])
    return Let(tuple((_name(key), _formula(entry), key.position) for key, entry in value.entries), position)


def _when(head: ScalarNode, entries: dict[str, Value], problems: Problems) -> When:
    if "do" not in entries and "else" not in entries:
        raise DescriptionError([Diagnostic("`when:` needs a `do:` or an `else:`", head.position)])
    # What is inside comes first, so that a mistake in the head does not hide its mistakes.
    then = read_body(entries["do"], problems) if "do" in entries else ()
    otherwise = read_body(entries["else"], problems) if "else" in entries else ()
    return When(_formula(entries["when"]), then, otherwise, head.position)


def _loop(head: ScalarNode, entries: dict[str, Value], problems: Problems) -> Loop:
    if "do" not in entries:
        raise DescriptionError([Diagnostic(f"`{head.text}:` needs a `do:`", head.position)])
    body = read_body(entries["do"], problems)
    count = None
    variables: list[tuple[str, tuple[Formula, ...], Position]] = []
    if head.text == "repeat":
        count = _formula(entries["repeat"])
    else:
        variables = _variables(entries["each"])
    index = _name(entries["index"]) if "index" in entries else ""
    place = entries["index"].position if index else head.position
    name = _name(entries["as"]) if "as" in entries else ""
    return Loop(count, tuple(variables), index, place, body, name, head.position)


def _variables(value: Value) -> list[tuple[str, tuple[Formula, ...], Position]]:
    """The variables of `each:`, all with the same number of values."""
    if not isinstance(value, MappingNode) or not value.entries:
        raise DescriptionError(
            [Diagnostic("`each:` is a mapping from names to lists, such as {d: [64, 128]}", value.position)]
        )
    found: list[tuple[str, tuple[Formula, ...], Position]] = []
    for key, entry in value.entries:
        if not isinstance(entry, SequenceNode):
            raise DescriptionError([Diagnostic(f"{quoted(key.text)} needs a list of values", entry.position)])
        values = tuple(_formula(item) for item in entry.items)
        if found and len(values) != len(found[0][1]):
            other, others, place = found[0]
            message = f"{quoted(key.text)} has {len(values)} values, but {quoted(other)} has {len(others)}"
            first = Related(f"{quoted(other)} stands here", place)
            raise DescriptionError([Diagnostic(message, key.position, related=(first,))])
        found.append((_name(key), values, key.position))
    return found


def _join(head: ScalarNode, entries: dict[str, Value], problems: Problems) -> Join:
    value = entries[head.text]
    if not isinstance(value, SequenceNode):
        raise DescriptionError(
            [Diagnostic(f"`{head.text}:` is a list of branches, each a list of layers", value.position)]
        )
    branches = tuple(read_body(branch, problems) if not is_null(branch) else () for branch in value.items)
    sources: tuple[Reference, ...] = ()
    if "from" in entries:
        source = entries["from"]
        if not isinstance(source, ScalarNode):
            raise DescriptionError([Diagnostic("`from:` names layers joined by +", source.position)])
        sources = references(source, 0, len(source.text))
    split = _formula(entries["split"]) if "split" in entries else None
    promises = _formula(entries["out"], per_axis=True) if "out" in entries else None
    name = _name(entries["as"]) if "as" in entries else ""
    return Join(
        op=head.text,
        op_position=head.position,
        branches=branches,
        branch_positions=tuple(branch.position for branch in value.items),
        sources=sources,
        split=split,
        promises=promises,
        name=name,
        position=head.position,
    )


def _formula(value: Value, *, per_axis: bool = False) -> Formula:
    if is_null(value):
        raise DescriptionError([Diagnostic("expected a value, found nothing", value.position)])
    if not isinstance(value, ScalarNode) or value.multiline:
        raise DescriptionError([Diagnostic("expected a value on one line", value.position)])
    return formula(value, 0, len(value.text), value=True, per_axis=per_axis)


def _name(value: Value) -> str:
    if not isinstance(value, ScalarNode) or not is_name(value.text):
        got = f"; got {quoted(value.text)}" if isinstance(value, ScalarNode) else ""
        raise DescriptionError(
            [Diagnostic(f"a name is letters, digits and _, and begins with a letter{got}", value.position)]
        )
    return value.text
