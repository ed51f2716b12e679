"""The items of a body: layer lines, joins, repeats, conditions and named values."""

from __future__ import annotations

from itertools import pairwise

from rfcalc.errors import Position, Related, cut, mistake, nearest, quoted
from rfcalc.ops.registry import JOINS, MODULE_OF
from rfcalc.problems import Problems
from rfcalc.spec.line import is_name_of_layer, name_of, name_of_layer, parse_line, references, whole
from rfcalc.spec.nodes import (
    DocumentValue,
    MappingNode,
    ScalarNode,
    SequenceNode,
    colon_hint,
    is_null,
    unbalanced,
)
from rfcalc.spec.syntax import (
    Body,
    Formula,
    Item,
    Join,
    JoinBranch,
    Let,
    Line,
    Loop,
    NamedPart,
    Reference,
    Split,
    When,
)
from rfcalc.spec.trees import Name, within

LOOPS = ("repeat", "each")
# The keys that a mapping among layers may have beside the one that says what it is.
HEADS: dict[str, tuple[str, ...]] = {
    "repeat": ("do", "index", "as"),
    "each": ("do", "index", "as"),
    "when": ("do", "else"),
    "let": (),
    "do": ("as",),
    "split": ("as", "from"),
    "tensors": ("as", "from", "split"),
    **dict.fromkeys(JOINS, ("as", "from", "out", "split")),
}

# What the items of a loop or a condition are called elsewhere.
_BODIES = frozenset({"layers", "body", "block", "then", "items", "of"})


def read_body(value: DocumentValue, problems: Problems) -> Body:
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


def unreadable(value: DocumentValue) -> list[Line]:
    """Stand-ins for an item that could not be read, which has been noted: lines without an operator.

    Building one leaves nothing, so that nothing is said of what depends on it.  There is one for each
    name given in the item.
    """
    entries = (entry for mapping in within(value, MappingNode) for entry in mapping.entries)
    names = [name.text for key, name in entries if key.text == "as" and isinstance(name, ScalarNode)]
    for line in within(value, ScalarNode):
        names += [name for word, name in pairwise(line.text.split()) if word == "as"]
    place = value.position
    lines = [
        Line(op="", op_position=place, position=place, name=name) for name in names if is_name_of_layer(name)
    ]
    return lines or [Line(op="", op_position=place, position=place)]


def unreadable_formula(place: Position) -> Formula:
    """A stand-in for a value that could not be read, which has been noted: an empty name."""
    return Formula(Name("", 0, 0), ScalarNode("", place), 0, 0)


def _line(scalar: ScalarNode) -> Item:
    if is_null(scalar):
        raise mistake("expected a layer, found nothing", scalar.position)
    hint = unbalanced(scalar)
    if hint:
        raise mistake("the parentheses of this line do not balance", scalar.position, hint=hint)
    return parse_line(scalar)


def _mapping(mapping: MappingNode, problems: Problems) -> Item:
    heads = [key for key, _ in mapping.entries if key.text in HEADS]
    if [key.text for key in heads] == ["do"] and any(
        key.text not in ("do", "as") for key, _ in mapping.entries
    ):
        # The key that it stands beside is misspelt, or missing.
        heads = []
    if not heads:
        key, value = mapping.entries[0] if mapping.entries else (None, None)
        hint = colon_hint(mapping) or (nearest(key.text, HEADS) if key else "")
        if key and value and (key.text in MODULE_OF or isinstance(value, MappingNode)):
            hint = f"a layer is one line: {_as_line(key, value)}"
        elif key and (hint_of_form := _of_another_form(mapping, key)):
            hint = hint_of_form
        elif key and key.text in ("do", "else", "index"):
            hint = f"`{key.text}:` stands beside `repeat:`, `each:` or `when:`, in one mapping with it"
        raise mistake(
            f"expected a layer line or a mapping with one of {', '.join(HEADS)}",
            key.position if key else mapping.position,
            hint=hint,
        )
    # What may stand beside another head is one only where it stands alone.
    head = next(key for key in heads if all(key.text not in HEADS[other.text] for other in heads))
    entries = {key.text: value for key, value in mapping.entries}
    for key, _ in mapping.entries:
        if key.text != head.text and key.text not in HEADS[head.text]:
            known = HEADS[head.text]
            expected = f"expected {', '.join(known)}" if known else "it takes no further key"
            raise mistake(
                f"unknown key {quoted(key.text)} beside `{head.text}:`; {expected}",
                key.position,
                hint=nearest(key.text, known)
                or ("did you mean 'do'?" if "do" in known and key.text in _BODIES else ""),
            )
    if head.text == "let":
        return _let(entries["let"], head.position)
    if head.text == "when":
        return _when(head, entries, problems)
    if head.text in LOOPS:
        return _loop(head, entries, problems)
    if head.text == "split":
        return _split(entries["split"], head.position, _sources(entries), _name(entries))
    if head.text == "do":
        if "as" not in entries:
            hint = "`do:` stands beside `repeat:`, `each:` or `when:`, or names a part: {do: [...], as: NAME}"
            raise mistake("`do:` alone needs a name", head.position, hint=hint)
        return NamedPart(read_body(entries["do"], problems), _name(entries), head.position)
    return _join(head, entries, problems)


def _name(entries: dict[str, DocumentValue]) -> str:
    return name_of_layer(entries["as"]) if "as" in entries else ""


def _of_another_form(mapping: MappingNode, key: ScalarNode) -> str:
    """The hint at forms that other programs have: `c1: conv f=3`, `{type: conv, f: 3}`, `repeat 3: [...]`."""
    texts = {name.text: entry.text for name, entry in mapping.entries if isinstance(entry, ScalarNode)}
    head, _, rest = key.text.partition(" ")
    if head in (*LOOPS, "when") and rest:
        return f"write {{{head}: {rest}, do: [...]}}"
    if len(mapping.entries) == 1 and texts and texts[key.text].split(" ")[0] in MODULE_OF:
        named = f" as {key.text}" if is_name_of_layer(key.text) else ""
        return f"a layer is one line, and named behind it: {cut(texts[key.text])}{named}"
    kind = next((texts[name] for name in ("op", "type", "kind", "layer") if texts.get(name) in MODULE_OF), "")
    if not kind:
        return ""
    pairs = [f"{name}={text}" for name, text in texts.items() if text != kind and name not in ("name", "as")]
    name = texts.get("name") or texts.get("as")
    return f"a layer is one line: {cut(' '.join([kind, *pairs, *([f'as {name}'] if name else [])]))}"


def _as_line(key: ScalarNode, value: DocumentValue) -> str:
    """The layer line that a mapping from an operator to its arguments is meant as."""
    arguments = value.entries if isinstance(value, MappingNode) else ()
    pairs = [f"{name.text}={entry.text}" for name, entry in arguments if isinstance(entry, ScalarNode)]
    if isinstance(value, ScalarNode) and "=" in value.text:
        pairs = [value.text]
    return cut(" ".join([key.text, *(pairs or ["key=value"])]))


def _let(value: DocumentValue, position: Position) -> Let:
    if not isinstance(value, MappingNode):
        raise mistake("`let:` is a mapping from names to values", value.position)
    return Let(tuple((name_of(key), whole(entry), key.position) for key, entry in value.entries), position)


def _when(head: ScalarNode, entries: dict[str, DocumentValue], problems: Problems) -> When:
    if "do" not in entries and "else" not in entries:
        raise mistake("`when:` needs a `do:` or an `else:`", head.position)
    # What is inside comes first, so that a mistake in the head does not hide its mistakes.
    then = read_body(entries["do"], problems) if "do" in entries else ()
    otherwise = read_body(entries["else"], problems) if "else" in entries else ()
    return When(whole(entries["when"]), then, otherwise, head.position)


def _loop(head: ScalarNode, entries: dict[str, DocumentValue], problems: Problems) -> Loop:
    if "do" not in entries:
        raise mistake(f"`{head.text}:` needs a `do:`", head.position)
    body = read_body(entries["do"], problems)
    count = None
    variables: list[tuple[str, tuple[Formula, ...] | Formula, Position]] = []
    if head.text == "repeat":
        count = whole(entries["repeat"])
    else:
        variables = _variables(entries["each"])
    index = name_of(entries["index"]) if "index" in entries else ""
    place = entries["index"].position if index else head.position
    return Loop(count, tuple(variables), index, place, body, _name(entries), head.position)


def _split(
    value: DocumentValue, place: Position, sources: tuple[Reference, ...] = (), name: str = ""
) -> Split:
    """How many parts, their channels, or these by the names of the parts."""
    if isinstance(value, ScalarNode):
        return Split(whole(value), (), sources, name, place)
    if isinstance(value, SequenceNode):
        return Split(tuple(map(whole, value.items)), (), sources, name, place)
    parts = tuple(whole(entry) for _, entry in value.entries)
    return Split(parts, tuple(name_of_layer(key) for key, _ in value.entries), sources, name, place)


def _sources(entries: dict[str, DocumentValue]) -> tuple[Reference, ...]:
    """What the key `from` names; () without it."""
    source = entries.get("from")
    if source is None:
        return ()
    if not isinstance(source, ScalarNode):
        raise mistake("`from:` names layers joined by +", source.position)
    return references(source, 0, len(source.text))


def _variables(value: DocumentValue) -> list[tuple[str, tuple[Formula, ...] | Formula, Position]]:
    """The variables of `each:`; lists that are written out have the same number of values."""
    if not isinstance(value, MappingNode) or not value.entries:
        raise mistake("`each:` is a mapping from names to lists, such as {d: [64, 128]}", value.position)
    found: list[tuple[str, tuple[Formula, ...] | Formula, Position]] = []
    for key, entry in value.entries:
        if isinstance(entry, ScalarNode):
            found.append((name_of(key), whole(entry), key.position))
            continue
        if not isinstance(entry, SequenceNode):
            raise mistake(f"{quoted(key.text)} needs a list of values", entry.position)
        values = tuple(whole(item) for item in entry.items)
        written = [(other, list_, place) for other, list_, place in found if not isinstance(list_, Formula)]
        if written and len(values) != len(written[0][1]):
            other, others, place = written[0]
            message = f"{quoted(key.text)} has {len(values)} values, but {quoted(other)} has {len(others)}"
            first = Related(f"{quoted(other)} stands here", place)
            raise mistake(message, key.position, related=(first,))
        found.append((name_of(key), values, key.position))
    return found


def _join(head: ScalarNode, entries: dict[str, DocumentValue], problems: Problems) -> Join:
    value = entries[head.text]
    branches: tuple[JoinBranch, ...] | Loop
    loops = [key for key, _ in value.entries if key.text in LOOPS] if isinstance(value, MappingNode) else []
    if isinstance(value, SequenceNode):
        branches = tuple(_branch(branch, problems) for branch in value.items)
    elif isinstance(value, MappingNode) and loops:
        loop = _mapping(value, problems)
        assert isinstance(loop, Loop)
        branches = loop
    else:
        message = (
            f"`{head.text}:` is a list of branches, each a list of layers, or a loop whose turns are branches"
        )
        raise mistake(message, value.position)
    return Join(
        op="" if head.text == "tensors" else head.text,
        op_position=head.position,
        branches=branches,
        sources=_sources(entries),
        split=_split(entries["split"], entries["split"].position) if "split" in entries else None,
        promises=whole(entries["out"], per_axis=True) if "out" in entries else None,
        name=_name(entries),
        position=head.position,
    )


def _branch(value: DocumentValue, problems: Problems) -> JoinBranch:
    """A branch: layers, none for the identity, or `{when: CONDITION, branch: layers}`."""
    entries = {key.text: entry for key, entry in value.entries} if isinstance(value, MappingNode) else {}
    if "branch" not in entries:
        return JoinBranch(() if is_null(value) else read_body(value, problems), value.position)
    if entries.keys() != {"when", "branch"}:
        raise mistake("a branch that may be missing is {when: CONDITION, branch: [...]}", value.position)
    inside = entries["branch"]
    body = () if is_null(inside) else read_body(inside, problems)
    return JoinBranch(body, value.position, whole(entries["when"]))
