"""The library's front door: what is read, analysed, checked and compared.

import rfcalc
network = rfcalc.analyze("vgg16", input=(320, 320, 3), params={"classes": 10})
network["pool5"].receptive_field
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from rfcalc.analysed import AnalysedNetwork
from rfcalc.analysis.analyze import analyze_graph
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.description import Description, Resizable, build_graph, read_source, read_with
from rfcalc.errors import Source, UsageError, nearest, quoted
from rfcalc.files import STANDARD_INPUT, NoSuchFile, begun, bytes_of, nearest_file, text_of
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.spec.document_text import LONGEST_TEXT, SUFFIXES, is_foreign, may_be_foreign
from rfcalc.spec.given import (
    InputGiven,
    RateGiven,
    rates_given,
    scalar_given,
    sizes_by_name,
)
from rfcalc.spec.reader import read_layers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from rfcalc.compared import ComparedNetworks
    from rfcalc.conditions.solving import Solution
    from rfcalc.lint.finding import Finding
    from rfcalc.models import ModelTarget

# What stands in parentheses behind a callable is refused with advice.
_DOTTED = r"[^\W\d]\w*(\.[^\W\d]\w*)*"
_CALLABLE = rf"{_DOTTED}:{_DOTTED}(\(.*)?"


# What is analysed: a description, or what `load` reads.
Described: TypeAlias = Description | str | os.PathLike[str]


def load(
    target: str | os.PathLike[str],
    *,
    stdin: BinaryIO | None = None,
    max_layers: int = MOST_LAYERS,
    input: InputGiven = None,
    params: Mapping[str, object] | None = None,
    python: str = "",
) -> Description:
    """Read a network: a file, a shipped network by name, `-` for standard input, or a callable in Python.

    A target that contains a slash or ends in a suffix is the path of a description or of a model (ONNX,
    exported PyTorch, Keras, Ultralytics, darknet, Caffe, plans of nnU-Net); `package.module:callable` is run
    by the interpreter `python`, which runs the code of that module; any other is a name.
    max_layers: how many layers the network may have, see `Description`.
    input, params: the sizes that a model is read at, and the arguments of a callable; a description is given
    them by `analyze`.
    Raises UsageError when there is no such file or network, DescriptionError when it cannot be read.
    """
    name = os.fspath(target)
    if name == STANDARD_INPUT and stdin is not None:
        return read_data(stdin.read(LONGEST_TEXT + 1), "<stdin>", max_layers)
    file = not isinstance(target, str)
    if model := model_of(name, python=python, file=file):
        return load_model(model, max_layers, input=input, params=params)
    if file or is_path(name):
        return read_data(read_file(name), name, max_layers)
    return read_text(shipped_text(name), f"{name}.yaml", max_layers)


def is_path(target: str) -> bool:
    """Whether a target is the path of a file rather than the name of a shipped network."""
    # Names of networks have dots before digits alone (`squeezenet1.1`).
    suffixed = os.path.splitext(target)[1][1:2].isalpha()
    return ("/" in target or os.sep in target or suffixed) and not is_callable(target)


def is_callable(target: str) -> bool:
    """Whether a target is a callable in Python, `package.module:name`, and no file or part of one."""
    if ":" not in target or os.path.lexists(target) or os.path.isfile(target.rpartition(":")[0]):
        return False
    import re

    # On Windows one letter before a colon is a drive.
    return not os.path.splitdrive(target)[0] and re.fullmatch(_CALLABLE, target, re.DOTALL) is not None


def model_of(target: str, name: str = "", *, python: str = "", file: bool = False) -> ModelTarget | None:
    """The model that a target is; None for a description, a name, and what is not there.

    name: what messages call it, else the target.  file: whether it is a path whatever it looks like.
    Raises UsageError for a file in a format that is not read, and for an expression of Python.
    """
    if not file and is_callable(target):
        from rfcalc.models import callable_model

        return callable_model(target, python)
    if not (file or is_path(target)) or (target.endswith(SUFFIXES) and not is_foreign(target)):
        return None
    from rfcalc.models import file_model

    return file_model(target, name or target)


def load_model(
    model: ModelTarget,
    max_layers: int = MOST_LAYERS,
    *,
    input: InputGiven = None,
    params: Mapping[str, object] | None = None,
) -> Description:
    """The description of a model at these sizes and with these arguments; see `load`."""
    from rfcalc.models import read_model

    imported = read_model(model, sizes_by_name(input), params or {})
    return read_source(imported.source(), max_layers)._replace(imported=imported)


def read_text(text: str, name: str = "<text>", max_layers: int = MOST_LAYERS) -> Description:
    """Read a description from its text; `name` is what errors call it.  max_layers: see `Description`.

    Raises DescriptionError; what can be read of the text is built then, so that every mistake is in it.
    """
    return read_source(Source(name, text), max_layers)


def read_data(data: bytes, name: str, max_layers: int = MOST_LAYERS) -> Description:
    """Read a description from the bytes of a file; `name` and `max_layers` are as in `read_text`.

    Raises DescriptionError when they are no text or it cannot be read, UsageError for those of a model.
    """
    head = begun(data)
    if may_be_foreign(head):
        from rfcalc.importers.formats import importer_of

        if importer := importer_of(name, head):
            raise UsageError(
                f"{quoted(name)} holds {importer.name}: give its path, models are read from files"
            )
    return read_text(text_of(data, name, LONGEST_TEXT, "a description"), name, max_layers)


def read_expression(text: str) -> Description:
    """Read bare layers, `conv f=3 d=64; relu` or a YAML list; the input size is given to `analyze`.

    Raises DescriptionError.
    """
    source = Source("<expression>", text)
    return Description(source, read_layers(source))


def analyze(
    network: Described,
    *,
    input: InputGiven = None,
    params: Mapping[str, object] | None = None,
    batch: int = 1,
    rate: RateGiven = None,
) -> AnalysedNetwork:
    """Every figure of a network.

    network: a description, or what `load` reads.
    input: a size, spatial axes then channels, such as (320, 320, 3), ("H", "W", 3) or "320x320x3", or text
    with the channels first, "3,320,320"; of several inputs one by name.
    params: values for the description's parameters and symbols, as numbers or as text; a name that
    the description does not know is a symbol ("C", "2*C").  batch: the number of examples.
    rate: the samples or frames a second along the first axis of the input, a number or text ("44.1kHz"), of
    several inputs one by name; without it what the description says.
    Raises DescriptionError with every mistake, UsageError for a batch that is not at least 1 and for what is
    no rate.
    """
    if batch < 1:
        raise UsageError(f"a batch is at least 1, got {batch}")
    sizes = None if input is None else sizes_by_name(input)
    description = read_with(_description(network, sizes, params), sizes, params)
    if rate is not None:
        description = description._replace(rates=rates_given(rate))
    analysis = analyze_graph(build_graph(description, input=sizes, params=params), batch)
    return AnalysedNetwork(
        **analysis._asdict(),
        source=description.source,
        syntax=description.network,
        dtype=description.dtype,
        part=bool(description.outputs),
        resizable=Resizable(description._replace(rates=analysis.graph.rates), sizes, params),
    )


def compare(first: NetworkAnalysis | Described, *others: NetworkAnalysis | Described) -> ComparedNetworks:
    """One or more networks held against the first one, each analysed, or what `analyze` takes.

    Raises UsageError without another one, and for networks that are analysed for different batches.
    """
    from rfcalc.compared import compared

    networks = (first, *others)
    return compared([each if isinstance(each, NetworkAnalysis) else analyze(each) for each in networks])


def check(
    network: Described,
    *,
    select: str | Iterable[str] | None = None,
    ignore: str | Iterable[str] = (),
    input: InputGiven = None,
    params: Mapping[str, object] | None = None,
    rate: RateGiven = None,
) -> tuple[Finding, ...]:
    """What the rules find in a network: `analyze(network, …).check(…)`; raises what these do."""
    return analyze(network, input=input, params=params, rate=rate).check(select=select, ignore=ignore)


def solve(
    network: Described,
    condition: str,
    *,
    input: InputGiven = None,
    params: Mapping[str, object] | None = None,
    batch: int = 1,
    dtype: str = "",
) -> Solution:
    """For which values of its one symbol a condition on a network's figures holds.

    condition: as promises of a description are written, such as "params <= 136M and macs <= 16G".
    dtype: see `AnalysedNetwork.formats`; other arguments: see `analyze`.
    The certificates are confirmed by analysing the network with numbers in place of the symbol.
    Raises DescriptionError when the condition cannot be answered, UsageError when it holds for a value
    with which the network cannot be built.
    """
    from rfcalc.conditions.solving import solve as solve_condition

    description = _description(network, input, params)
    analysis = analyze(description, input=input, params=params, batch=batch)

    def analysed(symbol: str, value: int) -> NetworkAnalysis:
        graph = build_graph(description, input=input, params=params, symbols={symbol: value})
        return analyze_graph(graph, batch)

    return solve_condition(analysis, scalar_given("solve", condition), analysis.formats(dtype), analysed)


def _description(
    given: object, input: InputGiven = None, params: Mapping[str, object] | None = None
) -> Description:
    """A description, or that of what is named; raises TypeError for what is neither."""
    if isinstance(given, str | os.PathLike):
        return load(given, input=input, params=params)
    if not isinstance(given, Description):
        kind = type(given).__name__
        raise TypeError(f"expected a description, such as load() returns, or what load() reads, got {kind}")
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
            from rfcalc.importers.formats import refuse_folder

            refuse_folder(name)
            hint = f"it is a folder: name a file in it, or check all of them with `rfcalc check {name}`"
        elif os.path.exists(name):
            hint = f"a file is named with its folder: {os.path.join('.', name)}"
        elif "\n" in name:
            hint = "the text of a description is read by read_text()"
        known = hint or "`rfcalc list` shows the shipped networks; a path contains a slash or ends in .yaml"
        raise UsageError(f"no shipped network is called {quoted(name)}; {known}")
    return text_of(bytes_of(path, LONGEST_TEXT), path, LONGEST_TEXT, "a description")


def read_file(path: str) -> bytes:
    """The bytes of a description that a user names, one more at most than it may have; raises UsageError."""
    try:
        return bytes_of(path, LONGEST_TEXT, given=True)
    except NoSuchFile as error:
        from rfcalc.importers.ultralytics.importing import of_all_scales

        hint = of_all_scales(path) or nearest_file(path, SUFFIXES)
        if path in shipped_names():
            hint = f"that is a shipped network: rfcalc spec {path} -o {path}.yaml makes a file of it"
        raise UsageError(f"{error}; {hint}" if hint else str(error)) from None


def _shipped_folder() -> str:
    """Where the shipped descriptions are: in the package, or beside it in a checkout."""
    here = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(here, "specs")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(here), "specs")
