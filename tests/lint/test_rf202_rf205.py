"""The rules about uneven transposed convolutions and windows larger than their map."""

from __future__ import annotations

import pytest

from rfcalc.library import analyze, read_text
from rfcalc.lint.finding import Finding
from rfcalc.lint.rule import Subject
from rfcalc.lint.runner import run_rules


def found(code: str, size: str, layer: str) -> tuple[Finding, ...]:
    description = read_text(f"input: {size}\nlayers:\n  - {layer}\n")
    return run_rules(Subject("net", description.network, analyze(description)), [code])


@pytest.mark.parametrize("layer", ["deconv f=2 s=2 d=4", "deconv f=4 s=2 p=1 d=4", "deconv f=3 s=1 d=4"])
def test_a_kernel_that_divides_by_the_stride_makes_no_checkerboard(layer: str) -> None:
    assert not found("RF202", "8x8x4", layer)


def test_an_uneven_kernel_is_reported_with_the_exact_numbers_of_inputs() -> None:
    # Along an axis even outputs meet one tap of three and odd ones two: 1 to 4 in the plane.
    (finding,) = found("RF202", "8x8x4", "deconv f=3 s=2 p=1 d=4")
    assert finding.figures == {"fewest": 1, "most": 4}
    assert finding.position is not None
    assert finding.position.line == 3


@pytest.mark.parametrize("layer", ["maxpool f=3 s=2 p=1", "avgpool f=3", "globalavgpool", "conv f=3 p=1 d=4"])
def test_a_window_as_large_as_its_map_is_no_finding(layer: str) -> None:
    assert not found("RF205", "3x3x4", layer)


def test_a_pooling_window_larger_than_its_map_is_reported_with_both_sizes() -> None:
    (finding,) = found("RF205", "2x2x4", "maxpool f=3 s=2 p=1")
    assert finding.figures == {"span": 3, "size": 2}
