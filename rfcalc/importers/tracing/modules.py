"""A module of a network whose layers are made of what its file says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.importers.tracing.views import Caller
from rfcalc.ops.attributes import Value

NOWHERE = Caller("")


class ModuleScope:
    """A module that is being made; what is added in it stands under its path.

    caller: its place in the file, its path, and the classes of the modules of that path.
    """

    def __init__(self, collector: StepCollector, caller: Caller = NOWHERE) -> None:
        self.collector = collector
        self.caller = caller

    def within(self, name: str, classes: Sequence[str]) -> Caller:
        """That of a module within this one; name: its path from here, of which each part has a class."""
        path = f"{self.caller.path}.{name}" if self.caller.path else name
        return self.caller._replace(path=path, classes=(*self.caller.classes, *classes))

    def inner(self, name: str, *classes: str) -> ModuleScope:
        """A module within this one; see `within`."""
        return ModuleScope(self.collector, self.within(name, classes))

    def step(
        self,
        operator: str,
        operands: Sequence[int],
        values: Mapping[str, Value],
        place: str = "",
        learned: Mapping[str, str] = {},
        decided: tuple[tuple[str, str], ...] = (),
    ) -> int:
        """The number of a new step; place: where it stands, if not where the module does.

        decided: attributes that are said elsewhere, each with where.
        Raises DescriptionError where the operator cannot be applied, or there are too many.
        """
        collector = self.collector
        collector.caller = self.caller._replace(place=place or self.caller.place, decided=decided)
        return collector.add(operator, operands, values, learned)
