"""`rfcalc explain` as it is used: formats, languages, terminals, names, and mistakes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rfcalc.cli.main import main

CASES = Path(__file__).parents[1] / "data" / "cases"


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def mistake(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def run(*arguments: str, **environment: str) -> str:
    """The output of a process of its own, on a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "rfcalc", "explain", *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.decode("utf-8")


def test_a_derivation_is_definition_numbers_and_result_line_by_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = output_of(capsys, "alexnet", "conv1", "--what", "size").splitlines()
    place = lines.index("  height and width = floor((n + p0 + p1 − r · (f − 1) − 1) / s) + 1")
    assert lines[place + 1 : place + 4] == [
        "                   = floor((227 + 0 + 0 − 1 · (11 − 1) − 1) / 4) + 1",
        "                   = 55",
        "  channels = d = 96",
    ]
    assert any(line.split() == ["s", "4", "stride", "attribute", "s=4"] for line in lines)
    assert "Source: 解析卷积神经网络 section 3.1; Dumoulin and Visin 2016." in lines


def test_the_chain_of_vgg16_adds_up_to_212(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "vgg16")
    rows = [
        line.split() for line in out.splitlines() if re.match(r"(conv|pool)\d", line) and "window" in line
    ]
    assert [int(row[-1]) for row in rows] == [
        *(3, 5, 6, 10, 14, 16, 24, 32, 40, 44, 60, 76, 92, 100, 132, 164, 196, 212),
    ]
    # Broken over two lines of at most 100 characters.
    total = " ".join(out.partition("stride\n        = ")[2].partition("\n        = ")[0].split())
    assert total == (
        "1 + 2 · (2 · 1) + 1 · 1 + 2 · (2 · 2) + 1 · 2 + 3 · (2 · 4) + 1 · 4 + 3 · (2 · 8) + 1 · 8 "
        "+ 3 · (2 · 16) + 1 · 16"
    )
    assert "\n        = 212\n" in out


@pytest.mark.parametrize("network", ["vgg16", "resnet50", "unet", "densenet121"])
def test_no_line_on_a_pipe_is_longer_than_100_characters_but_for_tables(
    network: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in output_of(capsys, network).splitlines():
        assert len(line) <= 100 or "window" in line


def test_the_subjects_asked_for_come_in_their_order_and_once(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "vgg16", "conv1_1", *("--what", "macs", "--what", "size", "--what", "macs"))
    titles = [title for title in ("Output size", "Receptive field", "Multiply-adds") if f"\n{title}\n" in out]
    assert titles == ["Output size", "Multiply-adds"]
    assert out.index("Output size") < out.index("Multiply-adds")
    assert out.count("\nMultiply-adds\n") == 1


def test_a_block_says_which_layer_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "resnet50", "layer3", "--what", "size")
    assert "layer3 is a block of 62 layers; explained is the last of them, layer3.5.relu3" in out


def test_it_speaks_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "vgg16", "conv1_1", "--lang", "zh")
    for phrase in (
        "卷积操作",
        "输出大小",
        "高度与宽度 = ",
        "感受野",
        "参数量",
        "乘加数",
        "参数字节数",
        "核大小",
    ):
        assert phrase in out
    # What is left in Latin letters are names, among them that of the input, formulas, sources and units.
    words = re.sub(r"`[^`]*`|（input）|^input ", "", out, flags=re.MULTILINE)
    assert not re.findall(r"\b(?:the|of|input|output|layer|stride|default|attribute)\b", words)


def test_latex_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, str(CASES / "branch_misaligned.yaml"), "post", "--format", "latex")
    assert r"\text{branch\_misaligned}" not in out
    assert out.count(r"\begin{align*}") == out.count(r"\end{align*}") >= 4
    assert r"\left\lfloor \frac{n + p_0 + p_1 - r \cdot \left(f - 1\right) - 1}{s} \right\rfloor + 1" in out
    assert r"&= 1 + 2 \cdot 1 + 2 \cdot 2 \\" in out
    assert_latex_is_balanced(out)


def test_latex_escapes_names(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "vgg16", "conv1_1", "--format", "latex")
    assert_latex_is_balanced(out)
    out = output_of(capsys, "-e", "attention as a_b", "--input", "4x4x8", "a_b", "--format", "latex")
    assert r"\text{query\_bias} &= e" in out
    assert_latex_is_balanced(out)


def test_latex_has_results_with_thousands_and_powers(capsys: pytest.CaptureFixture[str]) -> None:
    assert "&= 102{,}760{,}448" in output_of(capsys, "vgg16", "fc6", "--format", "latex", "--what", "params")
    assert "&= 49 C^{2}" in output_of(capsys, "conv7x7", "conv1", "--format", "latex", "--what", "params")


def assert_latex_is_balanced(text: str) -> None:
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    depth = 0
    for mark in re.findall(r"(?<!\\)[{}]", body):
        depth += 1 if mark == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert body.count(r"\left") == body.count(r"\right")
    assert len(re.findall(r"(?<!\\)\$", body)) % 2 == 0
    outside = re.sub(r"\\begin\{(align\*|tabular)\}.*?\\end\{\1\}|\$[^$]*\$", "", body, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)[_^&%#]", outside)
    assert not re.search("[Σ∏Π·−≥≤]", body)


def test_markdown_has_headings_fenced_formulas_and_tables(capsys: pytest.CaptureFixture[str]) -> None:
    out = output_of(capsys, "vgg16", "conv1_1", "--what", "params", "--format", "markdown")
    assert out.startswith("## conv1_1 of VGG-16: convolution\n")
    assert "### Parameters\n\n```text\n  weight = d · (c / g) · Πf\n" in out
    assert "| name | value | meaning         | from              |" in out


def test_the_suffix_of_a_file_decides_the_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix, beginning in ((".tex", "% pool5"), (".md", "## pool5"), (".json", "{"), (".txt", "pool5 of")):
        file = tmp_path / f"explained{suffix}"
        assert output_of(capsys, "vgg16", "-o", str(file)) == ""
        assert file.read_text("utf-8").startswith(beginning)


def test_ascii_is_enough_where_there_is_no_more() -> None:
    out = run("unet", "up4", PYTHONIOENCODING="ascii")
    assert out.isascii()
    assert "  height and width = (n - 1) * s - p0 - p1 + r * (f - 1) + output_padding + 1\n" in out
    assert "multiply-adds = prod(n) * c * (d / g) * prod(f)" in out
    assert "?" not in out


def test_symbols_are_readable_in_ascii() -> None:
    out = run("conv7x7", "conv1", "--what", "macs", PYTHONIOENCODING="ascii")
    assert "= H * W * C * (C / 1) * 7 * 7\n                = 49C^2HW\n" in out
    assert "FLOPs = 2 *\nMACs = 98C^2HW." in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vgg16", "conv9"), "no layer of VGG-16 is called 'conv9'; did you mean 'conv"),
        (("vgg16", "conv5"), "names with it: conv5_1, conv5_2, conv5_3"),
        (("resnet50", "laier3"), "did you mean 'layer3'?"),
        (("vgg16", "conv5_*"), "matches 3 layers, conv5_1, conv5_2, conv5_3; one is meant"),
        (("vgg16", "nothing*"), "no layer of VGG-16 matches 'nothing*'"),
        (("vgg16", "input"), "'input' is an input of the network: 224x224x3"),
        (("vgg16", ""), "no layer of VGG-16 is called ''"),
        (("vgg61",), "no shipped network is called 'vgg61'"),
        (("vgg16", "a", "b"), "one layer at a time, got 'a', 'b'"),
        (("-e", "relu", "--input", "2x2x2", "relu1", "relu2"), "one layer at a time, got 'relu1', 'relu2'"),
        (("vgg16", "--what", "params"), "which layer? --what params explains a figure of one"),
        (("vgg16", "conv1_1", "--what", "param"), "did you mean 'params'?"),
        (("vgg16", "conv1_1", "--format", "csv"), "'csv' is none of text, markdown, latex, json"),
        (
            ("vgg16", "-o", "x.csv"),
            ".csv is csv, which this command does not write; it writes .txt, .md, .tex and .json",
        ),
        ((), "which network?"),
    ],
)
def test_a_mistake_is_answered_with_what_is_right(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in mistake(capsys, *arguments)


def test_a_network_that_is_a_plain_vector_has_no_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert "depends on no input along an axis" in output_of(capsys, "-e", "fc d=3", "--input", "8", "fc1")


def test_a_network_covered_whole_at_once_asks_for_a_layer(capsys: pytest.CaptureFixture[str]) -> None:
    assert "name a layer" in mistake(capsys, "-e", "globalavgpool", "--input", "8x8x3")


def test_control_characters_in_a_description_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "a\x1b[31mb.yaml"
    file.write_text("input: 8x8x3\nlayers: [relu]\n", "utf-8")
    for name in ("text", "markdown", "latex"):
        assert "\x1b" not in output_of(capsys, str(file), "relu1", "--format", name)


def completions(*words: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-m", "rfcalc"],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "_RFCALC_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["rfcalc", *words]),
            "COMP_CWORD": str(len(words)),
        },
    )
    assert result.stderr == ""
    return {line.partition(",")[2] for line in result.stdout.splitlines()}


def test_completion_offers_networks_then_layers_and_blocks() -> None:
    assert {"vgg16", "vgg19"} <= completions("explain", "vgg1")
    assert {"conv5_1", "conv5_3"} <= completions("explain", "vgg16", "conv5")
    assert "layer3" in completions("explain", "resnet50", "lay")
    assert completions("explain", "nonsense", "con") <= {""}
    assert {"macs", "memory"} <= completions("explain", "vgg16", "conv5_1", "--what", "m")


def test_the_schema_is_printed_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "explain"]) == 0
    assert '"$id": "rfcalc.explain/1"' in capsys.readouterr().out
    assert main(["schema", "explian"]) == 2
    assert "did you mean 'explain'?" in capsys.readouterr().err


def test_what_is_the_same_along_several_axes_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    layers = ("-e", "reshape to=64x3; attention heads=1", "--what", "field", "--input")
    text = " ".join(output_of(capsys, *layers, "8x8x3").split())
    assert text.count("the field is") == text.count("Along height and width the field is 1.") == 1
    assert text.count("8 positions along") == text.count("8 positions along height and width") == 1
    # Of a field that differs each axis has its own sentences.
    text = " ".join(output_of(capsys, *layers, "4x16x3").split())
    assert "4 positions along height." in text
    assert "16 positions along width." in text
