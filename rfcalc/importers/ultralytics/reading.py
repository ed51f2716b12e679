"""The file as records: what its keys say, and its rows, each part with its place."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

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
_SECTIONS = ("backbone", "head")
_ROW = "[from, repeats, module, args]"
_MOST_DIGITS = 18
# Of the letters of two words so many are the same in a misspelling.
_LEAST_ALIKE = 0.75
_TRUE = frozenset(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"))
_FALSE = frozenset(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"))
_WHOLE = re.compile(r"[-+]?[0-9][0-9_]*")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")


class RowCell(NamedTuple):
    """A part of a row, or the value of a key: numbers, texts, truth values, None, or tuples of these."""

    value: object
    position: Position


class Row(NamedTuple):
    """One row; number: of its place among all rows, from 0.  sources: the rows that it reads, as written."""

    number: int
    position: Position
    sources: tuple[RowCell, ...]
    several: bool
    repeats: RowCell
    module: RowCell
    arguments: tuple[RowCell, ...]


class ModelText(NamedTuple):
    """What a file says; keys: by name, without those of rows.  rows: None where they cannot be read."""

    source: Source
    keys: Mapping[str, RowCell]
    names: Mapping[str, Position]
    rows: tuple[Row | None, ...]
    notes: tuple[tuple[str, Position], ...]


def near(word: str, known: Iterable[str]) -> str:
    """The hint for the word that is meant, where one is so near that another is hardly meant."""
    hint = nearest(word, known)
    letters = Counter(word.casefold())
    for meant in known:
        if hint == _meaning(meant):
            shared = (letters & Counter(meant.casefold())).total()
            return hint if 2 * shared >= _LEAST_ALIKE * (len(word) + len(meant)) else ""
    return ""


def _meaning(word: str) -> str:
    """The hint that a word is meant."""
    return f"did you mean {word!r}?"


def read_text(source: Source, problems: Problems) -> ModelText:
    """The records of a file; mistakes go to the problems, or raise DescriptionError where nothing is left."""
    root = read_document(source)
    if not isinstance(root, MappingNode):
        problems.stop(
            "a model of Ultralytics is keys and their values: nc, scales, backbone, head",
            root.position,
            f"backbone and head are lists of rows, {_ROW}",
        )
    keys, notes = _keys(root, problems)
    sections = {key.text: value for key, value in root.entries if key.text in _SECTIONS}
    for name in _SECTIONS:
        # One that is misspelt has been told.
        if name not in sections and not any(
            near(key.text, KEYS) == _meaning(name) for key, _ in root.entries
        ):
            problems.add(
                f"the key {name} is missing",
                root.position,
                f"write {name}: and below it rows, {_ROW}; {name}: [] for none",
            )
    rows: list[Row | None] = []
    for name in _SECTIONS:
        # The rows of the backbone come first, wherever it stands.
        if name in sections:
            rows += _rows(sections[name], name, len(rows), problems)
    if not rows or any(name not in sections or is_null(sections[name]) for name in _SECTIONS):
        # What rows read cannot be told where others are missing.
        problems.raise_any()
    names = {key.text: key.position for key, _ in root.entries}
    return ModelText(source, keys, names, tuple(rows), tuple(notes))


def _keys(root: MappingNode, problems: Problems) -> tuple[dict[str, RowCell], list[tuple[str, Position]]]:
    """What the keys say, without those of rows, and what has to be said of them."""
    keys: dict[str, RowCell] = {}
    notes: list[tuple[str, Position]] = []
    scaled = any(key.text == "scales" for key, _ in root.entries)
    for key, value in root.entries:
        name, position = key.text, key.position
        if name in KEYS and name not in _SECTIONS:
            keys[name] = RowCell(_value(value, problems), value.position)
            if scaled and name in ("depth_multiple", "width_multiple"):
                notes.append((f"{name} is not read, since there are scales", position))
        elif name == "scale":
            notes.append(("scale is said by the name of the file or when it is read, not by a key", position))
        elif name not in KEYS and (hint := near(name, KEYS)):
            problems.add(f"the key {quoted(name)} is not known", position, hint)
        elif name not in KEYS:
            notes.append((f"the key {quoted(name)} means nothing here", position))
    return keys, notes


def _rows(section: DocumentValue, name: str, first: int, problems: Problems) -> list[Row | None]:
    if is_null(section):
        problems.add(
            f"{name} has no rows", section.position, f"below it stand rows, {_ROW}, each behind a dash"
        )
        return []
    if not isinstance(section, SequenceNode):
        problems.add(
            f"{name} is a list of rows, {_ROW}",
            section.position,
            "begin each row with a dash: - [-1, 1, Conv, [64, 3, 2]]",
        )
        return []
    return [_row(node, first + place, problems) for place, node in enumerate(section.items)]


def _row(node: DocumentValue, number: int, problems: Problems) -> Row | None:
    if not isinstance(node, SequenceNode):
        text = f", not {quoted(node.text)}" if isinstance(node, ScalarNode) else ""
        problems.add(
            f"row {number} is to be a list, {_ROW}{text}",
            node.position,
            "brackets stand around the four parts of a row",
        )
        return None
    parts = node.items
    if len(parts) != 4:
        problems.add(_not_four(parts, number), node.position, _hint_of_four(parts))
        return None
    source, repeats, module, arguments = parts
    before = len(problems.found)
    sources = _sources(source, number, problems)
    times = RowCell(_value(repeats, problems), repeats.position)
    if not isinstance(times.value, int) or isinstance(times.value, bool) or times.value < 1:
        problems.add(
            f"repeats of row {number} is a whole number of at least 1, not {shown(times.value)}",
            repeats.position,
            f"a row is {_ROW}",
        )
    if not isinstance(module, ScalarNode) or not module.text:
        problems.add(
            f"the third part of row {number} is to be the name of a module",
            module.position,
            f"a row is {_ROW}",
        )
    given: tuple[RowCell, ...] = ()
    if isinstance(arguments, SequenceNode):
        given = tuple([RowCell(_value(one, problems), one.position) for one in arguments.items])
    else:
        written = arguments.text if isinstance(arguments, ScalarNode) else "…"
        problems.add(
            f"args of row {number} is a list in brackets, even of one: [{written}]", arguments.position, ""
        )
    if len(problems.found) != before or not isinstance(module, ScalarNode):
        return None
    several = isinstance(source, SequenceNode)
    return Row(number, node.position, sources, several, times, RowCell(module.text, module.position), given)


def _not_four(parts: Sequence[DocumentValue], number: int) -> str:
    names = ("from", "repeats", "module", "args")
    missing = (
        f": {listed(names[len(parts) :])} {'is' if len(parts) == 3 else 'are'} missing"
        if len(parts) < 4
        else ""
    )
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
        first, given = (", ".join(map(str, some)) for some in ([texts[0] or "…", *texts[1:3]], texts[3:]))
        return f"the arguments stand in brackets of their own: [{first}, [{given}]]"
    return ""


def _sources(node: DocumentValue, number: int, problems: Problems) -> tuple[RowCell, ...]:
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
        found.append(RowCell(value, one.position))
    if several and not found and isinstance(node, SequenceNode) and not node.items:
        problems.add(f"from of row {number} names no row", node.position, "-1 is the row before")
    return tuple(found)


def _value(node: DocumentValue, problems: Problems) -> object:
    """A value of YAML, or of Python where it is a text that spells one."""
    if isinstance(node, SequenceNode):
        return tuple([_value(one, problems) for one in node.items])
    if isinstance(node, MappingNode):
        return {key.text: RowCell(_value(value, problems), value.position) for key, value in node.entries}
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
                f"{text} begins with 0, which YAML takes for a number to base 8",
                node.position,
                f"write {int(digits)}",
            )
        return int(digits)
    if _DECIMAL.fullmatch(text) and len(text) < 40:
        number = float(text)
        return number if math.isfinite(number) else text
    return text
