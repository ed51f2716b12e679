"""A PyTorch program followed call by call, from its inputs to the steps that it is made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest

from rfcalc.errors import DescriptionError, UsageError, counted, listed, option, quoted
from rfcalc.importers.inputs import by_input, in_order
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.torch.call import OPERATORS, Following, is_list
from rfcalc.importers.torch.operators import load
from rfcalc.importers.torch.program import FunctionCall, Named, Program, ProgramTensor, Stored
from rfcalc.importers.tracing import parts
from rfcalc.importers.tracing.attention import FollowedTensor, Scores, settled
from rfcalc.importers.tracing.known import MOST_ELEMENTS, Element, Known, elementwise, made_of
from rfcalc.importers.tracing.results import FollowedResults, as_several
from rfcalc.importers.tracing.tracer import MOST_CALLS, StepTracer, attempt, examples
from rfcalc.importers.tracing.views import Caller, Dimension, TensorView

# Functions of sizes and other numbers.
_NUMBERS: dict[str, Callable[..., Element]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "floordiv": lambda a, b: a // b,
    "floor_divide": lambda a, b: a // b,
    "truediv": lambda a, b: a / b,
    "div": lambda a, b: a / b,
    "mod": lambda a, b: a % b,
    "remainder": lambda a, b: a % b,
    "neg": lambda a: -a,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def imported(
    program: Program, name: str, inputs: Mapping[str, tuple[int, ...]] | None = None
) -> ImportedNetwork:
    """The network of a program, called `name`; inputs: sizes that its inputs are to have.

    Raises UsageError for sizes that the program was not made for, DescriptionError for calls that cannot be
    read.
    """
    load()
    tracer = StepTracer()
    batch = examples([stated.lengths for stated in program.inputs])
    tensors: dict[str, FollowedTensor] = {}
    for path_name, stored in program.stored.items():
        lengths = tuple([size if isinstance(size, int) else 1 for size in stored.tensor.lengths])
        tensors[path_name] = Known(
            lengths,
            stored.tensor.element,
            stored.values,
            stored.path if stored.learned else "",
            stored.learned,
            math.prod(lengths),
        )
    program = _sized(tracer, _resized(program, inputs or {}))
    resized = bool(inputs)
    alone = len(program.inputs) == 1
    for stated in program.inputs:
        lengths = tuple([size for size in stated.lengths if isinstance(size, int)])
        tensors[stated.name] = (
            tracer.input(stated.name, lengths, stated.element, batch, alone=alone)
            if lengths
            else Known((), stated.element)
        )
    compared = not resized
    if len(program.calls) > MOST_CALLS:
        raise UsageError(f"the program has {len(program.calls):,} calls; at most {MOST_CALLS:,} are followed")
    # The tensors that others come from which are not followed, by the names of these.
    lost: dict[str, list[TensorView]] = {}
    read = {name for call in program.calls for name in _named(call)} | set(program.outputs)
    for call in program.calls:
        path, classes = _module(call, tensors)
        place = call.place if call.place.startswith("call ") else f"call {quoted(call.place)}"
        tracer.caller = Caller(f"{place} ({call.function})", path, classes)
        try:
            wanted = not read.isdisjoint([one.name for one in call.results])
            results = _followed(tracer, call, tensors, lost, batch, trusted=not resized, wanted=wanted)
        except DescriptionError as error:
            if not resized or error.diagnostics[0].hint:
                raise
            message = "the program was exported for another size of its input, which its calls hold"
            raise tracer.mistake(f"{error.diagnostics[0].message}; {message}", _EXPORT_ANEW) from None
        left = as_several(results) if resized else _completed(tracer, call, results, batch)
        compared = _keep(tracer, call, left, tensors, lost, compare=compared)
        if _is_in_place(call.function) and call.results and call.results[0].name in tensors:
            # The tensor that it is applied to has changed for whoever reads it later.
            for one in _named(call)[:1]:
                tensors[one] = tensors[call.results[0].name]
    _remark_idle(tracer, program, read)
    outputs = [tensors.get(one) for one in program.outputs]
    ends = [settled(tracer, one) for one in outputs if one is not None and not isinstance(one, Known)]
    if not ends:
        raise UsageError("no output of the network depends on its input")
    learned = [one for one in program.stored.values() if one.learned]
    counts = [(one.tensor.element, _elements(one)) for one in learned]
    return tracer.network(name, f"PyTorch {program.version}".strip(), ends, counts)


def _elements(stored: Stored) -> int:
    return math.prod([size for size in stored.tensor.lengths if isinstance(size, int)])


def _remark_idle(tracer: StepTracer, program: Program, read: set[str]) -> None:
    """Say which parameters are not counted, since nothing that runs reads them."""
    used = {each.path for name, each in program.stored.items() if name in read}
    idle = {
        each.path: _elements(each)
        for each in program.stored.values()
        if each.learned and each.path not in used
    }
    if idle:
        modules = list(dict.fromkeys(path.rpartition(".")[0] or path for path in idle))
        which = listed([*map(quoted, modules[:3]), *(["others"] if modules[3:] else [])])
        count = counted(sum(idle.values()), "parameter")
        tracer.remark(f"{count} of {which} are not counted: nothing that runs reads them")


# Functions that do work for a constant too, such as a table of positions, where their weights are learned.
_COMPUTING = frozenset({"linear", "conv1d", "conv2d", "conv3d", "addmm", "embedding"})


# Functions that have no layer here, and put elements elsewhere: nothing is multiplied and added.
_MOVING = frozenset(
    """copy flip fliplr flipud gather index_add index_copy index_fill index_put masked_fill masked_scatter
    masked_select nonzero one_hot repeat_interleave rot90 scatter scatter_add setitem sort take take_along_dim
    topk tril triu unfold unique where""".split()
)


def _is_fixed(operands: Sequence[FollowedTensor]) -> bool:
    return any(isinstance(one, Known) and not one.learned for one in operands)


def _completed(
    tracer: StepTracer, call: FunctionCall, results: FollowedResults, batch: Dimension
) -> list[FollowedTensor | None]:
    """The results, with those that no layer here leaves, such as the states of several recurrent layers.

    They come from the layer of the other results, and only their sizes are known; they go where nothing
    reads them.
    """
    left = as_several(results)
    layer = next((one for one in left if isinstance(one, TensorView)), None)
    if layer is None:
        return left
    left += [None] * (len(call.results) - len(left))
    for place, stated in enumerate(call.results):
        lengths = [size for size in stated.lengths if isinstance(size, int) and size]
        if left[place] is None and lengths and len(lengths) == len(stated.lengths) and _is_decimal(stated):
            found = parts.opaque(tracer, call.function, [layer], lengths, batch)
            tracer.absorb(found.step)
            left[place] = found
    return left


def _keep(
    tracer: StepTracer,
    call: FunctionCall,
    left: Sequence[FollowedTensor | None],
    tensors: dict[str, FollowedTensor],
    lost: dict[str, list[TensorView]],
    *,
    compare: bool,
) -> bool:
    """Note what a call leaves by its names; whether sizes are compared with the program's from here on."""
    operands = [tensors.get(one) for one in _named(call)]
    for stated, result in zip_longest(call.results, left[: len(call.results)]):
        if result is None:
            lost[stated.name] = _sources(call, tensors, lost)
            continue
        placed = tracer.moved(result, operands) if isinstance(result, TensorView) else result
        if isinstance(placed, TensorView):
            tracer.stated(placed.step, stated.element)
        tensors[stated.name] = placed
        compare = compare and _agree(tracer, stated, result)
    return compare


def _sources(
    call: FunctionCall, tensors: Mapping[str, FollowedTensor], lost: Mapping[str, list[TensorView]]
) -> list[TensorView]:
    """The tensors that a call depends on, which are outputs of layers."""
    found: dict[int, TensorView] = {}
    for name in _named(call):
        operand = tensors.get(name)
        views = lost.get(name, []) if operand is None else []
        if isinstance(operand, TensorView):
            views = [operand]
        elif isinstance(operand, Scores):
            views = [operand.query, operand.key]
        found.update({view.step: view for view in views})
    return list(found.values())


def _is_decimal(stated: ProgramTensor) -> bool:
    return stated.element.startswith(("float", "bfloat"))


_EXPORT_ANEW = "export it anew for this size, or name the module itself: package.module:callable"


def _resized(program: Program, inputs: Mapping[str, tuple[int, ...]]) -> Program:
    """The program with inputs of other sizes, spatial axes and then channels; raises UsageError."""
    found = list(program.inputs)
    names = [stated.name for stated in program.inputs]
    for name, size in by_input(names, inputs).items():
        place = names.index(name)
        stated = found[place]
        lengths = in_order(name, stated.lengths, size)
        found[place] = stated._replace(lengths=(*stated.lengths[:1], *lengths))
    return program._replace(inputs=tuple(found))


def _sized(tracer: StepTracer, program: Program) -> Program:
    """The program with inputs whose sizes are numbers: one example, and else what it was made with."""
    inputs: list[ProgramTensor] = []
    for stated in program.inputs:
        lengths = [
            size if isinstance(size, int) else program.examples.get(size, 1) if place else 1
            for place, size in enumerate(stated.lengths)
        ]
        if any(isinstance(size, str) for size in stated.lengths[1:]):
            taken = "x".join(map(str, lengths))
            tracer.remark(
                f"the program leaves the size of the input {quoted(stated.name)} open; {taken}, with which "
                f"it was made, is taken, {option('input')} says another"
            )
        inputs.append(stated._replace(lengths=tuple(lengths)))
    return program._replace(inputs=tuple(inputs))


def _is_in_place(function: str) -> bool:
    return (function.endswith("_") and not function.endswith("__")) or function in ("__iadd__", "__imul__")


def _plain(function: str) -> str:
    """The name of a function without what says that it works in place."""
    name = function.strip("_") if function.startswith("__") else function.rstrip("_")
    return {"iadd": "add", "imul": "mul", "isub": "sub", "itruediv": "div"}.get(name, name)


def _named(call: FunctionCall) -> Sequence[str]:
    """The tensors that a call reads."""
    found: list[str] = []
    pending: list[object] = list(reversed(list(call.arguments.values())))
    while pending:
        one = pending.pop()
        if isinstance(one, Named):
            found.append(one.name)
        elif isinstance(one, tuple):
            pending.extend(reversed(one))
    return found


def _module(call: FunctionCall, tensors: Mapping[str, FollowedTensor]) -> tuple[str, tuple[str, ...]]:
    path = call.modules[-1][0] if call.modules else ""
    return path, tuple([kind for _, kind in call.modules])


def _followed(
    tracer: StepTracer,
    call: FunctionCall,
    tensors: dict[str, FollowedTensor],
    lost: Mapping[str, list[TensorView]],
    batch: Dimension,
    *,
    trusted: bool,
    wanted: bool,
) -> FollowedResults:
    """What a call leaves; lost: what tensors come from that are not followed.

    trusted: whether the program states sizes for the inputs that there are.  wanted: whether anybody reads
    it; what is not known and nobody reads is left out, as the weights of an attention beside its output.
    """
    function = _plain(call.function)
    following = Following(tracer, call._replace(function=function), tensors, batch)
    names = _named(call)
    operands = [tensors[one] for one in names if one in tensors]
    constants = [one for one in operands if isinstance(one, Known)]
    if len(constants) == len(names) and not (function in _COMPUTING and _is_fixed(operands[:1])):
        known = attempt(tracer, lambda: _known(function, following, constants))
        if known is not None:
            return known
    if function in ("sym_size", "size") and operands:
        sizes = operands[0].lengths
        return attempt(tracer, lambda: Known((), "int64", (sizes[following.axis(0, "dim")],)))
    follow = OPERATORS.get(function)
    if not call.results:
        # A check of the program, of which nothing comes.
        return None
    try:
        if follow is None:
            raise tracer.mistake(f"the function {function} is not known")
        return attempt(tracer, lambda: follow(following))
    except DescriptionError as error:
        if not wanted:
            return None
        if not trusted or all(one is None for one in following.stated):
            raise
        tracer.remark(error.diagnostics[0].message)
    views = [view for one in operands if not isinstance(one, Known) for view in _views(tracer, one)]
    views += [view for name in names for view in lost.get(name, [])]
    return _opaque(following, operands, list({view.step: view for view in views}.values()), batch)


def _opaque(
    following: Following, operands: Sequence[FollowedTensor], views: Sequence[TensorView], batch: Dimension
) -> list[FollowedTensor | None]:
    """The results of a call of which only the sizes are known; those of whole numbers are not followed.

    views: the outputs of layers that they depend on.
    """
    tracer, call = following.tracer, following.call
    if not views:
        raise following.fail("what it depends on is not followed")
    weights = [one for one in operands if isinstance(one, Known)]
    weights += [bias for one in operands if isinstance(one, Scores) for bias in one.biases]
    found: list[FollowedTensor | None] = []
    for lengths, stated in zip(following.stated, call.results, strict=True):
        if lengths is None or not _is_decimal(stated):
            found.append(None)
            continue
        moves = call.function in _MOVING
        found.append(parts.opaque(tracer, call.function, views, lengths, batch, weights, moves=moves))
        # What it learns is counted once.
        weights = []
    return found


def _views(tracer: StepTracer, operand: FollowedTensor) -> list[TensorView]:
    """The outputs of steps that an operand is made of."""
    try:
        return [settled(tracer, operand)]
    except DescriptionError:
        return [operand.query, operand.key] if isinstance(operand, Scores) else []


def _known(function: str, following: Following, operands: list[Known]) -> FollowedResults:
    """What a call leaves that does not depend on the input: its size is stated, its elements may be known."""
    numbers = _NUMBERS.get(function)
    if numbers is not None and all(math.prod(one.lengths) <= MOST_ELEMENTS for one in operands):
        given = [
            one if isinstance(one, Known) else Known((), "int64", (one,))
            for one in (following.get("input"), following.get("other"))
            if isinstance(one, Known | int | float)
        ]
        found = elementwise(numbers, *given) if given else None
        if found is not None:
            return found
    if function == "getitem" and is_list(following.get("input")):
        return None
    results: list[FollowedTensor | None] = []
    for lengths, stated in zip(following.stated, following.call.results, strict=True):
        if lengths is None:
            return None
        results.append(made_of(operands, lengths, stated.element))
    if function in ("scalar_tensor", "full") and results and isinstance(results[0], Known):
        value = following.get("s", "fill_value")
        if isinstance(value, int | float) and results[0].size <= MOST_ELEMENTS:
            return [results[0]._replace(values=(value,) * results[0].size)]
    return results


def _agree(tracer: StepTracer, stated: ProgramTensor, result: FollowedTensor) -> bool:
    """Whether a tensor has the size that the program states; what follows from another is not said again."""
    if isinstance(result, Known) or not stated.lengths:
        return True
    found = result.lengths
    if len(found) == len(stated.lengths) and all(
        not isinstance(size, int) or size == one for one, size in zip(found, stated.lengths, strict=True)
    ):
        return True
    sizes = "x".join(map(str, stated.lengths))
    message = f"the program says that {quoted(stated.name)} is {sizes}, its functions give "
    tracer.remark(message + "x".join(map(str, found)), tracer.caller.place)
    return False
