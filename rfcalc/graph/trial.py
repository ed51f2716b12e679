"""Whether a network can be built at sizes of its inputs that it was not written for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from rfcalc.errors import DescriptionError, Diagnostic, UsageError, counted, quoted
from rfcalc.graph.asked import part_for
from rfcalc.graph.build import NetworkBuilder
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.graph.ir import Graph
from rfcalc.ops.attributes import PerAxis, SizeReference, Value
from rfcalc.ops.facts import OperatorProblem
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple
from rfcalc.shapes import LARGEST_SIZE, Shape, Size, format_sizes, product
from rfcalc.spec.given import size_given
from rfcalc.spec.promises import without_promises
from rfcalc.spec.syntax import Formula, Network
from rfcalc.symbolic.polynomial import Polynomial
from rfcalc.symbolic.terms import MultiplesNeeded, SymbolicError
from rfcalc.units import is_digits


class Misfit(NamedTuple):
    """Why a network cannot be built.

    layer and op: the first layer that cannot be made; "" where it is no layer.  message: what is wrong.
    factors: what symbols must be multiples of before that is decided.  decided: whether an operator refuses
    these sizes; else symbols leave it open, or it is another mistake.
    compared: the numbers that it may have compared, in groups.
    made: how many layers there were until then.  error: all that is to be told of it.
    """

    layer: str
    op: str
    message: str
    factors: Mapping[str, int]
    decided: bool
    compared: tuple[tuple[Size, ...], ...]
    made: int
    error: DescriptionError


class Refused(Exception):
    """A network cannot be built at some sizes."""

    def __init__(self, refusal: Misfit) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Trials(NamedTuple):
    """A description that can be built at other sizes of its inputs, with what else was given for it.

    inputs: the sizes that were given for it.  outputs: the layers that are asked for, () for all.
    again: what is read of a model at other sizes, where that is another description; raises DescriptionError
        and UsageError.
    """

    network: Network
    inputs: Mapping[str, Formula] = {}
    settings: Mapping[str, Formula] = {}
    max_layers: int = MOST_LAYERS
    outputs: tuple[str, ...] = ()
    again: Callable[[Mapping[str, str]], Network] | None = None

    @property
    def promised(self) -> bool:
        """Whether its lines say sizes, which are set aside."""
        return without_promises(self.network)._replace(checks=self.network.checks) != self.network

    def shapes(self) -> dict[str, Shape]:
        """The sizes of the inputs by the names that a description gives them, "" for the only one without.

        Raises DescriptionError where they are not stated.
        """
        problems = Problems()
        built = NetworkBuilder(self.network, self.inputs, self.settings, problems)
        built.bind_symbols()
        built.bind_parameters()
        built.add_inputs()
        problems.raise_any()
        nodes = built.builder.maker.nodes
        return {name: node.facts.output for name, node in zip(built.input_names, nodes, strict=True)}

    def at(self, shapes: Mapping[str, Shape]) -> Graph:
        """The graph at these sizes of the inputs; raises Refused at the first mistake."""
        sizes = {name: format_sizes(shape.sizes(), "language") for name, shape in shapes.items()}
        network, inputs = self.network, {name: size_given(size, name) for name, size in sizes.items()}
        if self.again is not None:
            network, inputs = _read_again(self.again, sizes), {}
        network = without_promises(network)
        built = NetworkBuilder(network, inputs, self.settings, Problems(), max_layers=self.max_layers)
        built.builder.findings.only_first = True
        try:
            graph = built.graph()
        except DescriptionError as error:
            raise Refused(_refusal(built, error)) from None
        return part_for(graph, self.outputs) if self.outputs else graph


def _read_again(again: Callable[[Mapping[str, str]], Network], sizes: Mapping[str, str]) -> Network:
    """What is read of a model at some sizes; raises Refused."""
    try:
        return again(sizes)
    except DescriptionError as error:
        mistake = error
    except UsageError as error:
        mistake = DescriptionError([Diagnostic(str(error))])
    first = mistake.diagnostics[0]
    place = first.position.called() if first.position else ""
    raise Refused(Misfit(place, "", first.message, {}, False, (), 0, mistake))


def sizes_meant(shapes: Mapping[str, Shape], words: Sequence[str]) -> dict[str, Shape]:
    """The sizes of all inputs that are meant by one word for all of them, or by one for each.

    A word is a length for all axes, 512x384, or that with the channels of the input.  shapes: as in
    `Trials.shapes`.  Raises UsageError for what is none.
    """
    if len(words) not in (1, len(shapes)):
        raise UsageError(f"{counted(len(words), 'size')} for {counted(len(shapes), 'input')}")
    found = {}
    for (name, shape), text in zip(
        shapes.items(), words if len(words) > 1 else [*words] * len(shapes), strict=True
    ):
        parts = text.strip().split("x")
        if not all(is_digits(part) and part.strip("0") for part in parts):
            raise UsageError(f"{quoted(text)} is no size; expected a length such as 512, or 512x384")
        if any(len(part) >= 20 or int(part) > LARGEST_SIZE for part in parts):
            raise UsageError(f"{quoted(text, 40)} is too large; a length is at most {LARGEST_SIZE:,}")
        lengths = [*map(int, parts)]
        axes = len(shape.axes)
        if len(lengths) not in (1, axes, axes + 1):
            raise UsageError(f"{quoted(text)} has {counted(len(lengths), 'length')}; the input is {shape}")
        if len(lengths) == axes + 1 and lengths[-1] != shape.channels:
            raise UsageError(f"{quoted(text)} has {counted(lengths[-1], 'channel')}; the input is {shape}")
        along = tuple(lengths[:axes]) if len(lengths) > 1 else (lengths[0],) * axes
        found[name] = shape._replace(axes=along)
    return found


def _refusal(built: NetworkBuilder, error: DescriptionError) -> Misfit:
    findings, maker = built.builder.findings, built.builder.maker
    first = error.diagnostics[0]
    cause, refused = findings.cause, maker.refused
    open_ = _is_open(cause)
    decided = isinstance(cause, OperatorProblem) and not open_ and refused is not None
    request, shapes = refused or (None, ())
    return Misfit(
        layer=request.name if request and cause is not None else "",
        op=request.op if request and cause is not None else "",
        message=first.message,
        factors=first.hint.factors if isinstance(first.hint, MultiplesNeeded) else {},
        decided=decided,
        compared=_compared(shapes, request.values.values()) if decided and request else (),
        made=len(maker.nodes),
        error=error,
    )


def _is_open(cause: BaseException | None) -> bool:
    """Whether symbols left something open, through whatever was raised in its place."""
    while cause is not None:
        if isinstance(cause, SymbolicError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _compared(shapes: Sequence[Shape], values: Iterable[Value]) -> tuple[tuple[Size, ...], ...]:
    """What an operator may compare for being equal: numbers of one group with each other.

    Lengths with those of other operands, with attributes and with 1; numbers of positions and of elements
    with what attributes come to; channels with channels and attributes.
    """
    lists: list[tuple[object, ...]] = []
    for value in values:
        if isinstance(value, SizeReference):
            lists.append(value.shape.axes)
        else:
            lists.append(value if isinstance(value, PerAxis) else (value,))
    entries: list[Size] = []
    products: list[Size] = []
    for each in lists:
        numbers = [entry for entry in each if isinstance(entry, int | Polynomial)]
        entries += numbers
        with suppress(SymbolicError):
            products.append(product(numbers))
    lengths = [length for shape in shapes for length in shape.axes]
    return (
        (1, *lengths, *entries),
        (*(number for shape in shapes for number in (shape.positions, shape.elements)), *products),
        (1, *(shape.channels for shape in shapes), *entries),
    )
