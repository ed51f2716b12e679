"""The sizes that fit are those at which the same layers run in PyTorch (tests/data/sizes/torch_sizes.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rfcalc.analysis.legal_sizes import pattern_of
from rfcalc.library import analyze, read_expression

RECORD = json.loads((Path(__file__).parents[1] / "data" / "sizes" / "torch.json").read_text("utf-8"))


@pytest.mark.parametrize("name", RECORD["cases"])
def test_what_fits_runs_and_nothing_else_does(name: str) -> None:
    case = RECORD["cases"][name]
    network = analyze(read_expression(case["layers"]), input="48x48x3")
    (along,) = network.sizes().along
    pattern = pattern_of(along.sizes, lambda verdict: verdict.legal)
    assert pattern is not None
    assert [n for n in range(1, case["last"] + 1) if pattern.holds(n)] == case["taken"]
