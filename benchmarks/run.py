"""How fast rfcalc starts and how its cost grows: `python benchmarks/run.py [--quick]`.

Every figure is from this one run.  Start-up is measured on whole processes, all kinds in turn, so
that a busy moment of the machine hits each of them alike; the table gives the least and the median.
Ratios are of least times, the figure that other load on the machine disturbs least.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from processes import PEAK_CODE, PEAK_MARK, Run, run
from stages import SHAPES

NETWORKS = ("vgg16", "resnet152")
OUTPUTS: Mapping[str, tuple[str, ...]] = {"terminal": (), "piped": (), "json": ("--format", "json")}

PASS = "python -c pass"
CLICK = "import click"
TERMINAL_LIBRARIES = "import click, PyYAML, rich"
PIPED_LIBRARIES = "import click, PyYAML, tabulate"
DATA_LIBRARIES = "import click, PyYAML, json"
BASELINES = {
    PASS: "pass",
    CLICK: "import click",
    TERMINAL_LIBRARIES: "import click, yaml, rich.console, rich.table",
    PIPED_LIBRARIES: "import click, yaml, tabulate",
    DATA_LIBRARIES: "import click, yaml, json",
}
# What each output must at least import.
LIBRARIES_OF = {"terminal": TERMINAL_LIBRARIES, "piped": PIPED_LIBRARIES, "json": DATA_LIBRARIES}

LENGTHS = (100, 1_000, 10_000, 100_000)
STAGES = ("read", "build", "analyse", "table", "text", "json")


class Program(NamedTuple):
    """A program to start again and again.

    command: what a user starts.  code and arguments: the same as code, for measuring its memory.
    libraries: the baseline of the libraries it cannot do without; "" for the baselines themselves.
    """

    label: str
    command: tuple[str, ...]
    code: str
    arguments: tuple[str, ...] = ()
    terminal: bool = False
    libraries: str = ""

    def peak(self) -> str:
        """The peak memory of one run, in MiB; `-` where the system does not tell."""
        if not os.path.exists("/proc/self/status"):
            return "-"
        command = (sys.executable, "-c", self.code + PEAK_CODE, *self.arguments)
        return _mebibytes(run(command, terminal=self.terminal).peak)


def programs() -> tuple[Program, ...]:
    """Everything whose start is measured: the baselines, then rfcalc in each kind of output."""
    command = os.path.join(os.path.dirname(sys.executable), "rfcalc")
    if not os.path.exists(command):
        raise SystemExit(f"there is no {command}; install rfcalc in this environment first")
    baselines = tuple(Program(label, (sys.executable, "-c", code), code) for label, code in BASELINES.items())
    code = "import sys\nfrom rfcalc.cli.main import main\nmain(sys.argv[1:])"
    return baselines + tuple(
        Program(
            f"rfcalc {network}, {output}",
            (command, network, *options),
            code,
            (network, *options),
            output == "terminal",
            LIBRARIES_OF[output],
        )
        for network in NETWORKS
        for output, options in OUTPUTS.items()
    )


def print_start(rounds: int) -> None:
    """Print the cold start of every program and what it is next to the baselines."""
    every = programs()
    runs: dict[str, list[Run]] = {program.label: [] for program in every}
    # The first round fills the caches of files and of compiled modules, and is not counted.
    for number in range(rounds + 1):
        for program in every:
            measured = run(program.command, terminal=program.terminal)
            if number:
                runs[program.label].append(measured)
    least = {label: min(one.seconds for one in found) for label, found in runs.items()}
    rows = [
        (
            program.label,
            _milliseconds(least[program.label]),
            _milliseconds(statistics.median(one.seconds for one in runs[program.label])),
            f"{least[program.label] / least[PASS]:.2f}",
            f"{least[program.label] / least[CLICK]:.2f}",
            f"{least[program.label] / least[program.libraries]:.2f}" if program.libraries else "",
            program.peak(),
        )
        for program in every
    ]
    print(f"Cold start of a process, {rounds} rounds; ratios are to the least time of each baseline\n")
    _print_rows(
        ("process", "least ms", "median ms", "/ pass", "/ click", "/ its libraries", "peak MiB"), rows
    )


def print_stages(lengths: Sequence[int], rounds: int) -> None:
    """Print the time per layer of every stage, and the memory, for networks of growing length."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stages.py")
    rows = []
    for shape in SHAPES:
        for length in lengths:
            runs = [run((sys.executable, script, shape, str(length))) for _ in range(rounds)]
            timings = [json.loads(one.output.partition(PEAK_MARK)[0]) for one in runs]
            layers = timings[0]["layers"]
            each = [min(timing[stage] for timing in timings) * 1e6 / layers for stage in STAGES]
            rows.append(
                (
                    f"{shape}, {layers:,} layers",
                    *(f"{one:.2f}" for one in each),
                    f"{sum(each) * layers / 1e6:.3f}",
                    _mebibytes(runs[-1].peak),
                )
            )
    print(f"\nMicroseconds per layer by stage, least of {rounds}; seconds and memory of the whole\n")
    _print_rows(("network", *STAGES, "all s", "peak MiB"), rows)
    print(
        "\nchain: one repeated convolution; residual: a repeated block of two convolutions, relu and an"
        "\naddition; written: a chain with a line for every layer.  text: csv of the default columns."
    )


def print_analysis(rounds: int) -> None:
    """Print what the stages of a shipped network take within a process that is already running."""
    from time import perf_counter

    from rfcalc.analysis.analyze import analyze_graph
    from rfcalc.analysis.effective import EffectiveFields
    from rfcalc.description import build_graph
    from rfcalc.library import load

    rows = []
    for network in NETWORKS:
        stages: dict[str, list[float]] = {"read": [], "build": [], "analyse": [], "effective": []}
        for _ in range(rounds):
            times = [perf_counter()]
            description = load(network)
            times.append(perf_counter())
            graph = build_graph(description)
            times.append(perf_counter())
            analyze_graph(graph)
            times.append(perf_counter())
            EffectiveFields(graph)
            times.append(perf_counter())
            for stage, start, end in zip(stages, times, times[1:], strict=False):
                stages[stage].append(end - start)
        rows.append(
            (
                network,
                str(len(graph.layers)),
                *(
                    f"{_milliseconds(min(found))} / {_milliseconds(statistics.median(found))}"
                    for found in stages.values()
                ),
            )
        )
    print(f"\nMilliseconds by stage in process, least / median of {rounds}\n")
    _print_rows(("network", "layers", "read", "build", "analyse", "effective fields"), rows)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def _mebibytes(size: int | None) -> str:
    return "-" if size is None else f"{size / 2**20:.1f}"


def _print_rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, ["-" * width for width in widths], *rows):
        first, *rest = row
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        print("  ".join(cells).rstrip())


def main() -> None:
    """Measure and print everything."""
    quick = "--quick" in sys.argv[1:]
    print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}\n")
    print_start(rounds=3 if quick else 25)
    print_analysis(rounds=3 if quick else 20)
    print_stages(LENGTHS[:2] if quick else LENGTHS, rounds=1 if quick else 2)


if __name__ == "__main__":
    main()
