"""Small networks that are hard to read, recorded from their PyTorch code: what was measured of them holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rfcalc.importers.torch.capture import capture
from rfcalc.importers.writing.flat import flat
from rfcalc.library import analyze, read_text

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
CASES = Path(__file__).parents[1] / "data" / "truth" / "cases"


# To start PyTorch for each takes minutes: every third is read every day.
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.stem, marks=[pytest.mark.slow] * bool(number % 3))
        for number, path in enumerate(sorted(CASES.glob("*.json")))
    ],
)
def test_a_recorded_case_has_the_sizes_and_counts_that_were_measured(
    name: str, torch_python: str, tmp_path: Path
) -> None:
    measured = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    code = tmp_path / "case.py"
    code.write_text(f"{HEAD}{measured['code']}", encoding="utf-8")
    _, channels, *axes = measured["input"]
    found = capture(f"{code}:M", {}, {"": (*axes, channels)}, torch_python)
    assert not any("opaque" in step.operator for step in found.steps)
    analysis = analyze(read_text(flat(found).text))
    assert sum(layer.params or 0 for layer in analysis.layers) == measured["params"]
    assert sum(layer.macs or 0 for layer in analysis.layers) == measured["macs"]
    sizes = {step.name: sorted(size for size in step.shape.sizes() if size != 1) for step in found.steps}
    # Of a module that runs several times the first call has its name.
    calls = reversed(measured["leaves"])
    leaves = {leaf["name"]: sorted(size for size in leaf["output"] if size != 1) for leaf in calls}
    # Those that only read a map in another form are no layers.
    compared = leaves.keys() & sizes.keys()
    assert {leaf["name"] for leaf in measured["leaves"] if leaf["params"]} <= compared
    assert {leaf: sizes[leaf] for leaf in compared} == {leaf: leaves[leaf] for leaf in compared}
