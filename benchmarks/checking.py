"""How fast `rfcalc check` is on many descriptions: `python benchmarks/checking.py [DESCRIPTIONS] [LAYERS]`.

Makes the descriptions in a temporary folder and checks that folder as a user does, in a process of its own.
For comparison the same files are only read, built and analysed, in a process as well: what the rules, the
search and the output cost is the ratio of both.
"""

from __future__ import annotations

import os
import platform
import sys
from tempfile import TemporaryDirectory

from processes import PEAK_CODE, run

DESCRIPTIONS = 1_000
LAYERS = 100
ROUNDS = 3

# Every layer is a line of its own, and each file differs from the others.
_STEM = "conv f=7 s=2 p=3 d={width} bias=no; bn; relu; maxpool f=3 s=2 p=1"
_UNIT = "conv f=3 p=1 d={width} bias=no; bn; relu; conv f=3 p=1 d={width} bias=no; bn; relu"
_HEAD = "globalavgpool; fc d={classes}"

ANALYSE = """
import os, sys
from rfcalc.library import analyze, load
for entry in sorted(os.scandir(sys.argv[1]), key=lambda entry: entry.name):
    analyze(load(entry.path))
"""
CHECK = "import sys\nfrom rfcalc.cli.main import main\nmain(['check', *sys.argv[1:]])"


def description(number: int, layers: int) -> str:
    """A description of this many layers, the longer part of them units of convolution, bn and relu."""
    lines = _STEM.format(width=64).split("; ")
    unit = _UNIT.format(width=64 + 8 * (number % 32)).split("; ")
    tail = _HEAD.format(classes=10 + number).split("; ")
    while len(lines) + len(tail) < layers:
        lines += unit[: layers - len(lines) - len(tail)]
    return "input: 224x224x3\nlayers:\n" + "".join(f"  - {line}\n" for line in lines + tail)


def least(code: str, *arguments: str) -> tuple[float, int | None]:
    """The seconds of the fastest of some runs of a program, and its peak memory in bytes."""
    runs = [run((sys.executable, "-c", code + PEAK_CODE, *arguments)) for _ in range(ROUNDS)]
    return min(one.seconds for one in runs), runs[0].peak


def main() -> None:
    """Measure and print everything."""
    numbers = [int(word) for word in sys.argv[1:]]
    descriptions, layers = [*numbers, *(DESCRIPTIONS, LAYERS)[len(numbers) :]]
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    print(f"{descriptions:,} descriptions of {layers:,} layers, least of {ROUNDS} runs\n")
    with TemporaryDirectory() as folder:
        for number in range(descriptions):
            with open(os.path.join(folder, f"net{number:05}.yaml"), "w", encoding="utf-8") as file:
                file.write(description(number, layers))
        found = {
            "read, build, analyse": least(ANALYSE, folder),
            "rfcalc check": least(CHECK, folder, "--no-config", "--format", "concise"),
        }
    base = found["read, build, analyse"][0]
    print(f"{'':22}{'seconds':>8}{'ms a file':>11}{'us a layer':>12}{'ratio':>7}{'peak MiB':>10}")
    for label, (seconds, peak) in found.items():
        each = seconds / descriptions
        memory = "-" if peak is None else f"{peak / 2**20:.0f}"
        row = f"{seconds:8.2f}{each * 1e3:11.2f}{each / layers * 1e6:12.1f}{seconds / base:7.2f}{memory:>10}"
        print(f"{label:22}{row}")


if __name__ == "__main__":
    main()
