"""The effort of building a network: charged before it is spent, and bounded by one limit, a number of layers.

A description of a few lines can ask for any amount of work, by layers or by what takes as long: joins of very
many tensors, long polynomials, repeats of nothing.  So everything that is repeated has a cost, and together
it may cost no more than the layers of the limit may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

from rfcalc.graph.findings import Mistakes, Stopped

if TYPE_CHECKING:
    from rfcalc.errors import Position

# The layers that a network may have unless the caller says otherwise.
MOST_LAYERS = 50_000
# What a layer may cost on average, with all that is built around it, and what a network may cost in any case.
_EFFORT_OF_A_LAYER = 90_000
_EFFORT_OF_A_NETWORK = 100_000_000

EffortKind: TypeAlias = Literal[
    "layers",
    "operands",
    "axes of inputs seen",
    "items",
    "turns",
    "characters of names",
    "characters of expressions",
    "names compared with a pattern",
    "characters compared with a pattern",
    "products of terms",
    "terms of polynomials",
]

# What one of each costs, from the syntax tree to a table or to json: in nanoseconds, as measured where 50,000
# plain layers take three seconds, or in tenths of a byte, whichever is more.
COSTS: dict[EffortKind, int] = {
    "layers": 60_000,
    "operands": 3_000,
    "axes of inputs seen": 2_000,  # by one layer, which may see all of them
    "items": 3_000,  # lines, bindings and arguments carried out
    "turns": 6_000,  # of a repeat
    "characters of names": 50,
    "characters of expressions": 700,
    "names compared with a pattern": 250,
    "characters compared with a pattern": 15,  # each of the pattern with each of the names
    "products of terms": 1_000,  # in the arithmetic of polynomials
    "terms of polynomials": 30_000,  # in the facts of each layer
}


class BuildEffort:
    """What one network has cost so far.

    position: that of what is being carried out, which is blamed.  spent: what has been charged, in the unit
    of the costs.
    """

    def __init__(self, most_layers: int, position: Position, findings: Mistakes) -> None:
        self.position = position
        self.spent = 0
        self._fail = findings.fail
        self._counts = dict.fromkeys(COSTS, 0)
        self._most_layers = most_layers
        self._most = _EFFORT_OF_A_NETWORK + most_layers * _EFFORT_OF_A_LAYER

    def charge_layer(self, operands: int, axes: int, characters: int) -> None:
        """Charge a layer by its operands, the axes of inputs it may see and the characters of its name."""
        counts = self._counts
        counts["layers"] += 1
        counts["operands"] += operands
        counts["axes of inputs seen"] += axes
        # It is shown as often as the layer is.
        counts["characters of names"] += characters
        self.spent += (
            COSTS["layers"]
            + COSTS["operands"] * operands
            + COSTS["axes of inputs seen"] * axes
            + COSTS["characters of names"] * characters
        )
        if self.spent > self._most or counts["layers"] > self._most_layers:
            self._stop()

    def charge(self, kind: EffortKind, count: int = 1) -> None:
        """Charge something that is about to be done; raises Stopped, the limit noted, when it is too much."""
        self._counts[kind] += count
        self.spent += COSTS[kind] * count
        if self.spent > self._most or self._counts["layers"] > self._most_layers:
            self._stop()

    def _stop(self) -> NoReturn:
        limit = f"the limit of {self._most_layers:,} layers"
        message = f"the description expands past {limit}"
        if self._counts["layers"] <= self._most_layers:
            costs = {kind: number * COSTS[kind] for kind, number in self._counts.items()}
            most = [
                kind for kind in sorted(costs, key=costs.__getitem__)[::-1] if costs[kind] * 10 > self.spent
            ]
            what = ", ".join(f"{self._counts[kind]:,} {kind}" for kind in most)
            message = f"the description takes more work than {limit} allows: {what}"
        from rfcalc.errors import spoken

        hint = f"{spoken('--max-layers N', 'load(…, max_layers=N)')} raises the limit"
        self._fail(message, self.position, f"{hint}; 10,000 layers take up to a second and 100 MB")
        raise Stopped
