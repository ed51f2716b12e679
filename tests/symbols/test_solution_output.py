"""What `--solve` prints: the answer, the numbers that prove it, and the same in every format."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

COMMAND = (sys.executable, "-m", "rfcalc")


def run(*arguments: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    import os

    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=environment, check=False
    )


def shown(*arguments: str) -> str:
    result = run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def refused(*arguments: str) -> str:
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    return result.stderr


CLASSES = ("vgg16", "--set", "classes=K", "--solve", "params <= 136M")
SQUARE = ("vgg16", "--input", "(32*h)x(32*h)x3", "--solve")


def test_without_the_option_nothing_is_solved() -> None:
    assert "largest" not in shown("vgg16", "--set", "classes=K")
    assert "solutions" not in json.loads(shown("vgg16", "--set", "classes=K", "--format", "json"))


def test_the_answer_stands_in_the_title_and_its_proof_below() -> None:
    lines = shown(*CLASSES).splitlines()
    assert lines[0] == "VGG-16, params <= 136M: the largest K is 424 (classes = 424)"
    assert lines[4].split() == ["any", "4097K", "+", "134260544", "K", "1x1xK"]
    assert lines[5].split() == ["<=", "136,000,000"]
    assert lines[6].split() == ["424", "135,997,672", "yes", "424", "1x1x424"]
    assert lines[7].split() == ["425", "136,001,769", "no", "425", "1x1x425"]


def test_notes_say_why_two_values_decide_for_all() -> None:
    text = shown(*CLASSES)
    assert "params only grows with K, so the values shown decide for all others" in text
    assert "K: any whole number from 1 up" in text
    assert "confirmed by analysing the network with K = 424 and K = 425" in text


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("macs <= 15G", "the largest h is 6 (192x192x3)"),
        ("macs >= 15G", "the smallest h is 7 (224x224x3)"),
        ("4G <= macs <= 15G", "h is from 4 to 6"),
        ("macs == 15470264320", "h is 7, and nothing else (224x224x3)"),
        ("macs >= 1", "holds for every h"),
        ("macs <= 1", "holds for no h"),
        ("macs == 4G", "holds for no h"),
    ],
)
def test_every_kind_of_answer_has_its_words(condition: str, answer: str) -> None:
    assert shown(*SQUARE, condition).splitlines()[0] == f"VGG-16, {condition}: {answer}"


def test_a_multiple_is_answered_for_the_symbol_and_for_the_size(tmp_path: Any) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("name: N\nsymbols: {H: 32*h}\ninput: HxHx3\nlayers: [conv f=3 p=1 d=1 bias=no]\n")
    text = shown(str(path), "--solve", "macs <= 1M")
    # 27 · 1024 h² ≤ 10⁶ up to h = 6, as 27,648 · 36 = 995,328.
    assert text.startswith("N, macs <= 1M: the largest h is 6 (H = 192, 192x192x3)")


def test_the_first_value_of_a_network_that_needs_a_large_input_is_told() -> None:
    text = shown("unet", "--input", "(32*h)x(32*h)x3", "--solve", "macs <= 200G")
    assert "h: any whole number from 6 up; with others the network cannot be built" in text


def test_numbers_that_prove_something_are_never_rounded() -> None:
    text = shown("vgg16", "--set", "classes=K", "--solve", "memory <= 650MiB", "--units", "si")
    assert "681,573,904" in text
    assert "681,590,296" in text
    assert "bytes of fp32 values, 4 each" in text


def test_chinese_words_for_the_answer() -> None:
    text = shown(*CLASSES, "--lang", "zh")
    assert text.startswith("VGG-16, params <= 136M: K最大为424")
    assert "单调递增" in text


def test_csv_has_the_rows_in_plain_digits() -> None:
    assert shown(*CLASSES, "--format", "csv").splitlines() == [
        "K,params,holds,classes,output",
        "any,4097K + 134260544,,K,1x1xK",
        ",<= 136000000,,,",
        "424,135997672,yes,424,1x1x424",
        "425,136001769,no,425,1x1x425",
    ]


def test_latex_writes_the_polynomial_as_a_formula() -> None:
    assert "$4097 K + 134260544$" in shown(*CLASSES, "--format", "latex")


def test_markdown_and_files_hold_the_same(tmp_path: Any) -> None:
    path = tmp_path / "answer.md"
    assert shown(*CLASSES, "--output-file", str(path)) == ""
    assert path.read_text("utf-8") == shown(*CLASSES, "--format", "markdown")


def test_an_ascii_output_gets_ascii() -> None:
    result = run("conv7x7", "--solve", "params <= 1M", encoding="ascii")
    assert result.returncode == 0
    assert result.stdout.isascii()
    assert "49C^2" in result.stdout


def test_json_has_the_whole_report_and_the_solution_in_its_schema() -> None:
    report = json.loads(shown(*CLASSES, "--format", "json"))
    schema = json.loads(files("rfcalc.report").joinpath("report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)
    assert len(report["layers"]) == 39
    (solution,) = report["solutions"]
    assert (solution["symbol"], solution["smallest"], solution["largest"]) == ("K", 1, 424)
    assert (solution["holds"], solution["exists"]) == ([1, 424], [1, None])
    assert solution["comparisons"] == [
        {
            "left": "params",
            "operator": "<=",
            "right": "136M",
            "left_value": {
                "text": "4097K + 134260544",
                "terms": [
                    {"coefficient": 4097, "powers": {"K": 1}},
                    {"coefficient": 134260544, "powers": {}},
                ],
            },
            "right_value": 136000000,
            "direction": 1,
        }
    ]
    assert solution["certificates"] == [
        {
            "value": value,
            "holds": holds,
            "analysed": True,
            "values": [[params, 136000000]],
            "params": {"classes": value},
            "inputs": [[224, 224, 3]],
            "outputs": [[1, 1, value]],
        }
        for value, holds, params in ((424, True, 135997672), (425, False, 136001769))
    ]


@pytest.mark.parametrize(
    "condition", ["macs <= 1", "macs >= 1", "macs == 4G", "params < 4096*h", "4G <= macs <= 15G"]
)
def test_json_keeps_to_its_schema_whatever_the_answer(condition: str) -> None:
    report = json.loads(shown(*SQUARE, condition, "--format", "json"))
    schema = json.loads(files("rfcalc.report").joinpath("report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)


def test_options_of_the_table_are_refused_beside_it() -> None:
    assert "leave out --depth, --top" in refused(*CLASSES, "--depth", "2", "--top", "3")
    assert "leave out --table" in refused(*CLASSES, "--table", "book")


def test_mistakes_in_the_condition_are_shown_with_a_caret() -> None:
    text = refused("vgg16", "--set", "classes=K", "--solve", "parms <= 136M")
    assert "--solve parms <= 136M" in text
    assert "did you mean 'params'?" in text
    assert "no symbol to solve for" in refused("vgg16", "--solve", "params <= 136M")
