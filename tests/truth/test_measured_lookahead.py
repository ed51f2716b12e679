"""How far layers look ahead, against units whose gradients PyTorch has measured."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from test_cases import CASES, FOLDED, GLOBAL, interior_units, located, network

from rfcalc.analysis.field_values import Unsure, Views, lookahead

# So many units must lie equally far behind one another for a period to be one.
_FEWEST = 6


def test_it_is_that_of_the_measured_units() -> None:
    compared: dict[str, int] = defaultdict(int)
    for name in CASES:
        if name in FOLDED | GLOBAL:
            continue
        ends: dict[tuple[str, str], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for variant, unit, _ in interior_units(name):
            if unit.box is not None:
                ends[variant, unit.module][unit.position[0]].add(unit.box[0][1])
        for (_, module), seen in ends.items():
            last = {place: max(positions) for place, positions in seen.items()}
            stride, layer = measured_stride(last), located(name, module)
            if stride is None or layer is None:
                continue
            most = max(end - place * stride for place, end in last.items())
            _, views = next(Views(network(name)).of(layer.place))
            try:
                found = lookahead(views[0])
            except Unsure:
                continue
            if not found.whole:
                assert found[:3] == (most, most, False), (name, module)
                compared[name] += 1
    assert compared["wavenet_1d"] > 30
    assert compared["tcn_1d_stride"] >= 3
    assert len(compared) > 20, dict(compared)


def measured_stride(last: dict[int, int]) -> Fraction | None:
    """How far apart units are, from where the last positions that they see lie; None for too few units."""
    for period in range(1, 5):
        moved = [last[place + period] - end for place, end in last.items() if place + period in last]
        if len(set(moved)) == 1 and len(moved) >= max(_FEWEST, len(last) - period):
            return Fraction(moved[0], period)
    return None
