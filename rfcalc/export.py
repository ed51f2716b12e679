"""A description as the source of a module of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.conversion import converted
from rfcalc.description import Description, build_graph, read_with
from rfcalc.exporting.torch.writing import torch_source
from rfcalc.library import read_text
from rfcalc.spec.given import InputGiven


def exported(
    description: Description, *, input: InputGiven = None, params: Mapping[str, object] | None = None
) -> str:
    """The source of a network; of a model that is read, with what repeats in it as classes.

    input, params: see `analyze`.  Raises DescriptionError for what cannot be built or written.
    """
    if description.imported is not None:
        description = read_with(description, input, params)
        folded = read_text(converted(description).text, description.source.name, description.max_layers)
        return torch_source(build_graph(folded))
    return torch_source(build_graph(description, input=input, params=params))
