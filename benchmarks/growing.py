"""How long it takes to follow the fields of a network by depth: `python benchmarks/growing.py [NETWORK ...]`.

Beside it stand what reading and analysing the network takes, which comes before, and the table and the chart,
which come behind.
"""

from __future__ import annotations

import sys
from time import perf_counter

from rfcalc.library import analyze
from rfcalc.report.growth.chart import growth_chart
from rfcalc.report.growth.points import growth_of
from rfcalc.report.growth.table import GrowthView, growth_tables

NETWORKS = ("vgg16", "resnet50", "resnet152", "densenet121", "unet", "swin-t", "bifpn-d0")
ROUNDS = 5


def main(networks: tuple[str, ...]) -> None:
    """Print a row for each network."""
    print(f"Fields by depth, milliseconds, least of {ROUNDS}\n")
    steps = ("analysis", "growth", "table", "chart")
    print(f"{'network':<14}{'layers':>7}" + "".join(f"{step:>10}" for step in steps))
    for name in networks:
        least = dict.fromkeys(steps, float("inf"))
        for _ in range(ROUNDS):
            times = [perf_counter()]
            analysis = analyze(name)
            times.append(perf_counter())
            growth = growth_of(analysis)
            times.append(perf_counter())
            growth_tables([growth], GrowthView())
            times.append(perf_counter())
            growth_chart([growth])
            times.append(perf_counter())
            for step, before, after in zip(steps, times, times[1:], strict=False):
                least[step] = min(least[step], 1000 * (after - before))
        row = "".join(f"{least[step]:>10.1f}" for step in steps)
        print(f"{name:<14}{len(analysis.layers):>7}{row}")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or NETWORKS)
