"""An exported program of PyTorch as a network of steps."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.torch.following import imported
from rfcalc.importers.torch.reading import read_program


def read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """The network in a `.pt2` file, called `name`; inputs: sizes, which must be those it was exported for.

    Raises UsageError and DescriptionError.
    """
    return imported(read_program(path), name, inputs)
