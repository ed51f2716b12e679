"""A figure is one record: what is added to the registry is everywhere that figures are spoken of."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from package_source import modules

from rfcalc.analysis.figures import COUNTS

# The command line, with two figures more: what a layer reads, and the last position that unit 0 sees.
_PROBE = """
import sys
from rfcalc.analysis import figures
from rfcalc.analysis.field_values import Span
loaded = figures.Count(
    "loaded",
    "elements",
    ("elements loaded", "读取数"),
    ("Elements that layers read.", "各层读取的元素个数。"),
    lambda layer: sum((shape.elements for shape in layer.inputs), 0),
)
end = figures.FieldFigure(
    "field_end",
    ("end of field", "末位置"),
    ("The last position that unit 0 sees.", "0号单元的末位置。"),
    lambda view: Span(*(view.field.sizes[0] - 1 - view.field.padding,) * 2),
)
figures.FIGURES.update(loaded=loaded, field_end=end)
for by_name in (figures.COUNTS, figures.KEPT, figures.KEPT_BY_LAYER):
    by_name["loaded"] = loaded
from rfcalc.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
# a reads 8 · 8 · 3 = 192 elements and b 6 · 6 · 4 = 144; a sees 0 to 2.
NETWORK = "name: N\ninput: 8x8x3\nparams: {d: 4}\nlayers:\n  - conv f=3 d=d as a\n  - relu as b\n"


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NETWORK)
    return path


def run(*arguments: str | Path, code: int = 0) -> str:
    command = [sys.executable, "-c", _PROBE, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout + result.stderr


def valid(text: str, schema: str) -> Any:
    data = json.loads(text)
    jsonschema.validate(
        data, json.loads(files("rfcalc.report").joinpath(f"{schema}.schema.json").read_text("utf-8"))
    )
    return data


def test_it_has_a_column_with_its_sum_and_its_words(net: Path) -> None:
    listed = run(net, "--columns", "help")
    assert re.search(r"^loaded +elements loaded", listed, re.MULTILINE)
    assert re.search(r"^field_end +end of field", listed, re.MULTILINE)
    rows = run(net, "--columns", "name,loaded,field_end", "--format", "csv").splitlines()
    assert rows == ["name,loaded,field_end", "a,192,2", "b,144,2"]
    assert run(net, "--columns", "name,loaded").splitlines()[-1].split() == ["total", "336"]
    assert "读取数" in run(net, "--columns", "name,loaded", "--lang", "zh")


def test_it_is_in_the_report_as_data(net: Path) -> None:
    report = valid(run(net, "--format", "json"), "report")
    assert [layer["loaded"] for layer in report["layers"]] == [192, 144]
    assert report["totals"]["loaded"] == 336


def test_it_can_be_promised(net: Path) -> None:
    net.write_text(
        f"{NETWORK}check:\n  - loaded == 336 and loaded(a) == 192 and field_end(b) == 2\n  - loaded <= 300\n"
    )
    text = run("check", net, "--select", "RF3", code=1)
    assert "loaded is 336, 36 more (+12.0 %)" in text
    assert text.count("[RF301]") == 1


def test_a_baseline_keeps_it_and_limits_its_growth(net: Path) -> None:
    config = net.with_name("rfcalc.toml")
    config.write_text('baseline = "base.json"\n[[budgets]]\nnetwork = "*"\nmax_increase = "2%"\n')
    run("check", net, "--config", config, "--update-baseline")
    entry = json.loads(net.with_name("base.json").read_text())["networks"]["net.yaml"]
    assert entry["figures"]["loaded"] == 336
    assert entry["layers"]["b"]["loaded"] == 144
    net.write_text(NETWORK.replace("d: 4", "d: 5"))
    assert "loaded grows from 336 to 372" in run("check", net, "--config", config, code=1)


def test_it_is_compared_and_charged_to_edits(net: Path) -> None:
    other = net.with_name("other.yaml")
    other.write_text(NETWORK.replace("d: 4", "d: 5"))
    assert "elements loaded" in run("compare", net, other)
    assert (
        "36"
        in run("compare", net, other, "--columns", "loaded_difference", "--format", "csv").splitlines()[2]
    )
    data = valid(run("compare", net, other, "--format", "json"), "compare")
    (comparison,) = data["comparisons"]
    assert comparison["figures"]["loaded"]["difference"] == 36
    assert [edit["loaded"] for edit in comparison["edits"]] == [36]
    assert [layer["loaded"] for layer in comparison["layers"]] == [0, 36]


def test_it_can_be_solved_for(net: Path) -> None:
    # 192 + 36 d elements.
    text = run(net, "--set", "d=C", "--solve", "loaded <= 600 and field_end(b) == 2")
    assert text.splitlines()[0] == "N, loaded <= 600 and field_end(b) == 2: the largest C is 11 (d = 11)"


def test_a_mistaken_name_is_told_with_it(net: Path) -> None:
    assert "did you mean 'loaded'?" in run(net, "--set", "d=C", "--solve", "loadd <= 600", code=2)


# Where some figures are chosen for an output; none of these is a list of what figures there are.
CHOICES = {
    "rfcalc.report.input_sizes.asking": "what a table of sizes and its picture have room for",
    "rfcalc.report.comparison.edits": "what the table of edits has room for",
    **dict.fromkeys(
        (f"rfcalc.report.explanation.{name}" for name in ("figures", "text", "words")),
        "what is explained: formulas, with words of their own",
    ),
    "rfcalc.report.tiling.data": "what a tile costs",
    "rfcalc.report.page.rows": "which columns a page can show beside the usual ones",
}


def test_no_module_lists_the_counts_again() -> None:
    listing = {
        module.name
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict)
        and len(COUNTS.keys() & set(_words(node))) > 2
    }
    assert listing == CHOICES.keys()


def _words(node: ast.Tuple | ast.List | ast.Set | ast.Dict) -> Iterator[str]:
    elements = node.keys if isinstance(node, ast.Dict) else node.elts
    for element in elements:
        if isinstance(element, ast.Constant) and isinstance(element.value, str):
            yield element.value
