"""Tables of symbolic networks: how polynomials read in every format, how they sort, and what notes say."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc.library import analyze, load, read_expression
from rfcalc.render.data import render_json
from rfcalc.render.formats import TABULATE_FORMATS
from rfcalc.render.table import render_table
from rfcalc.report.cells import Amount, Share, Sizes, Style, sort_key
from rfcalc.report.network_table.data import report_data
from rfcalc.report.network_table.layers import build_table
from rfcalc.report.table import Table, View
from rfcalc.shapes import Shape
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError
from rfcalc.units import number_formats

C, H, K = map(Polynomial.symbol, "CHK")


def table(name: str, view: View | None = None, **given: object) -> Table:
    return build_table(analyze(load(name), **given), view or View())  # type: ignore[arg-type]  # as analyze takes them


def notes(made: Table) -> list[str]:
    return [note.text for note in made.notes]


def test_a_network_without_symbols_says_nothing_of_them() -> None:
    assert not any("whole number" in note or "symbol" in note for note in notes(table("vgg16")))


def test_text_shows_powers_and_products_side_by_side() -> None:
    text = render_table(table("conv7x7"), "simple", Style())
    assert text.count("49C²HW") == 2
    assert "HxWxC" in text


def test_where_the_encoding_has_no_powers_they_are_written_out() -> None:
    text = render_table(table("conv7x7"), "simple", Style(), "ascii")
    assert text.isascii()
    assert "49C^2 " in text
    assert "49C^2HW" in text


@pytest.mark.parametrize("name", ["latex", "latex_raw", "latex_booktabs", "latex_longtable"])
def test_latex_has_formulas_and_text_around_them_stays_escaped(name: str) -> None:
    made = build_table(
        analyze(
            read_expression("conv f=3 d=2*growth as a_b"), input="(2*h)xWxC", params={"growth": "growth"}
        ),
        View(("name", "inputs", "params", "macs")),
    )
    text = render_table(made, name, Style())
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert "$18 C \\mathrm{growth}$" in body or "18 C \\mathrm{growth}" in body
    assert "$2 h$x$W$x$C$" in body
    assert body.count("$") % 2 == 0
    assert body.count("{") == body.count("}")
    assert "a_b" in body.replace("\\_", "_")
    if name != "latex_raw":
        assert "a\\_b" in body
    assert not re.search("[\ue000-\uf8ff\x0e\x0f]", text)


def test_latex_of_a_network_without_symbols_has_no_formula() -> None:
    assert "$" not in render_table(table("lenet5"), "latex", Style())


@pytest.mark.parametrize("name", [*TABULATE_FORMATS, "csv"])
def test_no_format_leaks_the_marks_of_formulas(name: str) -> None:
    assert not re.search("[\x0e\x0f]", render_table(table("conv7x7"), name, Style()))


def test_si_units_leave_a_polynomial_exact() -> None:
    text = render_table(table("vgg16", params={"classes": "K"}), "simple", Style(units="si"))
    assert "4097K + 134260544" in text
    assert "102.8 M" in text


def test_json_has_the_terms_in_the_order_of_the_text() -> None:
    report = json.loads(render_json(report_data(analyze(load("vgg16"), params={"classes": "K"}))))
    assert report["totals"]["params"] == {
        "text": "4097K + 134260544",
        "terms": [{"coefficient": 4097, "powers": {"K": 1}}, {"coefficient": 134260544, "powers": {}}],
    }
    assert report["network"]["symbols"] == ["K"]
    assert report["network"]["params"]["classes"]["text"] == "K"
    assert "declared" not in report["network"]
    declared = json.loads(render_json(report_data(analyze(load("conv7x7"), params={"H": "32*h"}))))
    assert declared["network"]["declared"]["H"]["text"] == "32h"
    assert declared["network"]["symbols"] == ["C", "h", "W"]


def test_bytes_of_polynomials_are_polynomials() -> None:
    view = View(("params_bytes", "activations_bytes"), dtype=number_formats("fp16"))
    (total,) = table("conv7x7", view).totals
    assert [cell.text(Style()) for cell in total] == ["98C²", "4CHW"]


def test_a_kernel_as_large_as_a_symbolic_map_is_written_with_parentheses() -> None:
    made = build_table(analyze(read_expression("conv f=2 d=1; fc d=10"), input="HxWxC"), View(("args",)))
    assert made.rows[1][0].text(Style()).startswith("f = (H - 1)x(W - 1);")


def test_a_product_stands_in_parentheses_before_another_length_and_bare_as_the_last() -> None:
    sizes = Sizes((Shape((32 * H, 32 * H), 4 * C),))
    assert sizes.text(Style()) == "(32H)x(32H)x4C"
    assert str(Shape((H, 2 * H - 1), C * C)) == "Hx(2H - 1)xC²"
    assert str(Shape((Polynomial.symbol("x1"), H), 2 * Polynomial.symbol("max"))) == "(x1)xHx(2max)"


def test_shares_are_shown_where_symbols_cancel_and_noted_where_not() -> None:
    view = View(("name", "params_share"))
    made = table("conv3x3-stack", view)
    assert [row[1].text(Style()) for row in made.rows] == ["33.3", "0.0", "33.3", "0.0", "33.3", "0.0"]
    assert "share ?: depends on the symbols" not in notes(made)
    assert "share ?: depends on the symbols" in notes(table("vgg16", view, params={"classes": "K"}))


def test_folding_adds_polynomials_up() -> None:
    made = table("mobilenet-v1", View(("name", "params"), depth=1), params={"alpha": "a/4"})
    rows = {row[0].text(Style()): row[1].text(Style()) for row in made.rows}
    # A depthwise layer of 32α channels, two normalisations, and 32α · 64α weights; α is a quarter of a.
    assert rows["separable1"] == "128a² + 120a"


def test_sorting_keeps_to_an_order_that_holds_for_all_values() -> None:
    made = table("conv3x3-stack", View(("name", "macs"), sort="macs"))
    assert [row[0].text(Style()) for row in made.rows] == [
        "conv1",
        "conv2",
        "conv3",
        "relu1",
        "relu2",
        "relu3",
    ]
    assert not any("stand as they would" in note for note in notes(made))


def test_an_order_that_depends_on_the_symbols_is_that_for_1000_and_says_so() -> None:
    made = table("vgg16", View(("name", "params"), sort="params", top=3), params={"classes": "K"})
    # 4097K comes third: it is 4,097,000 for K = 1000, between 16.8 and 2.4 million.
    assert [row[0].text(Style()) for row in made.rows] == ["fc6", "fc7", "fc8"]
    assert "rows whose order depends on the symbols stand as they would for K = 1,000" in notes(made)
    text = notes(table("vgg16", View(("name",), sort="params", language="zh"), params={"classes": "K"}))
    assert any("K = 1,000" in note for note in text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=6)
)
def test_no_cell_stands_behind_one_that_is_smaller_for_all_values(values: list[tuple[int, int, int]]) -> None:
    amounts = [a * C * C + b * C + c for a, b, c in values]
    for cells in ([Amount(value) for value in amounts], [Share(value, 1000 * C**2 + 1) for value in amounts]):
        order = sorted(range(len(cells)), key=lambda index: sort_key(cells[index]))
        for one, two in pairwise(order):
            try:
                assert amounts[one] >= amounts[two]
            except SymbolicError:
                # Undecided: any order will do.
                continue


def test_notes_say_what_symbols_stand_for() -> None:
    assert "C, H and W: any whole number from 1 up" in notes(table("conv7x7"))
    large = notes(table("unet", input="(32*h)x(32*w)x3"))
    assert "h and w: any whole number from 6 up; with others the network cannot be built" in large
    few = notes(table("vgg16", params={"classes": "40-K"}))
    assert "K: any whole number from 1 to 39; with others the network cannot be built" in few
    both = notes(
        build_table(
            analyze(read_expression("conv f=1 d=H-W"), input="8x8x3", params={"H": "H", "W": "W"}), View()
        )
    )
    assert "H and W: any whole numbers from 1 up with which the network can be built" in both


def test_a_field_behind_a_map_of_symbolic_size_is_unknown_and_says_why() -> None:
    network = analyze(load("vgg16"), input="(32*h)x(32*h)x3")
    (field,) = network.layer("fc6").field.inputs
    assert field is not None
    assert {axis.status for axis in field} == {"unknown"}
    assert any("the map it covers has a symbolic size" in warning.message for warning in network.warnings)
    symbolic = analyze(read_expression("conv f=3 p=1 d=3; adaptiveavgpool size=7"), input="(7*h)x(7*h)x3")
    assert any("depends on a symbol" in warning.message for warning in symbolic.warnings)
