"""Budgets: what the configuration holds networks to, by their names; absolute figures and increases."""

from __future__ import annotations

from fractions import Fraction

from rfcalc.errors import Position
from rfcalc.records import NamedTuple
from rfcalc.spec.nodes import ScalarNode
from rfcalc.wildcards import fits


class Limit(NamedTuple):
    """How much a figure may grow against an earlier state of the network.

    figure: its name.  share: of the earlier figure, exact (2 % is 1/50); amount: in its own unit; one of
    both is None.  written: as the configuration has it.  position: where.
    """

    figure: str
    share: Fraction | int | None
    amount: int | None
    written: str
    position: Position

    @property
    def text(self) -> str:
        """What a finding calls it."""
        return f"max_increase of {self.figure}: {self.written}"

    def most(self, before: int) -> int:
        """The largest figure that is allowed where it was `before`."""
        if self.share is not None:
            return before + int(before * self.share)
        assert self.amount is not None
        return before + self.amount


class Budget(NamedTuple):
    """One entry of `[[budgets]]`.

    network: the glob of the networks it holds for, by path or shipped name.
    require: promises, in the language of `check:`.  increase: limits of growth.  position: of the glob.
    """

    network: str
    require: tuple[ScalarNode, ...]
    increase: tuple[Limit, ...]
    position: Position

    def covers(self, name: str) -> bool:
        """Whether it holds for a network of this name: a path relative to the configuration, or shipped."""
        return fits(self.network, name)
