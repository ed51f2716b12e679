"""A description as what other programs read: the source of a module of PyTorch, an ONNX model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rfcalc import __version__
from rfcalc.conversion import converted
from rfcalc.description import Description, build_graph, read_with
from rfcalc.exporting.onnx.nodes import WeightChoice
from rfcalc.exporting.onnx.writing import onnx_file
from rfcalc.exporting.torch.writing import torch_source
from rfcalc.library import read_text
from rfcalc.spec.given import InputGiven


def exported(
    description: Description, *, input: InputGiven = None, params: Mapping[str, object] | None = None
) -> str:
    """The source of a network in PyTorch; of a model that is read, with what repeats in it as classes.

    input, params: see `analyze`.  Raises DescriptionError for what cannot be built or written.
    """
    if description.imported is not None:
        description = read_with(description, input, params)
        folded = read_text(converted(description).text, description.source.name, description.max_layers)
        return torch_source(build_graph(folded))
    return torch_source(build_graph(description, input=input, params=params))


def exported_model(
    description: Description,
    weights: WeightChoice = "none",
    *,
    input: InputGiven = None,
    params: Mapping[str, object] | None = None,
) -> Iterator[bytes]:
    """The bytes of a network as an ONNX model, in pieces: weights may be longer than is kept in memory.

    weights: whether there are none, only their sizes, or random ones.  input, params: see `analyze`.
    Raises DescriptionError for what cannot be built or written, UsageError for a file that would be too long.
    """
    if description.imported is not None:
        graph = build_graph(read_with(description, input, params))
    else:
        graph = build_graph(description, input=input, params=params)
    return onnx_file(graph, weights, __version__).pieces()
