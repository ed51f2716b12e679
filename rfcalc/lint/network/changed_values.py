"""How much of what a network has grown by comes from values at its head: sizes of inputs, parameters.

One number there changes every layer, and then it is the cause, not the layers.  What it makes is not guessed:
the network is built again with what the value was before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rfcalc.analysis.figures import network_count
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.errors import DescriptionError
from rfcalc.lint.budgets.baseline import BaselineEntry, values_of
from rfcalc.lint.network.shares import FigurePart, matters
from rfcalc.lint.rule import Subject
from rfcalc.records import NamedTuple

# Networks that are built to find what one has grown by.
_MOST_BUILT = 30

# Sizes by the names of inputs, values by those of parameters.
_HeadValues = tuple[Mapping[str, str], Mapping[str, str]]


class TakenBack(NamedTuple):
    """What has grown by changed values, and the analysis of the network with what these were before."""

    parts: tuple[FigurePart, ...]
    analysis: NetworkAnalysis


class ChangedValues:
    """The values of a network that are others than they were."""

    def __init__(self, subject: Subject, before: BaselineEntry) -> None:
        self._subject = subject
        self._before = before
        self._built: dict[tuple[tuple[tuple[str, str], ...], ...], NetworkAnalysis | None] = {}
        network = subject.network
        self._places = (
            {node.name: node.position for node in map(subject.graph.nodes.__getitem__, subject.graph.inputs)},
            {binding.name: binding.position for binding in network.parameters},
        )

    def taken_back(self, figure: str, before: int) -> TakenBack:
        """What each changed value makes of the growth of a figure, the most first, as far as that matters.

        Each is charged with what is less without it and those before it.
        """
        analysis = self._subject.analysis
        given: _HeadValues = ({}, {})
        parts: list[FigurePart] = []
        value = whole = network_count(figure, analysis)
        assert isinstance(whole, int)
        while isinstance(value, int) and value > before:
            tried = []
            for kind, name, old, new in self._changed(analysis):
                other = self._with(given, kind, name, old)
                total = None if other is None else network_count(figure, other[1])
                if other is not None and isinstance(total, int):
                    tried.append((total, kind, name, old, new, other))
            if not tried:
                break
            total, kind, name, old, new, other = min(tried, key=lambda each: each[:3])
            if value <= total or not matters(value - total, whole - before):
                break
            made = f"{value - total:,}" if total > before or parts else "all"
            told = f"{name}: {old} → {new} makes {made} of it"
            parts.append(FigurePart(value - total, told, self._places[kind][name]))
            given, analysis = other
            value = total
        return TakenBack(tuple(parts), analysis)

    def _changed(self, analysis: NetworkAnalysis) -> Iterator[tuple[int, str, str, str]]:
        """Each value that is another one: of which kind, its name, the old and the new."""
        before = self._before.inputs, self._before.parameters
        for kind, (old, new) in enumerate(zip(before, values_of(analysis), strict=True)):
            for name, value in new.items():
                if old.get(name, value) != value and name in self._places[kind]:
                    yield kind, name, old[name], value

    def _with(
        self, given: _HeadValues, kind: int, name: str, value: str
    ) -> tuple[_HeadValues, NetworkAnalysis] | None:
        """The network with an old value besides others; None where it cannot be built so."""
        again = self._subject.again
        inputs, parameters = ({**each} for each in given)
        (inputs, parameters)[kind][name] = value
        key = tuple(sorted(inputs.items())), tuple(sorted(parameters.items()))
        if key not in self._built:
            if again is None or len(self._built) >= _MOST_BUILT:
                return None
            try:
                self._built[key] = again(self._by_written_name(inputs), parameters)
            except DescriptionError:
                self._built[key] = None
        found = self._built[key]
        return None if found is None else ((inputs, parameters), found)

    def _by_written_name(self, inputs: Mapping[str, str]) -> dict[str, str]:
        """Sizes by the names that the description gives its inputs, "" for the only one that has none."""
        named = {binding.name for binding in self._subject.network.inputs}
        return {name if name in named else "": size for name, size in inputs.items()}
