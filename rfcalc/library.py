"""The library's front door: load a description, analyse it.

from rfcalc import analyze, load
result = analyze(load("vgg16"), input="320x320x3", params={"classes": 10})
result.totals.params
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from rfcalc.analysis.analyze import analyze_graph
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.errors import DescriptionError, Position, Source, UsageError, mistake, nearest, quoted
from rfcalc.files import NoSuchFile, bytes_of, text_of
from rfcalc.graph.build import build, every_mistake
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.graph.ir import Graph
from rfcalc.records import NamedTuple
from rfcalc.shapes import format_sizes
from rfcalc.spec.document_text import LONGEST_TEXT
from rfcalc.spec.line import formula
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.reader import read_layers, read_network
from rfcalc.spec.syntax import Binding, Formula, Network
from rfcalc.spec.trees import AxesExpression, Name, within
from rfcalc.units import NumberFormat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from rfcalc.conditions.solving import Solution
    from rfcalc.lint.finding import Finding

SUFFIXES = (".yaml", ".yml", ".json")
STANDARD_INPUT = "-"
# What a size begins with that has its channels first.
_CHANNELS_FIRST = "chw:"
# How many files of a folder are looked through for the one that was meant.
_MOST_NAMES = 1000


class Description(NamedTuple):
    """A description that has been read: its text, and the syntax tree.

    max_layers: how many layers it may have; all other work is bounded by what as many may take.
    """

    source: Source
    network: Network
    max_layers: int = MOST_LAYERS

    @property
    def name(self) -> str:
        """The network's name."""
        return self.network.name

    def params_names(self) -> tuple[str, ...]:
        """The names of the parameters that can be set."""
        return tuple(binding.name for binding in self.network.parameters)

    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs; ("",) for the one unnamed input."""
        return tuple(binding.name for binding in self.network.inputs) or ("",)


def load(
    target: str | os.PathLike[str], *, stdin: BinaryIO | None = None, max_layers: int = MOST_LAYERS
) -> Description:
    """Read a description: a file, a shipped network by name, or `-` for standard input.

    A target that contains a slash or ends in .yaml, .yml or .json is a path; any other is a name.
    max_layers: how many layers the network may have, see `Description`.
    Raises UsageError when there is no such file or network, DescriptionError when it cannot be read.
    """
    name = os.fspath(target)
    if name == STANDARD_INPUT and stdin is not None:
        return read_data(stdin.read(LONGEST_TEXT + 1), "<stdin>", max_layers)
    if not isinstance(target, str) or is_path(name):
        return read_data(read_file(name), name, max_layers)
    return read_text(shipped_text(name), f"{name}.yaml", max_layers)


def is_path(target: str) -> bool:
    """Whether a target is the path of a file rather than the name of a shipped network."""
    return "/" in target or os.sep in target or target.endswith(SUFFIXES)


def read_text(text: str, name: str = "<text>", max_layers: int = MOST_LAYERS) -> Description:
    """Read a description from its text; `name` is what errors call it.  max_layers: see `Description`.

    Raises DescriptionError; what can be read of the text is built then, so that every mistake is in it.
    """
    source = Source(name, text)
    try:
        return Description(source, read_network(source), max_layers)
    except DescriptionError:
        raise every_mistake(source) from None


def read_data(data: bytes, name: str, max_layers: int = MOST_LAYERS) -> Description:
    """Read a description from the bytes of a file; `name` and `max_layers` are as in `read_text`.

    Raises DescriptionError when they are no text or it cannot be read.
    """
    return read_text(text_of(data, name, LONGEST_TEXT, "a description"), name, max_layers)


def read_expression(text: str) -> Description:
    """Read bare layers, `conv f=3 d=64; relu` or a YAML list; the input size is given to `analyze`.

    Raises DescriptionError.
    """
    source = Source("<expression>", text)
    return Description(source, read_layers(source))


def analyze(
    description: Description,
    *,
    input: str | Mapping[str, str] | None = None,
    params: Mapping[str, object] | None = None,
    batch: int = 1,
) -> NetworkAnalysis:
    """Every figure of a network.

    input: a size such as "320x320x3", or one by name for each of several inputs.
    params: values for the description's parameters and symbols, as numbers or as text; a name that
    the description does not know is a symbol ("C", "2*C").  batch: the number of examples.
    Raises DescriptionError with every mistake, UsageError for a batch that is not at least 1.
    """
    if batch < 1:
        raise UsageError(f"a batch is at least 1, got {batch}")
    return analyze_graph(build_graph(description, input=input, params=params), batch)


def check(
    description: Description,
    *,
    select: str | Iterable[str] = ("ALL",),
    ignore: str | Iterable[str] = (),
    input: str | Mapping[str, str] | None = None,
    params: Mapping[str, object] | None = None,
) -> tuple[Finding, ...]:
    """What the rules find in a network, in the order of its text; what its comments ignore is left out.

    select, ignore: the rules to look for, one or several, as codes, names, beginnings of codes, or "ALL"; a
    configuration is not read.  input, params: see `analyze`.  Raises DescriptionError for a network that
    cannot be built, UsageError for a selector that fits no rule.
    """
    from rfcalc.lint.checking import Built, check_built
    from rfcalc.lint.registry import selected, selectors

    codes = selected(selectors(select), selectors(ignore))
    analysis = analyze(description, input=input, params=params)
    built = Built(description.source, description.network, analysis)
    return check_built(built, description.source.name, codes).findings


def solve(
    description: Description,
    condition: str,
    *,
    input: str | Mapping[str, str] | None = None,
    params: Mapping[str, object] | None = None,
    batch: int = 1,
    dtype: NumberFormat = "fp32",
) -> Solution:
    """For which values of its one symbol a condition on a network's figures holds.

    condition: as promises of a description are written, such as "params <= 136M and macs <= 16G".
    dtype: the number format that bytes are counted in.
    The certificates are confirmed by analysing the network with numbers in place of the symbol.
    Raises DescriptionError when the condition cannot be answered, UsageError when it holds for a value
    with which the network cannot be built.
    """
    from rfcalc.conditions.solving import solve as solve_condition
    from rfcalc.units import BYTES

    network = analyze(description, input=input, params=params, batch=batch)

    def analysed(symbol: str, value: int) -> NetworkAnalysis:
        graph = build_graph(description, input=input, params=params, symbols={symbol: value})
        return analyze_graph(graph, batch)

    return solve_condition(network, _given(f"--solve {condition}", condition), BYTES[dtype], analysed)


def build_graph(
    description: Description,
    *,
    input: str | Mapping[str, str] | None = None,
    params: Mapping[str, object] | None = None,
    symbols: Mapping[str, int] | None = None,
) -> Graph:
    """The graph of a description; see `analyze`.  Raises DescriptionError.

    symbols: numbers in place of symbols that it would have.
    """
    sizes = {} if input is None else {"": input} if isinstance(input, str) else dict(input)
    inputs = {
        name: _input_size(f"--input {name}={size}" if name else f"--input {size}", size)
        for name, size in sizes.items()
    }
    settings = {
        name: _outside(f"--set {name}={_written(value)}", _written(value), per_axis=False)
        for name, value in (params or {}).items()
    }
    network, limit = _description(description).network, description.max_layers
    return build(network, inputs, settings, symbols or {}, limit)


def description_text(
    description: Description,
    *,
    input: str | Mapping[str, str] | None = None,
    params: Mapping[str, object] | None = None,
) -> str:
    """A description as YAML, without comments, that says by itself what `analyze` would be given beside it.

    With other values its promises are left out.  Bare layers need their input.  Raises DescriptionError where
    something is given that does not fit.
    """
    from rfcalc.spec.printer import printed

    network = _description(description).network
    if input is None and not params and not network.open:
        return printed(network)
    graph = build_graph(description, input=input, params=params)
    # A parameter that is given its own name is a symbol.
    given = {name: _written(value) for name, value in (params or {}).items() if name not in graph.symbols}

    def told(name: str, value: str, per_axis: bool = False) -> Binding:
        return Binding(name, _outside(value, value, per_axis=per_axis), network.layers_position)

    def kept(bindings: Iterable[Binding]) -> tuple[Binding, ...]:
        return tuple(told(one.name, given.pop(one.name, one.value.text)) for one in bindings)

    symbols = kept(network.symbols)
    parameters = kept(one for one in network.parameters if one.name not in graph.symbols)
    if network.open:
        parameters = tuple(told(name, value) for name, value in given.items())
    inputs = network.inputs
    if input is not None:
        shapes = [graph.nodes[index].facts.output.sizes() for index in graph.inputs]
        sizes = [format_sizes(shape, "language") for shape in shapes]
        inputs = tuple(
            told(name, size, True) for name, size in zip(description.input_names(), sizes, strict=True)
        )
    declared = {name.text for symbol in symbols for name in within(symbol.value.tree, Name)}
    symbols += tuple(told(name, name) for name in graph.symbols if name not in declared)
    name = "" if network.open else network.name
    # What the description promises was said of its own values.
    return printed(
        network._replace(name=name, inputs=inputs, symbols=symbols, parameters=parameters, checks=())
    )


def _description(given: object) -> Description:
    """What was given as a description, if it is one; raises TypeError for a path or a name of one."""
    if not isinstance(given, Description):
        kind = type(given).__name__
        raise TypeError(f"expected a description, such as load() or read_text() return, got {kind}")
    return given


def shipped_names() -> tuple[str, ...]:
    """The names of the networks that come with the package, sorted."""
    names = (entry.name for entry in os.scandir(_shipped_folder()))
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def shipped_text(name: str) -> str:
    """The description of a shipped network; raises UsageError, with the nearest name, when there is none."""
    path = os.path.join(_shipped_folder(), f"{name}.yaml")
    # The name is one component by now: `is_path` holds for everything with a separator.
    if not os.path.isfile(path) or os.path.basename(path) != f"{name}.yaml":
        hint = nearest(name, shipped_names(), within=True)
        if os.path.isdir(name):
            hint = f"it is a folder: name a file in it, or check all of them with `rfcalc check {name}`"
        elif os.path.exists(name):
            hint = f"a file is named with its folder: {os.path.join('.', name)}"
        known = hint or "`rfcalc list` shows the shipped networks; a path contains a slash or ends in .yaml"
        raise UsageError(f"no shipped network is called {quoted(name)}; {known}")
    return text_of(bytes_of(path, LONGEST_TEXT), path, LONGEST_TEXT, "a description")


def read_file(path: str) -> bytes:
    """The bytes of a description that a user names, one more at most than it may have; raises UsageError."""
    try:
        return bytes_of(path, LONGEST_TEXT, given=True)
    except NoSuchFile as error:
        hint = _nearest_file(path)
        if path in shipped_names():
            hint = f"that is a shipped network: rfcalc spec {path} -o {path}.yaml makes a file of it"
        raise UsageError(f"{error}; {hint}" if hint else str(error)) from None


def _nearest_file(path: str) -> str:
    """The hint for a file that is not there: the nearest description in its folder; "" when none is near."""
    folder, name = os.path.split(path)
    try:
        with os.scandir(folder or os.curdir) as entries:
            names = [entry.name for entry in islice(entries, _MOST_NAMES) if entry.name.endswith(SUFFIXES)]
    except (OSError, ValueError):
        return ""
    # The suffix that all share must not make them alike.
    stem = os.path.splitext(name)[0]
    hint = nearest(name, [one for one in names if nearest(stem, [os.path.splitext(one)[0]])])
    return f"{hint[:-1]} in {quoted(folder)}?" if hint and folder else hint


def _shipped_folder() -> str:
    """Where the shipped descriptions are: in the package, or beside it in a checkout."""
    here = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(here, "specs")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(here), "specs")


def _written(value: object) -> str:
    """A value as a description writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # The shortest decimal that is this float: what the caller wrote.
        return repr(value)
    return str(value)


def _input_size(written: str, value: str) -> Formula:
    """The size of an input given outside the description.

    `224x224x3` has the channels last, as everywhere; `3,224,224` and `chw:3x224x224`, PyTorch's order, first.
    """
    start = len(_CHANNELS_FIRST) if value.startswith(_CHANNELS_FIRST) else 0
    if not start and "," not in value:
        return _outside(written, value)
    scalar = _given(written, value)
    if not all(part.strip() for part in value[start:].split(",")):
        raise mistake("expected lengths joined by commas, such as 3,224,224", scalar.position)
    # As many characters, so that places in it stay what they are.
    read = formula(scalar._replace(text=value.replace(",", "x")), start, len(value), per_axis=True)
    tree = read.tree
    if isinstance(tree, AxesExpression):
        tree = tree._replace(entries=(*tree.entries[1:], tree.entries[0]))
    elif isinstance(tree, Name) and tree.parts:
        tree = tree._replace(parts=(*tree.parts[1:], tree.parts[0]))
    return read._replace(tree=tree, scalar=scalar)


def _outside(written: str, value: str, *, per_axis: bool = True) -> Formula:
    """A formula given outside the description; errors show it as it was given."""
    return formula(_given(written, value), 0, len(value), per_axis=per_axis)


def _given(written: str, value: str) -> ScalarNode:
    """A value given outside the description, and how it was."""
    source = Source("<command line>", written)
    start = len(written) - len(value) + 1
    if not value.strip():
        place = Position(source, 1, 1, len(written) + 1)
        raise mistake("expected a value, found nothing", place)
    return ScalarNode(value, Position(source, 1, start, start + len(value)))
