"""A layer that nobody knows: nothing counts what is unknown of it as 0, and nothing stops at it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rfcalc import analyze, read_text
from rfcalc.analysis.figures import COUNTS, of_network
from rfcalc.analysis.network import NetworkAnalysis
from rfcalc.cli.main import main
from rfcalc.errors import DescriptionError

ADDING_UP = [name for name, count in COUNTS.items() if count.adds_up]
TEXT = """input: 16x16x3
layers:
  - conv f=3 p=1 d=8 as before
  - opaque type=Swirl reads=each as each
  - opaque type=Topk size=10x4 from=before+each as topk
  - opaque type=Stated size=10x4 params=6 macs=7 reads=all as stated
  - fc d=5 as head
check:
  - {check}
"""


def network() -> NetworkAnalysis:
    return analyze(read_text(TEXT.format(check="output == 1x5")))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        # Of those that nothing is stated of only the output's elements and their number are known.
        ("each", {"activations": 16 * 16 * 8, "layers": 1}),
        ("topk", {"activations": 40, "layers": 1, "nonlinearities": 0}),
        (
            "stated",
            {
                "params": 6,
                "macs": 7,
                "flops": 14,
                "buffers": 0,
                "activations": 40,
                "layers": 1,
                "weighted_layers": 0,
                "nonlinearities": 0,
            },
        ),
    ],
)
def test_what_is_not_stated_is_unknown(name: str, known: dict[str, int]) -> None:
    (found,) = (each for each in network().layers if each.name == name)
    figures = {
        count: value
        for count, figure in COUNTS.items()
        if figure.of_layer and not figure.in_bytes and (value := figure.value(found)) is not None
    }
    assert figures == known


def test_sums_say_what_they_miss() -> None:
    found = network()
    incomplete = {name for name, count in COUNTS.items() if not of_network(count, found).complete}
    assert incomplete == {
        *("params", "macs", "flops", "other_ops", "buffers", "params_bytes", "memory", "depth"),
        "peak_memory",
        *("weighted_layers", "nonlinearities"),
    }
    # 3·3·3·8 + 8 of the first layer, 6 that are stated, 40·5 + 5 of the last.
    assert found.totals.params == 224 + 6 + 205


def field(name: str) -> list[tuple[object, str]]:
    (found,) = (each for each in network().layers if each.name == name)
    return [(axis.size, axis.status) for axes in found.field.inputs for axis in axes or ()]


def test_its_field_is_what_it_is_said_to_read_or_unknown() -> None:
    assert field("each") == [((3, 3), "exact")] * 2
    assert field("topk") == [(None, "unknown")] * 2
    assert field("stated") == [(None, "unknown")] * 2


def test_reading_everything_it_sees_all_of_every_input() -> None:
    text = "input: 9x9x2\nlayers: [conv f=3 d=2, opaque type=A size=4x4x2 reads=all]\n"
    assert [axis.everything for axis in analyze(read_text(text)).layers[-1].field.inputs[0] or ()] == [
        True
    ] * 2
    single = text.replace("4x4x2", "1x1x2")
    # Seven positions that see three each.
    (axes,) = analyze(read_text(single)).layers[-1].field.inputs
    assert [(axis.size, axis.collapsed) for axis in axes or ()] == [((9, 9), True)] * 2


@pytest.fixture
def path(tmp_path: Path) -> str:
    found = tmp_path / "net.yaml"
    found.write_text(TEXT.format(check="output == 1x5"), "utf-8")
    return str(found)


@pytest.mark.parametrize("figure", ["params", "macs", "depth", "buffers", "other_ops", "memory"])
def test_a_budget_that_needs_what_is_unknown_is_undecided(
    figure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(TEXT.format(check=f"{figure} >= 0"), "utf-8")
    assert main(["check", str(file), "--select", "RF301,RF302"]) == 1
    assert "RF302" in capsys.readouterr().out


def test_every_one_is_a_finding_that_names_its_type(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", path, "--select", "RF906"]) == 1
    out = capsys.readouterr().out
    assert re.findall(r"not known of (.*?):", out) == ["each (Swirl)", "topk (Topk)", "stated (Stated)"]
    assert "state what is known of it: params=, macs=, reads=" in out


def test_one_that_reads_nothing_is_a_finding_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: {a: 4x2, b: 4x2}\nlayers: [opaque type=Range size=4x2, add from=a+b]\n", "utf-8")
    assert main(["check", str(file), "--select", "RF906"]) == 1
    assert "opaque1 (Range)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        "PATH --format json",
        "PATH --format markdown",
        "PATH --depth 1",
        f"PATH --columns {','.join(['name', 'op', 'args', *ADDING_UP])}",
        "PATH --table book",
        "PATH --input HxHx3",
        "compare PATH vgg16",
        "compare vgg16 PATH --format json",
        "compare PATH PATH",
        *(f"explain PATH {name}" for name in ("each", "topk", "stated", "head")),
        "explain PATH topk --format json",
        "explain PATH topk --format latex",
    ],
)
def test_nothing_stops_at_it(arguments: str, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([each.replace("PATH", path) for each in arguments.split()]) in (0, 1), capsys.readouterr()


def test_a_condition_that_needs_it_is_not_solved(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([path, "--input", "HxHx3", "--solve", "params <= 1000000"]) != 0
    assert "not known" in "".join(capsys.readouterr())


def test_no_share_of_an_unknown_total_is_told(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", path, "before"]) == 0
    assert "%" not in capsys.readouterr().out


def test_programs_are_told_null(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([path, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (topk,) = (each for each in found["layers"] if each["name"] == "topk")
    assert (topk["params"], topk["macs"]) == (None, None)


def test_its_type_is_any_word_and_a_parameter_may_hold_it() -> None:
    text = "input: 4x4\nparams: {kind: same}\nlayers: [opaque type=xMax_2 size=4, opaque type=kind size=4]\n"
    assert [each.node.arguments["type"] for each in analyze(read_text(text)).layers] == ["xMax_2", "same"]
    with pytest.raises(DescriptionError, match="expected a word, got 2"):
        analyze(read_text(text.replace("kind: same", "kind: 2")))


def test_it_reads_what_from_names_or_all_that_stands_before() -> None:
    text = "input: 4x4\nlayers: [relu as a, tanh as b, {}]\n"
    for line, names in (
        ("opaque type=A size=4 from=a+input", ["a", "input"]),
        ("opaque type=A size=4 from=a", ["a"]),
        ("opaque type=A size=4", ["b"]),
        ("{{split: 2}}, opaque type=A size=4".replace("{{", "{").replace("}}", "}"), ["slice1", "slice2"]),
    ):
        nodes = analyze(read_text(text.replace("{}", line))).graph.nodes
        assert [nodes[index].name for index in nodes[-1].inputs] == names
