"""How a receptive field of every status reads in the table."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rfcalc.analysis.fields.figures import STATUSES, worst_status
from rfcalc.analysis.fields.receptive_field import AxisField, NodeField
from rfcalc.library import analyze, read_text
from rfcalc.report.cells import Style
from rfcalc.report.network_table.fields import (
    field_cell,
    seen_field,
    size_cell,
)

NAMES = ("left", "right")


def axis(**changes: Any) -> AxisField:
    """A field of 7 pixels at stride 2, with some facts changed."""
    facts: dict[str, Any] = {
        "size": (7, 7),
        "stride": 2,
        "padding": 3,
        "centre": 0.0,
        "holes": (0, 0),
        "phases": 1,
        "offsets": (-3,),
        "sizes": (7,),
        "path": "",
        "strict": 7,
        "collapsed": False,
        "status": "exact",
    }
    return AxisField(**{**facts, **changes})


def size_text(*axes: AxisField) -> str:
    return size_cell(seen_field(NodeField((axes,))), NAMES, "en").text(Style())


def test_an_exact_field_bears_no_mark() -> None:
    seen = seen_field(NodeField(((axis(), axis()),)))
    assert size_cell(seen, NAMES, "en").text(Style()) == "7"
    assert field_cell(seen, "effective_stride").text(Style()) == "2"
    assert field_cell(seen, "effective_padding").text(Style()) == "3"
    assert field_cell(seen, "centre").text(Style()) == "0"
    assert field_cell(seen, "holes").text(Style()) == "0"
    assert field_cell(seen, "phases").text(Style()) == "1"


def test_axes_that_differ_are_all_shown() -> None:
    assert size_text(axis(size=(19, 19)), axis()) == "19x7"


def test_a_field_that_depends_on_the_phase_is_a_range() -> None:
    assert size_text(axis(size=(188, 204), phases=16)) == "188–204"


def test_a_gate_is_marked_and_the_local_field_shown() -> None:
    assert size_text(axis(size=(851, 851), path="side", status="global")) == "851*"


def test_a_field_that_is_everything_with_nothing_local_left_says_so() -> None:
    assert size_text(axis(size=None, stride=None, path="side", status="global")) == "all"


def test_an_upper_bound_is_marked_as_one() -> None:
    assert size_text(axis(status="bound")) == "≤7"


def test_a_field_that_depends_on_the_data_is_marked() -> None:
    assert size_text(axis(status="data-dependent")) == "~7"


def test_a_field_without_a_period_is_marked_and_a_range() -> None:
    assert size_text(axis(size=(5, 9), status="per-position", stride=None)) == "5–9#"


def test_an_unknown_field_is_a_question_mark_throughout() -> None:
    unknown = axis(size=None, stride=None, padding=None, centre=None, holes=None, status="unknown")
    seen = seen_field(NodeField(((unknown,),)))
    cells = (
        size_cell(seen, NAMES, "en"),
        field_cell(seen, "effective_stride"),
        field_cell(seen, "effective_padding"),
        field_cell(seen, "centre"),
    )
    assert {cell.text(Style()) for cell in cells} == {"?"}
    assert field_cell(seen, "holes").text(Style()) == "?"


def test_a_collapsed_axis_keeps_its_size_and_has_no_stride() -> None:
    seen = seen_field(NodeField(((axis(size=(404, 404), stride=None, collapsed=True),),)))
    assert size_cell(seen, NAMES, "en").text(Style()) == "404"
    assert field_cell(seen, "effective_stride").text(Style()) == "–"


def test_a_fractional_stride_is_a_ratio() -> None:
    assert (
        field_cell(seen_field(NodeField(((axis(stride=(1, 3)),),))), "effective_stride").text(Style())
        == "1/3"
    )


def test_the_field_shown_is_that_over_the_first_input_seen_and_another_is_named() -> None:
    both = seen_field(NodeField(((axis(),), (axis(size=(9, 9)),))))
    assert size_cell(both, NAMES, "en").text(Style()) == "7"
    right = seen_field(NodeField((None, (axis(size=(9, 9)),))))
    assert size_cell(right, NAMES, "en").text(Style()) == "9 (right)"


def test_a_layer_that_sees_no_input_has_an_empty_cell() -> None:
    assert seen_field(NodeField((None, None))) is None
    assert size_cell(None, NAMES, "en").text(Style()) == ""
    assert field_cell(None, "effective_stride").text(Style()) == ""


@pytest.mark.parametrize("worse", ["global", "bound", "per-position", "data-dependent", "unknown"])
def test_a_field_is_as_sure_as_its_least_sure_axis(worse: str) -> None:
    assert worst_status((axis(), axis(status=worse))) == worse
    assert worst_status(()) == "exact"


@pytest.mark.parametrize(("worse", "better"), list(pairwise(STATUSES)))
def test_of_two_axes_the_less_sure_one_counts(worse: str, better: str) -> None:
    assert worst_status((axis(status=better), axis(status=worse))) == worse
    assert worst_status((axis(status=worse), axis(status=better))) == worse


def test_the_order_of_statuses_is_the_one_that_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text("utf-8")
    table = text.partition("### Status\n")[2].partition("\n### ")[0]
    assert tuple(re.findall(r"^\| ([a-z-]+) \| ", table, re.MULTILINE)[1:]) == STATUSES


def test_a_bound_along_one_axis_is_less_sure_than_a_list_along_the_other() -> None:
    branches = ", ".join(f"[conv f=1x3 s=1x{s} p=0x1 d=8, upsample size=10009x64]" for s in (2, 3))
    text = f"input: 10007x64x3\nlayers:\n  - upsample size=10009x64\n  - add: [{branches}]\n"
    seen = seen_field(analyze(read_text(text)).fields.nodes[-1])
    assert seen is not None
    assert {each.status for each in seen.axes} == {"bound", "per-position"}
    assert seen.status == "bound"
