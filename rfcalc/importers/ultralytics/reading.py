"""The file as records: what its keys say, and its rows, each part with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from rfcalc.errors import Position, Source, counted, listed, nearest, quoted
from rfcalc.importers.ultralytics.registry import shown
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple
from rfcalc.spec.document import read_document
from rfcalc.spec.nodes import DocumentValue, MappingNode, ScalarNode, SequenceNode, is_null

# What each key of a file is.
KEYS = {
    "nc": "the number of classes",
    "scales": "depth, width and most channels of each size",
    "backbone": "rows",
    "head": "rows",
    "depth_multiple": "the factor of repeats",
    "width_multiple": "the factor of channels",
    "activation": "the activation of convolutions",
    "anchors": "the boxes of each map",
    "kpt_shape": "the number of points, and of numbers of each",
    "reg_max": "the steps of distances",
    "end2end": "whether heads have branches that need no suppression",
    "ch": "the channels of the input",
    "channels": "the channels of the input",
    "text_model": "the model of texts",
}
_ROW = "[from, repeats, module, args]"
_MOST_DIGITS = 18
_TRUE = frozenset(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"))
_FALSE = frozenset(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"))
_WHOLE = re.compile(r"[-+]?[0-9][0-9_]*")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")


class Cell(NamedTuple):
    """A part of a row, or the value of a key: numbers, texts, truth values, None, or tuples of these."""

    value: object
    position: Position


class Row(NamedTuple):
    """One row; number: of its place among all rows, from 0.  sources: the rows that it reads, as written."""

    number: int
    position: Position
    sources: tuple[Cell, ...]
    several: bool
    repeats: Cell
    module: Cell
    arguments: tuple[Cell, ...]


class ModelText(NamedTuple):
    """What a file says; keys: by name, without those of rows.  rows: None where they cannot be read."""

    source: Source
    keys: Mapping[str, Cell]
    names: Mapping[str, Position]
    rows: tuple[Row | None, ...]
    notes: tuple[tuple[str, Position], ...]


def read_text(source: Source, problems: Problems) -> ModelText:
    """The records of a file; mistakes go to the problems, and raise DescriptionError where nothing is left."""
    root = read_document(source)
    if not isinstance(root, MappingNode):
        problems.stop(
            "a model of Ultralytics is keys and their values: nc, scales, backbone, head",
            root.position,
            f"backbone and head are lists of rows, {_ROW}",
        )
    keys: dict[str, Cell] = {}
    names: dict[str, Position] = {}
    sections: dict[str, DocumentValue] = {}
    notes = []
    for key, value in root.entries:
        names[key.text] = key.position
        if key.text in ("backbone", "head"):
            sections[key.text] = value
        elif key.text in KEYS:
            keys[key.text] = Cell(_value(value, problems), value.position)
        elif key.text == "scale":
            notes.append(("scale is said by the name of the file or when it is read, not by a key", key.position))
        elif hint := nearest(key.text, KEYS):
            problems.add(f"the key {quoted(key.text)} is not known", key.position, hint)
        else:
            notes.append((f"the key {quoted(key.text)} means nothing here", key.position))
    for name in ("backbone", "head"):
        if name not in sections:
            problems.add(
                f"the key {name} is missing",
                root.position,
                f"write {name}: and below it rows, {_ROW}; {name}: [] for none",
            )
    if "scales" in keys:
        for name in ("depth_multiple", "width_multiple"):
            if name in names:
                notes.append((f"{name} is not read, since there are scales", names[name]))
    rows: list[Row | None] = []
    for name, section in sections.items():
        # The rows of the backbone come first, wherever it stands.
        if name == "backbone":
            rows += _rows(section, name, 0, problems)
    if "head" in sections:
        rows += _rows(sections["head"], "head", len(rows), problems)
    return ModelText(source, keys, names, tuple(rows), tuple(notes))


def _rows(section: DocumentValue, name: str, first: int, problems: Problems) -> list[Row | None]:
    if is_null(section):
        problems.add(f"{name} has no rows", section.position, f"below it stand rows, {_ROW}, each behind a dash")
        return []
    if not isinstance(section, SequenceNode):
        problems.add(f"{name} is a list of rows, {_ROW}", section.position, "begin each row with a dash: - [-1, 1, Conv, [64, 3, 2]]")
        return []
    return [_row(node, first + place, problems) for place, node in enumerate(section.items)]


def _row(node: DocumentValue, number: int, problems: Problems) -> Row | None:
    if not isinstance(node, SequenceNode):
        text = f", not {quoted(node.text)}" if isinstance(node, ScalarNode) else ""
        problems.add(f"row {number} is to be a list, {_ROW}{text}", node.position, "brackets stand around the four parts of a row")
        return None
    parts = node.items
    if len(parts) != 4:
        problems.add(_not_four(parts, number), node.position, _hint_of_four(parts))
        return None
    source, repeats, module, arguments = parts
    before = len(problems.found)
    sources = _sources(source, number, problems)
    times = Cell(_value(repeats, problems), repeats.position)
    if not isinstance(times.value, int) or isinstance(times.value, bool) or times.value < 1:
        problems.add(
            f"repeats of row {number} is a whole number of at least 1, not {shown(times.value)}",
            repeats.position,
            f"a row is {_ROW}",
        )
    if not isinstance(module, ScalarNode) or not module.text:
        problems.add(f"the third part of row {number} is to be the name of a module", module.position, f"a row is {_ROW}")
    given: tuple[Cell, ...] = ()
    if isinstance(arguments, SequenceNode):
        given = tuple([Cell(_value(one, problems), one.position) for one in arguments.items])
    else:
        written = arguments.text if isinstance(arguments, ScalarNode) else "…"
        problems.add(
            f"args of row {number} is a list in brackets, even of one: [{written}]", arguments.position, ""
        )
    if len(problems.found) != before or not isinstance(module, ScalarNode):
        return None
    several = isinstance(source, SequenceNode)
    return Row(number, node.position, sources, several, times, Cell(module.text, module.position), given)


def _not_four(parts: Sequence[DocumentValue], number: int) -> str:
    names = ("from", "repeats", "module", "args")
    missing = f": {listed(names[len(parts) :])} {'is' if len(parts) == 3 else 'are'} missing" if len(parts) < 4 else ""
    return f"row {number} has {counted(len(parts), 'part')}, and a row has four, {_ROW}{missing}"


def _hint_of_four(parts: Sequence[DocumentValue]) -> str:
    texts = [one.text if isinstance(one, ScalarNode) else None for one in parts]
    for text in texts:
        if text and (split := re.fullmatch(r"(-?\d+)\s+(\w[\w.]*)", text)):
            return f"a comma is missing: {split[1]}, {split[2]}"
        if text and (split := re.fullmatch(r"(-?\d+)\s+(-?\d+)", text)):
            return f"a comma is missing: {split[1]}, {split[2]}"
    if len(parts) == 3 and texts[2]:
        return f"a module without arguments has empty ones: [{texts[0] or '…'}, {texts[1]}, {texts[2]}, []]"
    if len(parts) > 4 and None not in texts[1:]:
        return f"the arguments stand in brackets of their own: [{', '.join(map(str, [texts[0] or '…', *texts[1:3]]))}, [{', '.join(map(str, texts[3:]))}]]"
    return ""


def _sources(node: DocumentValue, number: int, problems: Problems) -> tuple[Cell, ...]:
    several = isinstance(node, SequenceNode)
    found = []
    for one in node.items if isinstance(node, SequenceNode) else (node,):
        value = _value(one, problems)
        if not isinstance(value, int) or isinstance(value, bool):
            problems.add(
                f"from of row {number} is the number of a row, -1 for the one before, not {shown(value)}",
                one.position,
                f"a row is {_ROW}",
            )
            continue
        found.append(Cell(value, one.position))
    if several and not found and isinstance(node, SequenceNode) and not node.items:
        problems.add(f"from of row {number} names no row", node.position, "-1 is the row before")
    return tuple(found)


def _value(node: DocumentValue, problems: Problems) -> object:
    """A value of YAML, or of Python where it is a text that spells one."""
    if isinstance(node, SequenceNode):
        return tuple([_value(one, problems) for one in node.items])
    if isinstance(node, MappingNode):
        return {key.text: Cell(_value(value, problems), value.position) for key, value in node.entries}
    text = node.text.strip()
    if is_null(node) or text == "None":
        return None
    if text in ("True", "False") or (node.plain and text in _TRUE | _FALSE):
        return text in _TRUE
    if _WHOLE.fullmatch(text):
        digits = text.replace("_", "")
        if len(digits.lstrip("+-")) > _MOST_DIGITS:
            problems.add(f"a number has at most {_MOST_DIGITS} digits", node.position)
            return 1
        if len(digits.lstrip("+-")) > 1 and digits.lstrip("+-").startswith("0"):
            problems.add(
                f"{text} begins with 0, which YAML takes for a number to base 8", node.position, f"write {int(digits)}"
            )
        return int(digits)
    if _DECIMAL.fullmatch(text) and len(text) < 40:
        number = float(text)
        return number if math.isfinite(number) else text
    return text
