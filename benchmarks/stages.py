"""Generated networks of any length, and the time each stage takes on one of them.

Run by run.py in a process of its own for every network, so that memory is measured apart:
`python benchmarks/stages.py SHAPE LAYERS` prints seconds by stage as json, and the peak memory.  As in the
command, the cyclic collector is off, and the table is gone before the json is made: a command makes one.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from processes import PEAK_CODE

Result = TypeVar("Result")

SHAPES = ("chain", "residual", "written")


def description(shape: str, layers: int) -> str:
    """A description that expands to about this many layers.

    chain: one repeat of a line.  residual: one repeat of a block whose branches an addition joins,
    four layers a turn.  written: a chain in which every layer is a line of its own.
    """
    head = "input: 32x32x16\n"
    line = "conv f=3 p=1 d=16"
    if shape == "chain":
        return f"{head}layers: [{{repeat: {layers}, do: [{line}]}}]\n"
    if shape == "residual":
        block = f"blocks:\n  residual():\n  - add: [[{line}, relu, {line}], []]\n"
        return f"{head}{block}layers: [{{repeat: {layers // 4}, do: [residual]}}]\n"
    return f"{head}layers:\n" + f"- {line}\n" * layers


def timed(shape: str, layers: int) -> dict[str, float]:
    """Seconds by stage, and under `layers` how many layers there really are."""
    from rfcalc.analysis.analyze import analyze_graph
    from rfcalc.description import build_graph
    from rfcalc.library import read_text
    from rfcalc.render.data import render_json
    from rfcalc.render.table import render_table
    from rfcalc.report.cells import Style
    from rfcalc.report.network_table.data import report_data
    from rfcalc.report.network_table.layers import build_table
    from rfcalc.report.table import View

    gc.disable()
    text = description(shape, layers)
    found: dict[str, float] = {}

    def stage(name: str, work: Callable[[], Result]) -> Result:
        start = time.perf_counter()
        result = work()
        found[name] = time.perf_counter() - start
        return result

    def show_table() -> None:
        table = stage("table", lambda: build_table(analysis, View()))
        stage("text", lambda: render_table(table, "csv", Style()))

    read = stage("read", lambda: read_text(text, max_layers=10**6))
    graph = stage("build", lambda: build_graph(read))
    analysis = stage("analyse", lambda: analyze_graph(graph))
    show_table()
    stage("json", lambda: render_json(report_data(analysis)))
    found["layers"] = len(analysis.layers)
    return found


if __name__ == "__main__":
    print(json.dumps(timed(sys.argv[1], int(sys.argv[2]))))
    if os.path.exists("/proc/self/status"):
        # The very lines that every other measured program ends with.
        exec(PEAK_CODE)
