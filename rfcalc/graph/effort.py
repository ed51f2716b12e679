"""The effort of building a network: charged before it is spent, and bounded by one limit, a number of layers.

A description of a few lines can ask for any amount of work, by layers or by what takes as long: joins of very
many tensors, long polynomials, repeats of nothing.  So everything that is repeated has a cost, and together
it may cost no more than the layers of the limit may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

from rfcalc.graph.findings import Fail, Stopped

if TYPE_CHECKING:
    from rfcalc.errors import Position
    from rfcalc.graph.expansion import Extent

# The layers that a network may have unless the caller says otherwise.
MOST_LAYERS = 50_000
# What a layer may cost on average, with all that is built around it.
MOST_EFFORT_A_LAYER = 100_000

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
    carried out, which is blamed.
    """

    def __init__(self, most_layers: int, position: Position, fail: Fail) -> None:
        self.most_layers = most_layers
        self.axes = 0
        self.position = position
        self._fail = fail
        self._counts: dict[Kind, int] = dict.fromkeys(COSTS, 0)
        self._left = most_layers * MOST_EFFORT_A_LAYER

    @property
    def spent(self) -> int:
        """What has been charged, in the unit of the costs."""
        return self.most_layers * MOST_EFFORT_A_LAYER - self._left

    def charge(self, kind: Kind, count: int = 1) -> None:
        """Charge something that is about to be done; raises Stopped, the limit noted, when it is too much."""
        self._counts[kind] += count
        self._left -= COSTS[kind] * count
        if self._left < 0:
            self._stop()

    def charge_layer(self, name: str) -> None:
        """Charge one more layer; raises Stopped, as `charge` does."""
        if self._counts["layers"] == self.most_layers:
            self._stop()
        self.charge("layers")
        self.charge("axes of inputs seen", self.axes)
        # It is shown as often as the layer is.
        self.charge("characters of names", len(name))

    def allows(self, extent: Extent) -> bool:
        """Whether a whole network may be of this extent."""
        cost = extent.layers * COSTS["layers"] + extent.items * COSTS["items"]
        return extent.layers <= self.most_layers and cost <= self.most_layers * MOST_EFFORT_A_LAYER

    def refuse(self, extent: Extent, position: Position) -> NoReturn:
        """Note that a network is too large, which is known before it is built; raises Stopped."""
        self.position = position
        self._counts["layers"], self._counts["items"] = extent
        self._stop(" or more")

    def _stop(self, more: str = "") -> NoReturn:
        """Note what is too much; raises Stopped."""
        counts = {kind: count for kind, count in self._counts.items() if count}
        most = f"{self.most_layers:,}"
        if counts.get("layers", 0) >= self.most_layers:
            made = f", to {counts['layers']:,}{more}" if more else ""
            message = f"the description expands past the limit of {most} layers{made}"
        else:
            # What has cost the most is named, with how many layers there are.
            costly = sorted(counts, key=lambda kind: counts[kind] * COSTS[kind])[-2:]
            listed = ", ".join(f"{counts[kind]:,}{more} {kind}" for kind in reversed(costly))
            message = f"the description takes more work than the limit of {most} layers allows: {listed}"
        self._fail(
            message,
            self.position,
            "--max-layers N, in Python max_layers=N, raises the limit; "
            "10,000 layers take up to a second and 100 MB",
        )
        raise Stopped
