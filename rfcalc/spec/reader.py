"""From the document to the syntax tree: which keys a description has, and what each may hold."""

from __future__ import annotations

import re

from rfcalc.errors import (
    DescriptionError,
    Diagnostic,
    Related,
    Source,
    cut,
    mistake,
    nearest,
    quoted,
)
from rfcalc.ops.registry import MODULE_OF
from rfcalc.problems import Problems
from rfcalc.spec.body import read_body, unreadable_formula
from rfcalc.spec.document import read_document
from rfcalc.spec.document_text import ReportRead
from rfcalc.spec.expressions import is_name
from rfcalc.spec.line import name_of, name_of_layer, references, whole
from rfcalc.spec.nodes import DocumentValue, MappingNode, ScalarNode, SequenceNode, is_null
from rfcalc.spec.signature import read_block
from rfcalc.spec.syntax import Binding, Block, Body, Network, NoteEntry, Reference, StatedRate
from rfcalc.units import parse_rate

KEYS = (
    "name",
    "source",
    "input",
    "params",
    "symbols",
    "blocks",
    "layers",
    "outputs",
    "check",
    "notes",
    "object_size",
    "rate",
)
_EXAMPLES = {
    "input": "a mapping from names to sizes, such as {left: 64x64x3, right: 64x64x3}",
    "params": "a mapping from names to values, such as {classes: 1000}",
    "symbols": "a list of names, such as [C, H], or a mapping, such as {H: 32*h}",
}
# What ends a line of a `Source`.
_LINE_ENDS = r"\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
# Fields are kept per input, so that the work grows with inputs times layers.
MOST_INPUTS = 64
NOTE_KEYS = ("layer", "column", "text", "zh")
NOTE_COLUMNS = ("operation", "parameters", "input", "output")


def read_layers(source: Source) -> Network:
    """The syntax tree of bare layers: a YAML list, or lines separated by `;` or line ends.

    Raises DescriptionError.
    """
    try:
        return _layers(source)
    except DescriptionError as error:
        # Few texts are wrong.
        from rfcalc.spec.lookalikes import naming_lookalikes

        raise naming_lookalikes(error) from None


def read_network(source: Source, problems: Problems | None = None) -> Network:
    """The syntax tree of a description; raises DescriptionError with every mistake found.

    problems: where mistakes are noted instead of being raised, as far as anything can be read; what
    cannot is a stand-in that leaves nothing when it is built.
    """
    found = Problems() if problems is None else problems
    network = _NetworkReader(source, read_document(source), found).network()
    if problems is None:
        found.raise_any()
    return network


def _layers(source: Source) -> Network:
    text = source.text.lstrip()
    problems = Problems()
    if text.startswith(("[", "{", "- ", "-\n")):
        value = read_document(source)
        body = read_body(value, problems)
        position = value.position
    else:
        scalars = _separated(source)
        position = source.at(0)
        if not scalars:
            problems.add("expected a layer, found nothing", position)
        body = tuple(item for scalar in scalars for item in read_body(scalar, problems))
    problems.raise_any()
    return Network(origin=source, name="expression", layers=body, layers_position=position, open=True)


def _separated(source: Source) -> list[ScalarNode]:
    """The lines of `conv f=3; relu`, each with its place."""
    parts = re.finditer(rf"[^\s;](?:[^;{_LINE_ENDS}]*[^\s;])?", source.text)
    return [ScalarNode(part[0], source.at(*part.span())) for part in parts]


class _NetworkReader:
    """Reads the top level, collecting mistakes."""

    def __init__(self, source: Source, root: DocumentValue, problems: Problems) -> None:
        self.source = source
        self.root = root
        self.problems = problems
        self.values: dict[str, DocumentValue] = {}
        self.keys: dict[str, ScalarNode] = {}

    def network(self) -> Network:
        root = self.root
        if not isinstance(root, MappingNode):
            what = "a list" if isinstance(root, SequenceNode) else "a single value"
            raise mistake(
                f"a description is a mapping with the keys {', '.join(KEYS)}, but this is {what}",
                root.position,
                hint="put the layers under `layers:`, or give them to rfcalc -e",
            )
        misspelt = False
        for key, value in root.entries:
            if key.text == "schema" and isinstance(value, ScalarNode) and value.text.startswith("rfcalc."):
                message = f"this is what rfcalc has printed as json, {quoted(value.text)}, not a description"
                hint = "name the description that it was made from"
                raise ReportRead([Diagnostic(message, value.position, hint=hint)])
            if key.text not in KEYS:
                hint = nearest(key.text, KEYS) or f"the keys are {', '.join(KEYS)}"
                self.problems.add(f"unknown key {quoted(key.text)}", key.position, hint)
                misspelt = misspelt or "'layers'" in hint
            else:
                self.values[key.text] = value
                self.keys[key.text] = key
        if "layers" not in self.values and not misspelt:
            self.problems.add("the description has no `layers:`", root.position)
        blocks = self.blocks()
        return Network(
            origin=self.source,
            name=self.text("name"),
            citation=self.text("source"),
            inputs=self.inputs(),
            parameters=self.bindings("params"),
            symbols=self.symbols(),
            blocks=blocks,
            layers=self.body("layers"),
            layers_position=self.keys["layers"].position if "layers" in self.keys else root.position,
            outputs=self.outputs(),
            checks=self.lines("check"),
            notes=self.notes(),
            object_sizes=self.object_sizes(),
            rates=self.rates(),
        )

    def stated(self, key: str) -> DocumentValue | None:
        """The value of a key; None where there is none, null included."""
        value = self.values.get(key)
        return None if value is None or is_null(value) else value

    def text(self, key: str) -> str:
        value = self.stated(key)
        if value is None:
            return ""
        if isinstance(value, ScalarNode):
            return " ".join(value.text.split())
        self.problems.add(f"`{key}:` is a text", value.position)
        return ""

    def inputs(self) -> tuple[Binding, ...]:
        value = self.values.get("input")
        if value is None:
            return ()
        if isinstance(value, ScalarNode):
            with self.problems:
                return (Binding("", whole(value, per_axis=True), value.position),)
        elif isinstance(value, MappingNode):
            if len(value.entries) > MOST_INPUTS:
                message = f"the description names {len(value.entries)} inputs; at most {MOST_INPUTS} are read"
                self.problems.add(message, value.position)
                return ()
            return self.bindings("input", per_axis=True)
        else:
            sizes = [item.text for item in value.items if isinstance(item, ScalarNode)]
            hint = f"a size is joined by x: {cut('x'.join(sizes))}" if sizes else ""
            message = "`input:` is a size such as 224x224x3, or a mapping from names to sizes"
            self.problems.add(message, value.position, hint)
        return (Binding("", unreadable_formula(value.position), value.position),)

    def bindings(self, key: str, *, per_axis: bool = False) -> tuple[Binding, ...]:
        """The names of a mapping with their values."""
        value = self.stated(key)
        if value is None:
            return ()
        if not isinstance(value, MappingNode):
            example = _EXAMPLES[key]
            self.problems.add(f"`{key}:` is {example}", value.position)
            names = value.items if isinstance(value, SequenceNode) else (value,)
            return tuple(
                Binding(name.text, unreadable_formula(name.position), name.position)
                for name in names
                if isinstance(name, ScalarNode) and is_name(name.text)
            )
        found = []
        for name, entry in value.entries:
            made: list[Binding] = []
            with self.problems:
                made = [Binding(name_of(name), whole(entry, per_axis=per_axis), name.position)]
            if not made and is_name(name.text):
                made = [Binding(name.text, unreadable_formula(entry.position), name.position)]
            found += made
        return tuple(found)

    def symbols(self) -> tuple[Binding, ...]:
        """`[C, H]`, or `{H: 32*h}` for a symbol that is a multiple."""
        value = self.values.get("symbols")
        if not isinstance(value, SequenceNode):
            return self.bindings("symbols")
        found = []
        for item in value.items:
            if isinstance(item, ScalarNode) and is_name(item.text):
                found.append(Binding(item.text, whole(item), item.position))
            else:
                got = f", not {quoted(item.text)}" if isinstance(item, ScalarNode) else ""
                self.problems.add(f"a symbol is a name{got}", item.position)
        return tuple(found)

    def blocks(self) -> tuple[Block, ...]:
        value = self.stated("blocks")
        if value is None:
            return ()
        if not isinstance(value, MappingNode):
            self.problems.add("`blocks:` is a mapping from signatures to lists of layers", value.position)
            return ()
        found: dict[str, Block] = {}
        for key, body in value.entries:
            block = read_block(key, body, self.problems)
            if block is None:
                continue
            if block.name in MODULE_OF:
                self.problems.add(
                    f"{quoted(block.name)} is an operator; a block needs another name", key.position
                )
            if block.name in found:
                first = Related("the first one stands here", found[block.name].position)
                self.problems.add(
                    f"a second block is called {quoted(block.name)}", key.position, related=(first,)
                )
            found[block.name] = block
        return tuple(found.values())

    def body(self, key: str) -> Body:
        value = self.values.get(key)
        if value is None:
            return ()
        if is_null(value) or (isinstance(value, SequenceNode) and not value.items):
            self.problems.add(f"`{key}:` is empty", self.keys[key].position)
            return ()
        return read_body(value, self.problems)

    def outputs(self) -> tuple[Reference, ...]:
        found: list[Reference] = []
        for line in self.lines("outputs"):
            with self.problems:
                found.extend(references(line, 0, len(line.text)))
        return tuple(found)

    def lines(self, key: str) -> tuple[ScalarNode, ...]:
        """The scalars of a list, or the one scalar."""
        value = self.stated(key)
        if value is None:
            return ()
        items = value.items if isinstance(value, SequenceNode) else (value,)
        found = [item for item in items if isinstance(item, ScalarNode)]
        for item in items:
            if not isinstance(item, ScalarNode):
                self.problems.add(f"an entry of `{key}:` is a single line", item.position)
        return tuple(found)

    def notes(self) -> tuple[NoteEntry, ...]:
        value = self.stated("notes")
        if value is None:
            return ()
        if not isinstance(value, SequenceNode):
            self.problems.add("`notes:` is a list of {layer, column, text, zh}", value.position)
            return ()
        found = []
        for item in value.items:
            with self.problems:
                found.append(_remark(item))
        return tuple(found)

    def object_sizes(self) -> tuple[Binding, ...]:
        value = self.values.get("object_size")
        if value is None:
            return ()
        entries = value.entries if isinstance(value, MappingNode) else ((None, value),)
        found = []
        for name, entry in entries:
            with self.problems:
                called = "" if name is None else name_of_layer(name)
                place = entry.position if name is None else name.position
                found.append(Binding(called, whole(entry, per_axis=True), place))
        return tuple(found)

    def rates(self) -> tuple[StatedRate, ...]:
        """`16kHz`, or `{sound: 16kHz, video: 25fps}`."""
        value = self.stated("rate")
        if value is None:
            return ()
        entries: tuple[tuple[ScalarNode | None, DocumentValue], ...] = ((None, value),)
        if isinstance(value, MappingNode):
            entries = value.entries
        found = []
        for name, rate in entries:
            with self.problems:
                found.append(_rate(name, rate))
        return tuple(found)


def _rate(name: ScalarNode | None, value: DocumentValue) -> StatedRate:
    if not isinstance(value, ScalarNode):
        what = "of an input is" if name else "is"
        raise mistake(f"the rate {what} a number, such as 16000, 16kHz or 25fps", value.position)
    try:
        rate = parse_rate(value.text)
    except ValueError as error:
        raise mistake(str(error), value.position, hint="samples or frames a second: 16000, 25fps") from None
    place = name.position if name else value.position
    return StatedRate(name_of(name) if name else "", value, rate, place)


def _remark(item: DocumentValue) -> NoteEntry:
    if not isinstance(item, MappingNode):
        raise mistake("a note is a mapping with the keys layer, column, text and zh", item.position)
    texts = {}
    places = {}
    for key, value in item.entries:
        if key.text not in NOTE_KEYS:
            hint = nearest(key.text, NOTE_KEYS) or f"the keys are {', '.join(NOTE_KEYS)}"
            raise mistake(f"unknown key {quoted(key.text)}", key.position, hint=hint)
        if not isinstance(value, ScalarNode):
            raise mistake(f"`{key.text}:` is a text", value.position)
        texts[key.text] = " ".join(value.text.split())
        places[key.text] = value.position
    if not texts.get("text"):
        raise mistake("a note needs a `text:`", item.position)
    column = texts.get("column", "")
    if column and column not in NOTE_COLUMNS:
        hint = nearest(column, NOTE_COLUMNS) or f"the columns are {', '.join(NOTE_COLUMNS)}"
        message = f"a note has no column {quoted(column)}"
        raise mistake(message, places["column"], hint=hint)
    place = places.get("layer", item.position)
    return NoteEntry(texts.get("layer", ""), column, texts["text"], texts.get("zh", ""), place)
