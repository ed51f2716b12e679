"""The baseline: the figures of networks as they once were, which relative budgets compare with.

A JSON file, keyed by the path of the network from the file's folder and by the names of the layers, so that
lines may move.  Only whole numbers are in it; a figure that is unknown or depends on a symbol is named
as missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rfcalc.analysis.figures import KEPT, KEPT_BY_LAYER, Count, network_count
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.errors import DescriptionError, Position, Source, mistake, nearest, quoted
from rfcalc.ops.attributes import format_value
from rfcalc.records import NamedTuple
from rfcalc.shapes import format_sizes

SCHEMA = "rfcalc.baseline/1"
LONGEST_TEXT = 2**26
_KEYS = ("figures", "inputs", "parameters", "missing", "layers")
_REPAIR = "take the last good state of the file from version control, or write it anew"


class BaselineEntry(NamedTuple):
    """One network.

    figures: the kept ones that are whole numbers.  layers: for each layer, in order, those that are whole
    numbers above 0.  missing: the figures that are unknown or depend on a symbol.  inputs and parameters:
    their sizes and values, as a description writes them; none in files of earlier versions.
    """

    figures: Mapping[str, int]
    layers: Mapping[str, Mapping[str, int]]
    missing: tuple[str, ...] = ()
    inputs: Mapping[str, str] = {}
    parameters: Mapping[str, str] = {}

    @property
    def counts(self) -> tuple[Mapping[str, int], Mapping[str, Mapping[str, int]]]:
        """All numbers: two networks with the same are one and the same to a baseline."""
        return self.figures, self.layers


class Baseline(NamedTuple):
    """A baseline file; the entries by path.  The text of the source is "" when it is yet to be written."""

    source: Source
    entries: Mapping[str, BaselineEntry] = {}

    def places(self) -> dict[str, Position]:
        """Where the entries stand in the file, for those that begin a line as `baseline_text` writes them."""
        import json

        keys = {json.dumps(path): path for path in self.entries}
        found: dict[str, Position] = {}
        for key in re.finditer(r'^ *(".*"): \{$', self.source.text, re.MULTILINE):
            if key[1] in keys:
                found.setdefault(keys[key[1]], self.source.at(*key.span(1)))
        return found


class Previous(NamedTuple):
    """What a network's figures were before.

    entry: None when nothing is recorded of it.  where: the name of the baseline, or the revision.
    accept: the command that accepts the figures as they are now.  problem: why the network, which was there,
    could not be built, and where; "" when it could, or was not there.  name: what the network was called
    then; "" where it is called so still.
    """

    entry: BaselineEntry | None
    where: str
    accept: str
    problem: str = ""
    name: str = ""

    @property
    def told(self) -> str:
        """What messages call it: `main`, `main, where it was nets/old.yaml`."""
        return f"{self.where}, where it was {self.name}" if self.name else self.where


def entry_of(analysis: NetworkAnalysis) -> BaselineEntry:
    """The figures of a network as a baseline keeps them."""
    values = {name: network_count(name, analysis) for name in KEPT}
    figures = {name: value for name, value in values.items() if isinstance(value, int)}
    layers: dict[str, dict[str, int]] = {}
    for layer in analysis.layers:
        own = ((name, count.value(layer)) for name, count in KEPT_BY_LAYER.items())
        layers[layer.name] = {name: value for name, value in own if isinstance(value, int) and value}
    missing = tuple(name for name in values if name not in figures)
    return BaselineEntry(figures, layers, missing, *values_of(analysis))


def values_of(analysis: NetworkAnalysis) -> tuple[dict[str, str], dict[str, str]]:
    """The sizes of the inputs and the values of the parameters of a network, as a description writes them."""
    graph = analysis.graph
    inputs = (graph.nodes[index] for index in graph.inputs)
    return (
        {node.name: format_sizes(node.facts.output.sizes(), "language") for node in inputs},
        {name: format_value(value, "language") for name, value in graph.parameters.items()},
    )


def updated(
    baseline: Baseline, entries: Mapping[str, BaselineEntry], exists: Callable[[str], bool]
) -> Baseline:
    """The baseline with new entries; those whose file is gone are dropped, all others stay.

    exists: whether there is a network of this path.
    """
    kept = {path: entry for path, entry in baseline.entries.items() if exists(path)}
    return baseline._replace(entries={**kept, **entries})


def baseline_text(baseline: Baseline) -> str:
    """The text of a baseline: paths sorted, layers in their order, one line each."""
    import json

    lines = ["{", f'  "schema": {json.dumps(SCHEMA)},', '  "networks": {']
    paths = sorted(baseline.entries)
    for path in paths:
        entry = baseline.entries[path]
        figures = {name: entry.figures[name] for name in KEPT if name in entry.figures}
        lines += [f"    {json.dumps(path)}: {{", f'      "figures": {json.dumps(figures)},']
        for name, values in (("inputs", entry.inputs), ("parameters", entry.parameters)):
            if values:
                lines.append(f'      "{name}": {json.dumps(dict(values))},')
        if entry.missing:
            lines.append(f'      "missing": {json.dumps(list(entry.missing))},')
        lines.append('      "layers": {')
        lines += [
            f"        {json.dumps(name)}: {json.dumps(dict(layer))}," for name, layer in entry.layers.items()
        ]
        lines[-1] = lines[-1].removesuffix(",")
        lines += ["      }", "    },"]
    lines[-1] = lines[-1].removesuffix(",")
    return "\n".join([*lines, "  }", "}", ""])


def read_baseline(source: Source) -> Baseline:
    """A baseline from its text; raises DescriptionError with a position in it.

    Its source has the text without a byte order mark, and with the line ends that `baseline_text` writes.
    """
    import json

    # What an editor or a checkout adds is no change of the figures.
    source = source._replace(text=source.text.removeprefix("\ufeff").replace("\r\n", "\n"))
    try:
        document = json.loads(source.text, object_pairs_hook=_pairs, parse_constant=int)
    except json.JSONDecodeError as error:
        place = Position(source, error.lineno, error.colno, error.colno + 1)
        raise mistake(f"this is no JSON: {error.msg[:1].lower()}{error.msg[1:]}", place, _REPAIR) from None
    except RecursionError:
        raise _error(source, "the baseline nests too deeply") from None
    except _Twice as error:
        raise _error(source, f"{quoted(str(error))} is there twice", str(error)) from None
    except ValueError:
        # A number of very many digits, or one that JSON does not have and `int` refuses.
        raise _error(source, "a number in the baseline is none that a figure can be") from None
    if not isinstance(document, dict):
        raise _error(source, f"expected an object, got {_kind(document)}")
    schema = document.get("schema")
    if schema != SCHEMA:
        shown = quoted(schema) if isinstance(schema, str) else "none"
        message = f"expected a baseline with the schema {quoted(SCHEMA)}, found {shown}"
        raise _error(source, message, "schema")
    for key in document:
        if key not in ("schema", "networks"):
            hint = nearest(key, ("schema", "networks"))
            raise _error(source, f"unknown key {quoted(key)}", key, hint)
    networks = _object(source, document.get("networks"), "networks")
    return Baseline(source, {path: _entry(source, path, value) for path, value in networks.items()})


def _entry(source: Source, path: str, value: object) -> BaselineEntry:
    """The entry of one network."""
    entry = _object(source, value, path)
    for key in entry:
        if key not in _KEYS:
            hint = nearest(key, _KEYS)
            raise _error(source, f"unknown key {quoted(key)} in the entry of {quoted(path)}", key, hint)
    missing = entry.get("missing", [])
    if not isinstance(missing, list) or not all(name in [*KEPT] for name in missing):
        message = f"the missing figures of {quoted(path)} are no list of figures"
        raise _error(source, message, path)
    figures = _numbers(source, path, entry.get("figures"), KEPT)
    layers = _object(source, entry.get("layers"), path)
    found = {name: _numbers(source, path, layer, KEPT_BY_LAYER) for name, layer in layers.items()}
    texts = (_texts(source, path, entry.get(name, {})) for name in ("inputs", "parameters"))
    return BaselineEntry(figures, found, tuple(missing), *texts)


def _texts(source: Source, path: str, value: object) -> dict[str, str]:
    """Values by name, as a description writes them."""
    found: dict[str, str] = {}
    for name, text in _object(source, value, path).items():
        if not isinstance(text, str):
            message = f"the value of {quoted(name)} in the entry of {quoted(path)} is no text"
            raise _error(source, message, name)
        found[name] = text
    return found


def _numbers(source: Source, path: str, value: object, known: Mapping[str, Count]) -> dict[str, int]:
    """Figures by name, each a whole number of at least 0."""
    found: dict[str, int] = {}
    for name, number in _object(source, value, path).items():
        if name not in known:
            hint = nearest(name, known) or f"the figures are {', '.join(known)}"
            message = f"unknown figure {quoted(name)} in the entry of {quoted(path)}"
            raise _error(source, message, name, hint)
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            message = f"{name} in the entry of {quoted(path)} is no whole number of at least 0"
            raise _error(source, message, path)
        found[name] = number
    return found


def _object(source: Source, value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        message = f"expected an object in {quoted(name)}, got {_kind(value)}"
        raise _error(source, message, name)
    return value


class _Twice(Exception):
    """A key that an object has twice."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(key)
            seen.add(key)
    return found


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return kinds.get(type(value), "a number")


def _error(source: Source, message: str, key: str | None = None, hint: str = "") -> DescriptionError:
    """A mistake where a key stands: the last time that it does, so that of two it is the second."""
    import json

    written = json.dumps(key)
    found = source.text.rfind(f"{written}:")
    place = source.at(found, found + len(written)) if key is not None and found >= 0 else source.at(0)
    return mistake(message, place, hint or _REPAIR)
