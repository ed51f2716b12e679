"""How large pages are and how long they take: `python benchmarks/reporting.py [NETWORK ...]`.

Times are those of whole processes, which write to a file, beside that of the table of the same network in the
same run: on a busy machine their ratio says more than the seconds.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

NETWORKS = ("vgg16", "resnet152", "googlenet", "unet", "densenet121", "swin-t", "hrnet-w18")
ROUNDS = 3
DEEP = """input: 32x32x16
layers:
  - repeat: 500
    do: [conv f=3 p=1 d=16, bn, relu, conv f=1 d=16, bn, relu]
"""


def seconds(*words: str) -> float:
    """How long a run of the program takes, the least of some."""
    found = []
    for _ in range(ROUNDS):
        before = perf_counter()
        subprocess.run([sys.executable, "-m", "rfcalc", *words], check=True, stdout=subprocess.DEVNULL)
        found.append(perf_counter() - before)
    return min(found)


def main(networks: tuple[str, ...]) -> None:
    """Print a row for each network, and one for a network of 3,000 layers."""
    print(f"Pages, least of {ROUNDS}\n")
    print(f"{'network':<16}{'KB':>8}{'page s':>9}{'table s':>9}{'ratio':>7}")
    with TemporaryDirectory() as folder:
        deep = Path(folder, "3000-layers.yaml")
        deep.write_text(DEEP, encoding="utf-8")
        file = Path(folder, "page.html")
        for network in (*networks, str(deep)):
            page, table = seconds("report", network, "-o", str(file)), seconds(network)
            size = file.stat().st_size / 1000
            name = Path(network).stem if "/" in network else network
            print(f"{name:<16}{size:>8.0f}{page:>9.2f}{table:>9.2f}{page / table:>7.2f}")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or NETWORKS)
