"""Symbols cost nothing when there are none: no polynomial is made and nothing of theirs is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rfcalc.library import analyze, load, shipped_names
from rfcalc.render.data import render_json
from rfcalc.report.network_table.data import report_data
from rfcalc.report.network_table.layers import build_table
from rfcalc.report.table import View
from rfcalc.symbolic.polynomial import Polynomial

PROBE = """
import sys
from rfcalc.cli.main import main
assert main(sys.argv[1:]) == 0
print(*sorted(name for name in sys.modules if name.startswith("rfcalc.")), file=sys.stderr)
"""
# What only symbols, or questions about them, need.
SYMBOLIC = {
    *(
        "rfcalc.symbolic.signs",
        "rfcalc.analysis.existence",
        "rfcalc.conditions.text",
        "rfcalc.conditions.solving",
    ),
    *("rfcalc.symbolic.advice", "rfcalc.graph.multiples"),
    *("rfcalc.report.network_table.symbols", "rfcalc.report.solutions"),
}


@pytest.fixture
def no_polynomials(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Polynomial, terms: object) -> None:
        raise AssertionError(f"a polynomial was made: {terms}")

    monkeypatch.setattr(Polynomial, "__init__", refuse)


@pytest.mark.usefixtures("no_polynomials")
@pytest.mark.parametrize(
    "name", ["vgg16", "resnet152", "googlenet", "unet", "efficientnet-b0", "mobilenet-v1"]
)
def test_a_network_without_symbols_makes_no_polynomial(name: str) -> None:
    network = analyze(load(name))
    build_table(network, View())
    render_json(report_data(network))


@pytest.mark.usefixtures("no_polynomials")
def test_the_fixture_would_notice() -> None:
    with pytest.raises(AssertionError, match="a polynomial was made"):
        analyze(load("vgg16"), params={"classes": "K"})


def test_only_the_networks_made_for_it_have_symbols() -> None:
    symbolic = {name for name in shipped_names() if analyze(load(name)).graph.symbols}
    assert symbolic == {"conv7x7", "conv3x3-stack"}


def loaded(*arguments: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True
    )
    return set(result.stderr.split())


def test_a_run_without_symbols_loads_nothing_of_theirs() -> None:
    assert not loaded("vgg16") & SYMBOLIC
    assert not loaded("vgg16", "--format", "json") & SYMBOLIC
    assert loaded("vgg16", "--set", "classes=K", "--solve", "params <= 136M") >= (
        SYMBOLIC - {"rfcalc.symbolic.advice", "rfcalc.graph.multiples"}
    )
