"""The effort of building a network: charged before it is spent, and bounded by one limit, a number of layers.

A description of a few lines can ask for any amount of work, by layers or by what takes as long: joins of very
many tensors, long polynomials, repeats of nothing.  So everything that is repeated has a cost, and together
it may cost no more than the layers of the limit may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

from rfcalc.graph.findings import Fail, Stopped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfcalc.errors import Position
    from rfcalc.graph.expansion import Extent

# The layers that a network may have unless the caller says otherwise.
MOST_LAYERS = 50_000
# What a layer may cost on average, with all that is built around it, and what a network may cost in any case.
EFFORT_OF_A_LAYER = 100_000
EFFORT_OF_A_NETWORK = 100_000_000

Kind: TypeAlias = Literal[
    "layers",
    "different layers",
    "operands",
    "axes of inputs seen",
    "items",
    "turns",
    "characters of names",
    "characters of expressions",
    "names compared with a pattern",
    "products of terms",
    "terms of polynomials",
]

# What one of each costs, from the syntax tree to a table or to json: in nanoseconds, as measured where 50,000
# plain layers take three seconds, or in tenths of a byte, whichever is more.
#   layers: one, whose facts are known; different layers: working out the facts of one that has no equal
#   axes of inputs seen: by one layer, which may see all of them
#   items: lines, bindings and arguments carried out; turns: of a repeat
#   products of terms: in the arithmetic of polynomials; terms of polynomials: in the facts of each layer
COSTS: dict[Kind, int] = {
    "layers": 50_000,
    "different layers": 40_000,
    "operands": 3_000,
    "axes of inputs seen": 2_000,
    "items": 3_000,
    "turns": 6_000,
    "characters of names": 50,
    "characters of expressions": 700,
    "names compared with a pattern": 250,
    "products of terms": 1_000,
    "terms of polynomials": 30_000,
}


class Effort:
    """What one network has cost so far.

    most_layers: how many layers it may have.  axes: those of all its inputs.  position: that of what is being
    carried out, which is blamed.  spent: what has been charged, in the unit of the costs.
    """

    def __init__(self, most_layers: int, position: Position, fail: Fail) -> None:
        self.most_layers = most_layers
        self.axes = 0
        self.position = position
        self._fail = fail
        self._counts: dict[Kind, int] = dict.fromkeys(COSTS, 0)
        self.spent = 0
        self._most = EFFORT_OF_A_NETWORK + most_layers * EFFORT_OF_A_LAYER

    def charge(self, kind: Kind, count: int = 1) -> None:
        """Charge something that is about to be done; raises Stopped, the limit noted, when it is too much."""
        self._counts[kind] += count
        self.spent += COSTS[kind] * count
        if self.spent > self._most:
            self._stop(self._costly(self._counts))

    def charge_layer(self, name: str) -> None:
        """Charge one more layer; raises Stopped, as `charge` does."""
        if self._counts["layers"] == self.most_layers:
            self._stop("")
        self.charge("layers")
        self.charge("axes of inputs seen", self.axes)
        # It is shown as often as the layer is.
        self.charge("characters of names", len(name))

    def allows(self, extent: Extent) -> bool:
        """Whether a whole network may be of this extent."""
        cost = extent.layers * COSTS["layers"] + extent.items * COSTS["items"]
        return extent.layers <= self.most_layers and cost <= self._most

    def refuse(self, extent: Extent, position: Position) -> NoReturn:
        """Note that a network is too large, which is known before it is built; raises Stopped."""
        self.position = position
        if extent.layers > self.most_layers:
            self._stop(f", to {extent.layers:,} or more")
        self._stop(self._costly({"layers": extent.layers, "items": extent.items}) + " or more")

    def _costly(self, counts: Mapping[Kind, int]) -> str:
        """What costs a tenth of all or more, as the end of a sentence."""
        costs = {kind: count * COSTS[kind] for kind, count in counts.items()}
        most = sorted(costs, key=lambda kind: -costs[kind])
        return ": " + ", ".join(
            f"{counts[kind]:,} {kind}" for kind in most if costs[kind] * 10 > sum(costs.values())
        )

    def _stop(self, reason: str) -> NoReturn:
        """Note that there are too many layers or, with what takes so much, too much work; raises Stopped."""
        limit = f"the limit of {self.most_layers:,} layers"
        message = f"the description expands past {limit}{reason}"
        if reason.startswith(":"):
            message = f"the description takes more work than {limit} allows{reason}"
        hint = "--max-layers N, in Python max_layers=N, raises the limit"
        self._fail(message, self.position, f"{hint}; 10,000 layers take up to a second and 100 MB")
        raise Stopped
