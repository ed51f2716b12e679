"""Effective fields where a user meets them: columns, notes, data, conditions, Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from check_runs import Ran

import rfcalc
from rfcalc.cli.main import main

# σ of the chain: 7x7 at distance 1, 3x3 at distance 2, so that b has 1 1 2 2 3 3 3 2 2 1 1 of 21.
NETWORK = (
    "name: N\ninput: 64x64x3\nlayers:\n  - conv f=7 s=2 p=3 d=8 as a\n  - relu\n  - conv f=3 p=1 d=8 as b\n"
)
SIGMA = round((4 + 4 * 8 / 12) ** 0.5, 2)


Runner = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    def run(*arguments: str, code: int = 0) -> Ran:
        result = Ran(main(list(arguments)), *capsys.readouterr())
        assert result.code == code, result.out + result.err
        return result

    return run


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NETWORK)
    return path


def test_the_table_shows_them_and_says_what_they_are(run: Runner, net: Path) -> None:
    text = run(str(net), "--columns", "name,effective_field,effective_sigma", "--format", "csv").out
    assert text.splitlines() == [
        "name,effective_field,effective_sigma",
        "a,7,2",
        "relu1,7,2",
        f"b,11,{SIGMA}",
    ]
    text = run(str(net), "--columns", "name,effective_field").out
    assert "before training" in text
    assert "Kaiming" in text
    assert "before training" not in run(str(net)).out
    chinese = run(str(net), "--columns", "name,effective_field", "--lang", "zh").out
    assert "训练前" in chinese


@pytest.mark.parametrize(
    ("weights", "sigma"), [("kaiming", "42.31"), ("equal", "38.52"), ("residual-only", "54.42")]
)
def test_branches_are_weighted_as_asked(run: Runner, weights: str, sigma: str) -> None:
    asked = "--columns", "effective_sigma", "--only", "layer4.1.relu2", "--branch-weights", weights
    assert run("resnet18", *asked, "--format", "csv").out.splitlines() == ["effective_sigma", sigma]
    assert "--branch-weights" in run("resnet18", *asked).out


def test_other_weights_are_refused(run: Runner) -> None:
    result = run("resnet18", "--branch-weights", "equals", code=2)
    assert "equal" in result.err
    with pytest.raises(rfcalc.UsageError, match="branch_weights is one of kaiming, equal, residual-only"):
        rfcalc.analyze("resnet18").table(branch_weights="equals")  # type: ignore[arg-type]


def test_what_is_not_known_has_its_reason_below(run: Runner, net: Path) -> None:
    net.write_text(f"{NETWORK}  - add: [[scale as g, conv f=3 p=1 d=8], []]\n")
    text = run(str(net), "--columns", "name,effective_field").out
    assert ["add1", "?"] in [line.split() for line in text.splitlines()]
    assert "effective field ?: not known for add1: branches meet" in text
    assert "g passes on" in text


def test_what_global_paths_carry_is_said(run: Runner, net: Path) -> None:
    net.write_text(f"{NETWORK}  - add: [[globalavgpool, conv f=1 d=8], []]\n")
    text = run(str(net), "--columns", "name,effective_field").out
    # A mean of 32 · 32 positions, with the gain 2 of its convolution, beside 1.
    assert f"up to {100 * (2 / 1024) / (1 + 2 / 1024):.1f} %, at add1" in text


def test_json_has_them_where_columns_ask_for_one(run: Runner, net: Path) -> None:
    schema = json.loads(files("rfcalc.report").joinpath("report.schema.json").read_text("utf-8"))
    plain = json.loads(run(str(net), "--format", "json").out)
    assert "effective" not in plain["network"]["receptive_field"]
    asked = "--columns", "effective_sigma", "--branch-weights", "equal"
    data = json.loads(run(str(net), "--format", "json", *asked).out)
    jsonschema.validate(data, schema)
    found = data["layers"][-1]["receptive_field"]["effective"]
    assert found["branch_weights"] == "equal"
    assert found["widths"] == {"50": [5, 5], "68": [7, 7], "95": [11, 11], "99": [11, 11]}
    assert found["centre"] == [0, 0]
    assert rfcalc.analyze(net).to_dict(effective="equal")["layers"] == data["layers"]


def test_they_can_be_promised(run: Runner, net: Path) -> None:
    promises = "effective_field(a) == 7 and effective_field(b) >= 11 and effective_sigma(b) <= 2.6"
    net.write_text(f"{NETWORK}check:\n  - {promises}\n  - effective_field >= 64\n")
    text = run("check", str(net), "--select", "RF3", code=1).out
    assert text.count("[RF301]") == 1
    assert "effective_field is 11" in text


def test_a_promise_on_what_is_not_known_says_why(run: Runner, net: Path) -> None:
    net.write_text(
        f"{NETWORK}  - add: [[scale as g, conv f=3 p=1 d=8], []]\ncheck:\n  - effective_field(add1) >= 64\n"
    )
    result = run("check", str(net), "--select", "RF3", code=1)
    assert "g passes on" in result.out + result.err


def test_they_are_shown_as_parts_of_the_theoretical_field_and_of_the_input(run: Runner, net: Path) -> None:
    text = run("vgg16", "--columns", "effective_ratio,effective_coverage", "--only", "pool5").out
    # 108 of 212 positions, and of 224.
    assert "50.9" in text
    assert "48.2" in text
    asked = "--columns", "name,effective_ratio,effective_coverage", "--format", "csv"
    text = run("-e", "conv f=40 d=3 as c", "--input", "64x80x3", *asked).out
    assert text.splitlines()[-1] == "c,95,59.375x47.5"
    network = "name: N\ninput: 80x3\nlayers:\n  - conv f=40 d=3 as c\n"
    (row,) = rfcalc.analyze(rfcalc.read_text(network)).rows("effective_ratio")
    assert row == {"effective_ratio": 95.0}


def test_behind_upsampling_each_unit_has_a_part_of_its_own_field(run: Runner, net: Path) -> None:
    # Nearest by 2, then a window of 4: units see 2 positions of the map below, or 3, of which 1 2 1 of 4.
    net.write_text("name: N\ninput: 64x3\nlayers:\n  - upsample scale=2\n  - conv f=4 d=3 as b\n")
    text = run(str(net), "--columns", "effective_field,effective_ratio", "--format", "csv").out
    assert text.splitlines()[-1] == "2–3,100"


def test_parts_are_promised_in_percent(run: Runner, net: Path) -> None:
    net.write_text(f"{NETWORK}check:\n  - effective_ratio(b) >= 99.9% and effective_coverage(b) < 18%\n")
    run("check", str(net))
    net.write_text(f"{NETWORK}check:\n  - effective_coverage(b) >= 50%\n")
    text = run("check", str(net), code=1).out
    assert "effective_coverage(b) is 17.2 %, 32.8 percentage points less" in text
    net.write_text(
        "name: N\ninput: Wx3\nsymbols: [W]\nlayers:\n  - conv f=3 d=3 as c\n"
        "check:\n  - effective_coverage(c) > 1%\n"
    )
    assert run("check", str(net), code=1).out


def test_the_field_of_one_unit_in_the_plane_is_had_from_python() -> None:
    network = rfcalc.analyze("vgg16")
    found = network.energy_map("pool5", clipped=False)
    assert found.energies.shape == (212, 212)
    assert found.energies.sum() == pytest.approx(1)
    assert found.lost == 0
    corner = network.energy_map("pool5", (0, 0))
    # What VGG-16's corner unit sees: 122 by 122 positions.
    assert (corner.origin, corner.energies.shape) == ((0, 0), (122, 122))
    assert corner.energies.sum() + corner.lost == pytest.approx(1)
    assert found.figures(0).widths == found.figures(1).widths
    for asked, said in (
        (("pool6",), "pool5"),
        (("pool5", (7, 0)), "unit of pool5"),
        (("pool5", None, "other"), "no input 'other'"),
    ):
        with pytest.raises(rfcalc.UsageError, match=said):
            layer, *unit = asked
            network.energy_map(layer, *unit[:1], source=unit[1] if unit[1:] else "")
    with pytest.raises(rfcalc.UsageError, match="branch_weights"):
        network.energy_map("pool5", branch_weights="alike")
    with pytest.raises(rfcalc.UsageError, match="is not known: .*scale1 passes on"):
        rfcalc.analyze("convnext-tiny").energy_map("stage2.0.add1", branch_weights="kaiming")
