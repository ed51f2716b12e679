"""The text of a syntax tree and of its parts: what is read of it is the same tree, places aside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rfcalc.errors import Position
from rfcalc.spec.nodes import NULLS, balance, in_quotes
from rfcalc.spec.syntax import (
    Binding,
    Block,
    Body,
    Formula,
    Item,
    JoinBranch,
    Let,
    Line,
    Loop,
    NamedPart,
    Network,
    NoteEntry,
    Reference,
    Split,
    StatedRate,
    When,
)
from rfcalc.spec.tokens import COMPARISONS, OPERATOR_WORDS, tokens_of

# What is written in brackets goes on one line no longer than this.
_WIDTH = 100
# What of the top level has one entry a line, however short.
_OPEN = ("blocks", "layers", "check", "notes")
_SPACED = OPERATOR_WORDS.union(COMPARISONS)

# A value of YAML before it is text.
YamlValue = str | Sequence["YamlValue"] | Mapping[str, "YamlValue"]


def printed(network: Network) -> str:
    """A whole description as YAML; `read_network` reads this tree of it."""
    symbols = network.symbols
    plain = all(symbol.value.text == symbol.name for symbol in symbols)
    keys: dict[str, YamlValue] = {
        "name": network.name,
        "source": network.citation,
        "input": _sizes(network.inputs),
        "params": _bindings(network.parameters),
        "symbols": [symbol.name for symbol in symbols] if plain else _bindings(symbols),
        "blocks": {signature(block): _body(block.body) for block in network.blocks},
        "layers": _body(network.layers),
        "outputs": list(map(reference, network.outputs)),
        "check": [" ".join(line.text.split()) for line in network.checks],
        "notes": list(map(_note, network.notes)),
        "object_size": _sizes(network.object_sizes),
        "rate": _rates(network.rates),
    }
    return document(keys)


def document(keys: Mapping[str, YamlValue]) -> str:
    """The text of a description with these keys, those that hold nothing left out."""
    lines: list[str] = []
    for key, value in keys.items():
        if value and key in _OPEN:
            lines += [f"{key}:", *_indented(_block(value, _WIDTH - 2))]
        elif value:
            lines += _block({key: value}, _WIDTH)
    return "\n".join(lines) + "\n"


def _rates(rates: tuple[StatedRate, ...]) -> YamlValue:
    texts = {rate.name: rate.scalar.text.strip() for rate in rates}
    return texts.get("", texts)


# Items as values of YAML


def _body(items: Body) -> list[YamlValue]:
    return list(map(_item, items))


def _item(item: Item) -> YamlValue:
    """A layer line, or a mapping without the keys that nothing is given for."""
    keys: dict[str, YamlValue]
    if isinstance(item, Line):
        return layer_line(item)
    if isinstance(item, Let):
        return {"let": _bindings(item.bindings)}
    if isinstance(item, When):
        do = _body(item.then) if item.then or not item.otherwise else ""
        keys = {"when": expression(item.condition), "do": do, "else": _body(item.otherwise) or ""}
    elif isinstance(item, NamedPart):
        keys = {"do": _body(item.body), "as": item.name}
    elif isinstance(item, Loop):
        lists = {name: _list(values) for name, values, _ in item.variables}
        head = {"each": lists} if item.turns is None else {"repeat": expression(item.turns)}
        keys = {**head, "index": item.counter, "do": _body(item.body), "as": item.name}
    elif isinstance(item, Split):
        keys = {"split": _parts(item), "from": references(item.sources), "as": item.name}
    else:
        branches = item.branches
        keys = {
            item.op or "tensors": _item(branches)
            if isinstance(branches, Loop)
            else list(map(_branch, branches)),
            "split": _parts(item.split) if item.split else "",
            "from": references(item.sources),
            "out": expression(item.promises),
            "as": item.name,
        }
    return {key: value for key, value in keys.items() if value != ""}


def _branch(branch: JoinBranch) -> YamlValue:
    body = _body(branch.body)
    return {"when": expression(branch.condition), "branch": body} if branch.condition else body


def _parts(split: Split) -> YamlValue:
    sizes = _list(split.parts)
    return dict(zip(split.names, sizes, strict=True)) if split.names else sizes


def _list(values: tuple[Formula, ...] | Formula) -> YamlValue:
    return expression(values) if isinstance(values, Formula) else list(map(expression, values))


def _sizes(bindings: Sequence[Binding]) -> YamlValue:
    """A size, or names with sizes."""
    return expression(bindings[0].value) if bindings and not bindings[0].name else _bindings(bindings)


def _bindings(bindings: Iterable[tuple[str, Formula, Position]]) -> YamlValue:
    return {name: expression(value) for name, value, _ in bindings}


def _note(note: NoteEntry) -> YamlValue:
    keys = {"layer": note.layer, "column": note.column, "text": note.text, "zh": note.chinese}
    return {key: text for key, text in keys.items() if text}


# What stands on one line


def layer_line(line: Line) -> str:
    """A layer line: operator, arguments in their order, from=, weights=, in=, -> SIZE, as NAME."""
    words = [line.op]
    for argument in line.arguments:
        value = argument.value
        written = reference(value) if isinstance(value, Reference) else expression(value, in_line=True)
        words.append(f"{argument.name}={written}")
    tail = {
        "from=": references(line.sources),
        "weights=": reference(line.weights) if line.weights else "",
        "in=": expression(line.expects, in_line=True),
        "-> ": expression(line.promises, in_line=True),
        "as ": line.name,
    }
    return " ".join([*words, *(f"{lead}{text}" for lead, text in tail.items() if text)])


def signature(block: Block) -> str:
    """The signature of a block, `name(a, b=1)`."""
    parameters = [
        parameter.name + (f"={expression(parameter.default)}" if parameter.default else "")
        for parameter in block.parameters
    ]
    return f"{block.name}({', '.join(parameters)})" if parameters else block.name


def references(names: Iterable[Reference]) -> str:
    """The names of layers, joined by +."""
    return "+".join(map(reference, names))


def reference(name: Reference) -> str:
    """The name of a layer, with the expressions in it."""
    pieces = [piece if isinstance(piece, str) else f"({expression(piece)})" for piece in name.pieces]
    return "".join(pieces) or name.text


def expression(formula: Formula | None, *, in_line: bool = False) -> str:
    """The text of a formula, "" for none; in_line: on a layer line."""
    return spaced(formula.text, per_axis=formula.per_axis, in_line=in_line) if formula else ""


def spaced(text: str, *, per_axis: bool = False, in_line: bool = False) -> str:
    """An expression with spaces around comparisons and words, behind commas, and nowhere else.

    in_line: on a layer line, where a space outside parentheses would end the argument.
    Raises ExpressionError.
    """
    parts: list[str] = []
    depth = 0
    before = ""
    for token in tokens_of(text, per_axis)[:-1]:
        depth -= token.text == ")"
        apart = (depth > 0 or not in_line) and _apart(before, token.text, token.kind)
        parts += [" ", token.text] if apart else [token.text]
        depth += token.text == "("
        # The x of a list is no word.
        before = "" if token.kind == "axis" else token.text
    return "".join(parts)


def _apart(before: str, text: str, kind: str) -> bool:
    """Whether a space stands between two tokens of an expression."""
    if before in ("", "(") or text in (")", ",") or kind == "axis":
        return False
    return before == "," or before in _SPACED or text in _SPACED or (_is_word(before) and _is_word(text))


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] == "_"


# Values of YAML as text


def _block(value: YamlValue, room: int) -> list[str]:
    """The lines of a list or a mapping, for each entry one where it fits, else more."""
    lines: list[str] = []
    if isinstance(value, Mapping):
        for key, inside in value.items():
            beside = f"{scalar(key)}: {_flat(inside)}"
            fits = isinstance(inside, str) or len(beside) <= room or not inside
            lines += [beside] if fits else [f"{scalar(key)}:", *_indented(_block(inside, room - 2))]
        return lines
    for inside in value:
        flat = _flat(inside)
        fits = isinstance(inside, str) or len(flat) <= room - 2 or not inside
        first, *rest = [flat] if fits else _block(inside, room - 2)
        lines += [f"- {first}", *_indented(rest)]
    return lines


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return (f"  {line}" for line in lines)


def _flat(value: YamlValue, *, inside: bool = False) -> str:
    """A value on one line; inside: of brackets."""
    if isinstance(value, str):
        return scalar(value, inside=inside)
    if isinstance(value, Mapping):
        entries = (f"{scalar(key, inside=True)}: {_flat(one, inside=True)}" for key, one in value.items())
        return f"{{{', '.join(entries)}}}"
    return f"[{', '.join(_flat(one, inside=True) for one in value)}]"


def scalar(text: str, *, inside: bool = False) -> str:
    """A text, in quotes where YAML would take a part of it for a sign of its own."""
    plain = (_PLAIN_INSIDE if inside else _PLAIN).fullmatch(text) and text not in NULLS
    return text if plain and not (inside and balance(text)) else in_quotes(text)


_PLAIN = re.compile(r"(?:[\w(]|-\d)(?!.*(?::\s|\s#|[:\s]$)).*")
_PLAIN_INSIDE = re.compile(_PLAIN.pattern.replace(".*", r"[^]?,[{}]*"))
