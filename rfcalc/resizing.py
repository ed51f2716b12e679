"""A network with what it was read with, so that it can be built again at other sizes of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rfcalc.records import NamedTuple
from rfcalc.spec.given import InputGiven, formula_given, settings_as_text, size_given, sizes_by_name
from rfcalc.spec.syntax import Formula, Network

if TYPE_CHECKING:
    from rfcalc.graph.trial import Trials


class Resizable(NamedTuple):
    """A description, with what else was given for it; of a model the description as it was read.

    input, params: see `library.analyze`.  outputs: the layers that are asked for, () for all.
    """

    network: Network
    input: InputGiven
    params: Mapping[str, object] | None
    max_layers: int
    outputs: tuple[str, ...]

    def trials(self) -> Trials:
        """How to build it at other sizes of its inputs."""
        from rfcalc.graph.trial import Trials

        inputs, settings = formulas(self.input, self.params)
        return Trials(self.network, inputs, settings, self.max_layers, self.outputs)


def formulas(
    input: InputGiven, params: Mapping[str, object] | None
) -> tuple[dict[str, Formula], dict[str, Formula]]:
    """Sizes of inputs and values of parameters as a description has them; raises DescriptionError."""
    inputs = {name: size_given(size, name) for name, size in sizes_by_name(input).items()}
    settings = {
        name: formula_given("set", value, name, per_axis=False)
        for name, value in settings_as_text(params).items()
    }
    return inputs, settings
