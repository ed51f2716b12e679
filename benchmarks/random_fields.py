"""Receptive fields of many random networks against enumeration.

`python benchmarks/random_fields.py 10000 --seed 0` prints how many axes of layers are exact, bounds and so
on, by operator, and for the first networks on which the engine and the enumeration differ the smallest
description found that still does.  It needs the packages of the tests.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
# The package beside it too: what is installed may be another version.
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "fields"), str(ROOT / "tests")]

from agreement import agreement  # noqa: E402 - tests are no package; their folders come first
from random_networks import Network, random_network  # noqa: E402 - as above
from shrinking import shrunk  # noqa: E402 - as above


def differences(network: Network, plane: bool, counts: Counter[tuple[str, str]] | None = None) -> list[str]:
    """What the engine says otherwise of a network; counts takes up the statuses."""
    graph = network.built()
    assert graph is not None
    found = agreement(graph, plane=plane)
    if counts is not None:
        counts.update(found.counts)
    return found.differences


def kind(text: str) -> str:
    """A difference without its numbers and names, so that alike ones are counted together."""
    operator, _, rest = text.partition("(")[2].partition(")")
    where, _, what = rest.partition(":")
    # Names of units, ends and lists of positions are what differs between alike ones.
    what = re.sub(r"\[.*?\]|-?\d+( … -?\d+)?(x-?\d+)*", "#", what)
    what = what.replace("unit  ", "unit # ").replace("line # across axis #", "unit #")
    return f"{operator}, {'plane' if 'plane' in where else 'axis'}:{what}"


def print_counts(counts: Counter[tuple[str, str]]) -> None:
    """A table of operators and statuses."""
    statuses = sorted({status for _, status in counts})
    width = max(len(status) for status in statuses)
    print("operator".ljust(16), *(status.rjust(width) for status in statuses))
    for operator in sorted({name for name, _ in counts}):
        print(operator.ljust(16), *(str(counts[operator, status]).rjust(width) for status in statuses))
    totals = (sum(n for (_, s), n in counts.items() if s == status) for status in statuses)
    print("all".ljust(16), *(str(total).rjust(width) for total in totals))


def main() -> int:
    """Compare so many networks; 1 where one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first network; the others follow")
    parser.add_argument("--show", type=int, default=10, help="how many kinds of differences are shown small")
    parser.add_argument("--axes", action="store_true", help="leave sets in the plane out")
    arguments = parser.parse_args()
    plane = not arguments.axes
    counts: Counter[tuple[str, str]] = Counter()
    kinds: Counter[str] = Counter()
    wrong = 0
    for seed in range(arguments.seed, arguments.seed + arguments.networks):
        network = random_network(Random(seed))
        found = differences(network, plane, counts)
        wrong += bool(found)
        # What comes first in a network is the cause; the rest may follow from it.
        new = [text for text in found[:1] if kind(text) not in kinds]
        kinds.update(kind(text) for text in found[:1])
        if new and arguments.show:
            arguments.show -= 1
            wanted = kind(new[0])

            def still_differs(smaller: Network, wanted: str = wanted) -> bool:
                return any(kind(text) == wanted for text in differences(smaller, plane))

            small = shrunk(network, still_differs)
            print(f"seed {seed}:\n{small.written()}", *differences(small, plane), "", sep="\n", flush=True)
    print_counts(counts)
    print(f"\n{wrong} of {arguments.networks} networks differ")
    for text, number in kinds.most_common():
        print(f"{number:6} {text}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
