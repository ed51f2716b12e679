"""What an analysed network shows of itself in Python: values, rows, tables, texts, and what it refuses."""

from __future__ import annotations

import copy
import csv
import json
import pickle
import re
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from html.parser import HTMLParser
from io import StringIO
from math import inf
from pathlib import Path
from threading import Thread

import numpy
import pytest
from effort import lines_run

import rfcalc
from rfcalc.cli.main import main
from rfcalc.errors import OF_OPTIONS

DATA = Path(__file__).parents[1] / "data"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints to standard output."""
    assert main(arguments) == 0
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def vgg() -> rfcalc.AnalysedNetwork:
    return rfcalc.analyze("vgg16")


# A layer by its name.


def test_a_layer_is_looked_up_by_its_name(vgg: rfcalc.AnalysedNetwork) -> None:
    # Simonyan and Zisserman 2015, configuration D; the field by hand: 3, 5, 6 behind the first pooling.
    assert vgg["conv1_1"].receptive_field == 3
    assert vgg["conv1_2"].receptive_field == 5
    assert vgg["pool1"].receptive_field == 6
    assert vgg["pool1"].output
    assert vgg["pool1"].output.sizes() == (112, 112, 64)
    assert vgg["conv1_1"].params == 3 * 3 * 3 * 64 + 64
    assert "conv1_1" in vgg
    assert "conv1_9" not in vgg


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("conv1_9", "did you mean 'conv1_"),
        ("", "the first is 'conv1_1'"),
        ("conv1_*", "the first is|did you mean"),
    ],
)
def test_a_name_of_no_layer_is_a_key_error_that_names_the_nearest(
    vgg: rfcalc.AnalysedNetwork, name: str, hint: str
) -> None:
    with pytest.raises(KeyError) as raised:
        vgg[name]
    assert isinstance(raised.value, rfcalc.UsageError)
    # KeyError itself would quote the sentence.
    assert re.match(f"VGG-16 has no layer {re.escape(repr(name))}; .*({hint})", str(raised.value))


def test_a_block_is_no_layer_and_its_layers_are_named() -> None:
    with pytest.raises(rfcalc.NoSuchLayer, match=r"it is a block: its layers are layer1\.0\.conv1, .*depth"):
        rfcalc.analyze("resnet50")["layer1"]


def test_a_field_is_one_number_only_where_it_is_the_same_everywhere() -> None:
    net = rfcalc.analyze(
        rfcalc.read_expression("conv f=1x3 p=0x1 d=2 as a; globalavgpool as b"), input=(8, 8, 3)
    )
    assert net["a"].receptive_field == (1, 3)
    # All 8 units: 8 positions, and along the other axis 2 more.
    assert net["b"].receptive_field == (8, 10)
    up = rfcalc.analyze(
        rfcalc.read_expression("maxpool f=2 s=2; conv f=3 p=1 d=8; deconv f=3 s=2 p=1 d=8 as up"),
        input=(64, 64, 3),
    )
    # Of neighbouring units one reads one unit of the convolution (2 · 3 pixels), the other two (2 · 4).
    assert up["up"].receptive_field == ((6, 8), (6, 8))


def test_a_field_by_a_global_path_is_infinite_and_what_sees_nothing_has_none() -> None:
    attention = rfcalc.analyze("vit-b16")
    last = attention.layers[-1]
    assert last.receptive_field == inf
    assert attention.rows(only=last.name)[0]["receptive_field"] == inf
    with_learned = rfcalc.analyze(
        rfcalc.read_expression("learned size=7x7x3 as own; conv f=3 d=4"), input=(7, 7, 3)
    )
    assert with_learned["own"].receptive_field is None


def test_a_symbol_stays_one() -> None:
    net = rfcalc.analyze("conv7x7", input=("H", "W", "2*C"))
    assert [str(size) for size in net.inputs[0].sizes()] == ["H", "W", "2C"]
    assert str(net.rows("params")[0]["params"]) == "98C²"


# What it is not.


def test_a_result_is_no_sequence_that_unpacks_by_accident(vgg: rfcalc.AnalysedNetwork) -> None:
    for result in (vgg, vgg["conv1_1"], vgg.totals, vgg.table(), vgg.explain(), rfcalc.load("vgg16")):
        assert not isinstance(result, tuple)
        with pytest.raises(TypeError):
            list(result)  # type: ignore[call-overload]  # that this is wrong is what is tested
        with pytest.raises(TypeError):
            len(result)  # type: ignore[arg-type]  # as above


def test_a_result_cannot_be_changed(vgg: rfcalc.AnalysedNetwork) -> None:
    with pytest.raises(AttributeError, match="frozen"):
        vgg.batch = 2  # type: ignore[misc]  # that this is wrong is what is tested
    with pytest.raises(AttributeError, match="frozen"):
        del vgg.batch


def test_a_result_goes_through_pickle_to_another_process(vgg: rfcalc.AnalysedNetwork) -> None:
    assert pickle.loads(pickle.dumps(vgg)).to_dict() == vgg.to_dict()


def test_what_is_kept_by_identity_does_not_go_along(vgg: rfcalc.AnalysedNetwork) -> None:
    # In another process the same number may be that of another layer's fields, whose figures it would have.
    assert all(layer.receptive_field for layer in vgg.layers)
    sent = len(pickle.dumps(vgg))
    assert sent == len(pickle.dumps(rfcalc.analyze("vgg16")))


def test_results_are_equal_where_all_is_that_they_hold(vgg: rfcalc.AnalysedNetwork) -> None:
    assert vgg != rfcalc.analyze("vgg16", input=(256, 256, 3))
    assert vgg != rfcalc.analyze("vgg16", batch=2)
    assert vgg["conv1_1"] != vgg["conv1_2"]
    for same in (rfcalc.analyze("vgg16"), pickle.loads(pickle.dumps(vgg)), copy.deepcopy(vgg)):
        assert vgg == same
        assert vgg["conv1_1"] == same["conv1_1"]
        assert len({vgg["conv1_1"], same["conv1_1"]}) == 1


def test_results_of_many_layers_are_compared_in_one_pass() -> None:
    text = "input: 64x64x8\nlayers:\n" + "  - conv f=3 p=1 d=8\n" * 1_000
    one, two = (rfcalc.analyze(rfcalc.read_text(text)) for _ in range(2))
    small = one._replace(layers=one.layers[:100]), two._replace(layers=two.layers[:100])
    equal, few = lines_run(lambda: small[0] == small[1])
    assert equal
    equal, lines = lines_run(lambda: one == two)
    assert equal and lines < 20 * few


# Rows.


def test_rows_are_what_csv_prints(vgg: rfcalc.AnalysedNetwork, capsys: pytest.CaptureFixture[str]) -> None:
    columns = "name,operation,output,rf,stride,centre,params,macs,params_share,memory,status"
    columns = columns.replace("memory", "activations")
    read = list(csv.reader(StringIO(printed(capsys, "vgg16", "--format", "csv", "--columns", columns))))
    rows = vgg.rows(columns.split(","))
    assert len(rows) == len(read) - 1
    for row, cells in zip(rows, read[1:], strict=True):
        assert list(row) == read[0]
        for value, cell in zip(row.values(), cells, strict=True):
            if isinstance(value, tuple):
                assert "x".join(map(str, value)) == cell
            elif isinstance(value, int | float):
                assert float(cell) == pytest.approx(value, rel=1e-5)
            elif value is None:
                assert cell in ("", "-", "–")
            else:
                assert cell == value


def test_the_usual_rows_say_how_sure_the_field_is(vgg: rfcalc.AnalysedNetwork) -> None:
    row = vgg.rows()[0]
    assert row == {
        "name": "conv1_1",
        "operation": "conv f=3 s=1 p=1 d=64",
        "output": (224, 224, 64),
        "receptive_field": 3,
        "stride": 1,
        "params": 1_792,
        "macs": 86_704_128,
        "status": "exact",
    }


def test_rows_fold_choose_and_sort_as_the_table_does() -> None:
    net = rfcalc.analyze("resnet50")
    assert [row["name"] for row in net.rows("name", depth=1)][-2:] == ["avgpool", "fc1"]
    costliest = net.rows(["name", "macs"], only="layer3.*", sort="macs", top=1)
    assert costliest == [{"name": "layer3.0.conv2", "macs": 115_605_504}]


def test_what_is_not_known_is_none_and_never_zero() -> None:
    text = "input: 8x8x3\nlayers:\n  - opaque type=Mystery size=8x8x4 as what\n  - conv f=3 d=2\n"
    row = rfcalc.analyze(rfcalc.read_text(text)).rows()[0]
    assert (row["params"], row["macs"], row["receptive_field"]) == (None, None, None)


# Records, tables, texts.


@pytest.mark.parametrize("network", ["vgg16", "conv7x7", "resnet18-blur", "vit-b16"])
def test_the_record_is_that_of_the_command_line(network: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert rfcalc.analyze(network).to_dict() == json.loads(printed(capsys, network, "--format", "json"))


def test_the_record_of_an_explanation_is_that_of_the_command_line(
    vgg: rfcalc.AnalysedNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads(printed(capsys, "explain", "vgg16", "conv1_1", "--format", "json"))
    assert vgg.explain("conv1_1").to_dict() == data


@pytest.mark.parametrize("format", ["simple", "markdown", "csv", "latex"])
def test_a_table_in_a_format_is_that_of_the_command_line(
    format: str, vgg: rfcalc.AnalysedNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--columns", "name,macs_share", "--units", "si", "--lang", "zh", "--format", format)
    table = vgg.table(["name", "macs_share"], units="si", language="zh")
    assert table.text(format) == printed(capsys, "vgg16", *options)


def test_an_explanation_is_text_and_markdown(
    vgg: rfcalc.AnalysedNetwork, capsys: pytest.CaptureFixture[str]
) -> None:
    explained = vgg.explain("conv1_1", "params")
    command = ("explain", "vgg16", "conv1_1", "--what", "params")
    assert f"{explained}\n" == printed(capsys, *command)
    assert explained._repr_markdown_() == printed(capsys, *command, "--format", "markdown")


def test_findings_are_those_of_the_check(vgg: rfcalc.AnalysedNetwork) -> None:
    assert vgg.check() == rfcalc.check("vgg16")
    assert {found.code for found in vgg.check(select="RF4")} == {"RF402"}
    assert repr(vgg.check(select="RF402")[0]).startswith("<vgg16.yaml:37:5: info[RF402]: fc6 holds ")


# What is shown unasked.


class Cells(HTMLParser):
    """The number of rows of an HTML table, and the words in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows, self.tags, self.words = 0, set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.rows += tag == "tr"
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


def test_the_repr_is_a_line(vgg: rfcalc.AnalysedNetwork) -> None:
    assert repr(vgg) == (
        "<AnalysedNetwork VGG-16: input 224x224x3, output 1x1x1000, 39 layers, receptive field 212, "
        "params 138,357,544, MACs 15,470,264,320>"
    )
    assert repr(vgg["conv1_1"]) == (
        "<conv1_1: conv, output 224x224x64, receptive field 3, params 1,792, MACs 86,704,128>"
    )
    assert repr(rfcalc.load("vgg16")) == "<Description of VGG-16: vgg16.yaml>"
    assert max(len(repr(each)) for each in (vgg.table(), vgg.explain(), rfcalc.compare("vgg11", vgg))) < 120
    assert repr(vgg.totals).startswith("<Totals: params 138,357,544, macs 15,470,264,320, ")


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        # 4097 parameters for each class, and 134,260,544 others.
        ("params <= 136M", "K from 1 to 424"),
        ("params <= 1M", "no K"),
        ("params >= 1M", "K from 1 to ∞"),
    ],
)
def test_the_repr_of_a_solution_is_the_answer(condition: str, values: str) -> None:
    solution = rfcalc.solve("vgg16", condition, params={"classes": "K"})
    assert repr(solution) == f"<Solution of VGG-16: {condition} for {values}>"


def test_a_short_network_is_shown_whole(vgg: rfcalc.AnalysedNetwork) -> None:
    assert str(vgg) == str(vgg.table())
    shown = Cells(vgg._repr_html_())
    assert shown.rows == 1 + 39 + 1
    assert "138,357,544" in shown.words


def test_of_a_deep_one_blocks_are_folded_no_further_than_needed() -> None:
    net = rfcalc.analyze("resnet50")
    assert str(net) == str(net.table(depth=2))
    assert "--" not in "".join(line for line in str(net).splitlines() if "rows stand" in line)


def test_three_thousand_layers_do_not_print_three_thousand_rows() -> None:
    layers = "".join("  - conv f=3 p=1 d=8\n" for _ in range(3000))
    net = rfcalc.analyze(rfcalc.read_text(f"input: 32x32x8\nlayers:\n{layers}"))
    assert Cells(net._repr_html_()).rows == 1 + 60 + 2
    assert len(str(net).splitlines()) < 80
    assert "60 of 3,000 rows shown" in str(net)
    assert len(net.rows()) == 3000
    longer = rfcalc.analyze(rfcalc.read_text(f"input: 32x32x8\nlayers:\n{layers}  - relu\n"))
    assert len(rfcalc.compare(net, longer)._repr_html_()) < 20_000


def test_names_are_no_markup_in_a_notebook() -> None:
    text = (
        "name: '<script>alert(1)</script>'\ninput: 8x8x3\nlayers:\n  - conv f=3 d=2 as a\n"
        "notes: [{layer: a, text: '<img src=x onerror=alert(2)>'}]\n"
    )
    net = rfcalc.analyze(rfcalc.read_text(text))
    for shown in (net._repr_html_(), rfcalc.compare(net, "conv7x7")._repr_html_()):
        assert not {"script", "img"} & Cells(shown).tags
    assert "<script>alert(1)</script>" in "".join(Cells(net._repr_html_()).words)
    assert "<script" not in net.explain("a")._repr_markdown_()


def test_no_name_commands_a_terminal() -> None:
    described = rfcalc.read_text('name: "a\\u202eb"\ninput: 8x8x3\nlayers:\n  - conv f=3 d=2 as c\n')
    net = rfcalc.analyze(described)
    for shown in (described, net, net["c"], net.explain("c"), net.table(), rfcalc.compare(net, "vgg16")):
        assert repr(shown).isprintable()
        assert "\u202e" not in str(shown)


def test_colours_are_left_to_the_notebook(vgg: rfcalc.AnalysedNetwork) -> None:
    assert not re.search("#[0-9a-f]{3}|(?<!-)color:(?!var|inherit)", vgg._repr_html_())


def test_names_of_layers_complete(vgg: rfcalc.AnalysedNetwork) -> None:
    assert vgg._ipython_key_completions_()[:2] == ["conv1_1", "relu1"]


# Comparisons.


def test_a_comparison_has_text_tables_and_the_record_of_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = rfcalc.compare("resnet18", "resnet34")
    data = json.loads(printed(capsys, "compare", "resnet18", "resnet34", "--format", "json"))
    for network in data["networks"]:
        network["name"] = network["network"]["name"]
    assert found.to_dict() == data
    assert not found.equal
    summary = {row["figure"]: row for row in found.summary().rows()}
    # torchvision 0.20: 21,797,672 and 11,689,512 parameters.
    assert summary["params"]["difference"] == 21_797_672 - 11_689_512
    rows = found.rows()
    assert sum(row["params_difference"] for row in rows) == 21_797_672 - 11_689_512  # type: ignore[misc]  # numbers
    assert {row["change"] for row in rows} <= {None, "inserted", "changed", "removed", "resized"}
    assert str(found).startswith("B ResNet-34 against A ResNet-18\n")
    assert "| params " in found.summary().text("markdown") or "parameters" in found.summary().text("markdown")


def test_an_equal_network_is_equal(vgg: rfcalc.AnalysedNetwork) -> None:
    assert rfcalc.compare(vgg, "vgg16").equal


def test_several_are_compared_with_the_first(vgg: rfcalc.AnalysedNetwork) -> None:
    found = rfcalc.compare("vgg11", "vgg13", vgg)
    assert [network.letter for network in found.networks] == ["A", "B", "C"]
    with pytest.raises(rfcalc.UsageError, match="side by side for two networks, these are 3"):
        found.table()
    with pytest.raises(rfcalc.UsageError, match="from 2 to 26 networks are compared, got 1"):
        rfcalc.compare(vgg)


# What networks are made of, and at which size.


@pytest.mark.parametrize(
    "input", [(320, 320, 3), [320, 320, 3], "320x320x3", "3,320,320", {"": (320, 320, 3)}, (320, "320", 3)]
)
def test_a_size_is_a_tuple_or_text(input: rfcalc.InputGiven) -> None:
    net = rfcalc.analyze("vgg16", input=input, params={"classes": 10})
    assert net.inputs[0].sizes() == (320, 320, 3)
    assert net.inputs == rfcalc.analyze(rfcalc.load("vgg16"), input=input).inputs


@pytest.mark.parametrize("input", [(320, 320.5, 3), 320, (True, 3, 3), (None,)])
def test_what_is_no_size_is_refused(input: object) -> None:
    with pytest.raises(rfcalc.UsageError, match=r"a size such as \(320, 320, 3\)|a length is a whole number"):
        rfcalc.analyze("vgg16", input=input)  # type: ignore[arg-type]  # that this is wrong is what is tested


def test_a_model_is_read_at_its_size_and_has_all_methods() -> None:
    net = rfcalc.analyze(DATA / "onnx" / "resnet50-legacy.onnx", input=(160, 160, 3))
    assert net.inputs[0].sizes() == (160, 160, 3)
    assert len(net.rows(depth=1)) == 9
    assert rfcalc.load(DATA / "onnx" / "resnet50-legacy.onnx", input=(160, 160, 3)).imported
    net.check()
    net.explain()
    program = next((DATA / "pt2").glob("*.pt2"))
    assert rfcalc.analyze(program).rows()


def test_a_part_of_a_network_can_be_checked() -> None:
    from rfcalc.description import leading_to

    net = rfcalc.analyze(leading_to(rfcalc.load("resnet50"), ["layer2"]))
    assert net.part
    assert net.rows(depth=1)[-1]["name"] == "layer2"
    assert not [found for found in net.check() if found.code == "RF901"]


# Errors speak of arguments.


def mistakes() -> dict[str, object]:
    small = rfcalc.analyze(rfcalc.read_expression("conv f=3 d=1"), input="8x8x1")
    return {
        "params": lambda: rfcalc.analyze("vgg16", params={"classs": 3}),
        "of params": lambda: rfcalc.analyze("vgg16", params={"classes": "3*"}),
        "input": lambda: rfcalc.analyze("vgg16", input="7by7"),
        "inputs": lambda: rfcalc.analyze("siamese", input="3x3x3"),
        "no input": lambda: rfcalc.analyze(rfcalc.read_expression("relu")),
        "columns": lambda: rfcalc.analyze("vgg16").table("rff"),
        "only": lambda: rfcalc.analyze("vgg16").rows(only="conv9*"),
        "depth": lambda: rfcalc.analyze("vgg16").rows(depth=0),
        "units": lambda: rfcalc.analyze("vgg16").table(units="SI"),  # type: ignore[arg-type]  # tested
        "language": lambda: rfcalc.analyze("vgg16").table(language="fr"),  # type: ignore[arg-type]  # tested
        **{
            f"language of {method}": partial(getattr(small, method), language="fr")
            for method in ("explain", "locate", "sizes", "tile", "growth")
        },
        "dtype": lambda: rfcalc.analyze("vgg16").table(dtype="int9"),
        "format": lambda: rfcalc.analyze("vgg16").table().text("markdwn"),
        "layer": lambda: rfcalc.analyze("vgg16").explain("nothing of the kind"),
        "what": lambda: rfcalc.analyze("vgg16").explain("conv1_1", "cost"),
        "what of the network": lambda: rfcalc.analyze("vgg16").explain(what="size"),
        "select": lambda: rfcalc.analyze("vgg16").check(select="RF9999"),
        "solve": lambda: rfcalc.solve("vgg16", "params <= 1M"),
        "max_layers": lambda: rfcalc.analyze(rfcalc.load("resnet152", max_layers=10)),
        "name": lambda: rfcalc.load("vgg61"),
        "params of a file": lambda: rfcalc.load(DATA / "onnx" / "resnet50-legacy.onnx", params={"a": 1}),
    }


@pytest.mark.parametrize("which", mistakes())
def test_an_error_of_the_library_speaks_of_its_arguments(which: str) -> None:
    with pytest.raises(rfcalc.RfcalcError) as raised:
        mistakes()[which]()  # type: ignore[operator]  # each is a function
    assert "--" not in str(raised.value).replace("---", "")
    assert "command line" not in str(raised.value)


def test_an_argument_is_shown_as_it_was_given() -> None:
    with pytest.raises(rfcalc.DescriptionError) as raised:
        rfcalc.analyze("vgg16", params={"classes": "3*"})
    assert str(raised.value).splitlines()[:2] == [
        "<arguments>:1:23: error: expected a number or a name, found the end",
        "  1 | params['classes'] = 3*",
    ]


def test_the_command_line_speaks_of_options_and_leaves_the_library_as_it_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(("vgg16", "--set", "classes=3*")) == 2
    assert "<command line>:1:17: error" in capsys.readouterr().err
    with pytest.raises(rfcalc.DescriptionError, match="<arguments>"):
        rfcalc.analyze("vgg16", params={"classes": "3*"})


def test_the_library_speaks_of_arguments_beside_a_run_of_the_command_line() -> None:
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(rfcalc.DescriptionError) as raised:
            rfcalc.analyze("vgg16", params={"classes": "3*"})
        said.append(str(raised.value))

    before = OF_OPTIONS.set(True)
    try:
        other = Thread(target=ask)
        other.start()
        other.join()
        ask()
    finally:
        OF_OPTIONS.reset(before)
    assert [text.partition(":")[0] for text in said] == ["<arguments>", "<command line>"]


@pytest.mark.parametrize(
    ("given", "shown", "name"),
    [
        ({"params": {"clases": 10}}, "params['clases'] = 10", "'clases'"),
        ({"input": {"imge": (8, 8, 3)}}, "input['imge'] = 8x8x3", "'imge'"),
    ],
)
def test_the_caret_of_an_unknown_name_stands_under_the_name(
    given: dict[str, dict[str, object]], shown: str, name: str
) -> None:
    with pytest.raises(rfcalc.DescriptionError) as raised:
        rfcalc.analyze("vgg16", **given)  # type: ignore[arg-type]
    _, line, carets, *_ = str(raised.value).splitlines()
    assert line == f"  1 | {shown}"
    start = line.index(name)
    assert carets == "    |".ljust(start) + "^" * len(name)


@pytest.mark.parametrize("value", [None, [10], (3, 5), object])
def test_what_is_no_value_of_a_parameter_is_refused_and_no_symbol(value: object) -> None:
    with pytest.raises(rfcalc.UsageError, match="'classes' is a number, a truth value or text"):
        rfcalc.analyze("vgg16", params={"classes": value})


def test_parameters_that_are_not_given_by_name_are_refused() -> None:
    with pytest.raises(rfcalc.UsageError, match="params has values by name"):
        rfcalc.analyze("vgg16", params=[10])  # type: ignore[arg-type]


def test_numbers_of_any_kind_are_values_of_parameters() -> None:
    half = rfcalc.analyze("mobilenet-v1", params={"alpha": 0.5}).totals.params
    for value in (Fraction(1, 2), numpy.float32(0.5), "0.5", "1/2"):
        assert rfcalc.analyze("mobilenet-v1", params={"alpha": value}).totals.params == half
    for value in (10, numpy.int64(10), "10"):
        assert rfcalc.analyze("vgg16", params={"classes": value}).totals.params == 134_301_514


def test_rows_are_left_out_by_name_and_by_operator(vgg: rfcalc.AnalysedNetwork) -> None:
    names = [row["name"] for row in vgg.rows(hide="relu,dropout,pool*")]
    assert names == [layer.name for layer in vgg.layers if layer.op not in ("relu", "dropout", "maxpool")]
    assert names == [row["name"] for row in vgg.table(hide=("relu", "dropout", "maxpool")).rows()]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda net: net.rows(only=3), "expected words, or text in which commas join them, got 3"),
        (lambda net: net.rows(["name", 3]), "expected words"),
        (lambda net: net.explain("conv1_1", 3), "expected words"),
        (lambda net: net.rows(top="x"), "top is a whole number of at least 1, got 'x'"),
        (lambda net: net.rows(depth=1.5), "depth is a whole number of at least 1, got 1.5"),
        (lambda net: net[0], "a layer is looked up by its name, got 0"),
        (lambda net: net[1:3], "a layer is looked up by its name"),
    ],
)
def test_an_argument_of_another_kind_is_refused_in_words(
    vgg: rfcalc.AnalysedNetwork, ask: Callable[[rfcalc.AnalysedNetwork], object], told: str
) -> None:
    with pytest.raises(rfcalc.UsageError, match=re.escape(told)):
        ask(vgg)


def test_units_are_located_as_the_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    network = rfcalc.analyze("vgg16")
    corner = network.locate("pool5", (0, 0), pixel=(100, 100), box=((0, 63), (0, 63)))
    ((source, field),) = corner.units[0].fields
    assert (source, field.box, field.positions) == (0, ((0, 121), (0, 121)), 122 * 122)
    assert (field.whole, field.centre) == (((-90, 121), (-90, 121)), (15.5, 15.5))
    assert [each.number for each in corner.regions] == [36, 25, 0]
    words = ["locate", "vgg16", "pool5", "0,0", "--pixel", "100,100", "--box", "0-63,0-63"]
    assert main(words) == 0
    assert capsys.readouterr().out == corner.text()
    assert main([*words, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == corner.to_dict()
    assert corner.rows()[0]["last"] == (121, 121)
    assert repr(corner) == "<Location of pool5 of VGG-16: 1 unit, 3 regions>"
    assert "<table" in corner._repr_html_()
    assert len(network.locate("pool5", every=True).units) == 49


def test_fields_grow_as_the_command_says(capsys: pytest.CaptureFixture[str]) -> None:
    growth = rfcalc.analyze("lenet5").growth()
    assert main(["field", "lenet5"]) == 0
    # The command calls a network as it was given, the library by its own name.
    printed = capsys.readouterr().out.replace("lenet5:", "LeNet-5:").replace("--all", "every=True")
    assert printed == growth.text()
    assert main(["field", "lenet5", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    (own,) = growth.to_dict()["networks"]  # type: ignore[misc]
    assert said["networks"][0] == {**own, "name": "lenet5"}  # type: ignore[dict-item]
    assert len(growth.rows()) == len(rfcalc.analyze("lenet5").layers)
    assert len(growth.rows(every=False)) < len(growth.rows())
    assert repr(growth) == "<FieldGrowth of LeNet-5>"
    assert "<svg" in growth._repr_html_() and "<table" in growth._repr_html_()


def test_fields_of_compared_networks_grow_side_by_side() -> None:
    growth = rfcalc.compare("lenet5", "vgg16").growth()
    assert repr(growth) == "<FieldGrowth of LeNet-5, VGG-16>"
    assert {row["network"] for row in growth.rows(summary=True)} == {"LeNet-5", "VGG-16"}
    assert len(growth.tables()) == 3


def test_symbols_have_no_picture_in_a_notebook() -> None:
    growth = rfcalc.analyze("conv7x7").growth()
    assert "<svg" not in growth._repr_html_()
    with pytest.raises(rfcalc.UsageError, match="give numbers with input and params"):
        growth.chart()


def test_a_wrong_unit_is_answered_in_words_of_python() -> None:
    network = rfcalc.analyze("vgg16")
    with pytest.raises(
        rfcalc.UsageError, match=r"'7,0' lies outside of the map; a unit of pool5 is 0,0 to 6,6"
    ):
        network.locate("pool5", (7, 0))
    with pytest.raises(rfcalc.UsageError, match=r"pixel='224,0' lies outside of the input"):
        network.locate("pool5", pixel=(224, 0))
    with pytest.raises(rfcalc.UsageError, match="no layer of VGG-16"):
        network.locate("pool6", (0, 0))


def test_the_text_of_a_description_is_no_name() -> None:
    with pytest.raises(rfcalc.UsageError, match=r"is read by read_text\(\)"):
        rfcalc.analyze("input: 32x32x3\nlayers:\n  - conv f=3 d=8\n")


def test_a_drawing_is_that_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    drawing = rfcalc.analyze("resnet50").draw(block="bottleneck")
    assert main(["draw", "resnet50", "--block", "bottleneck", "--format", "svg"]) == 0
    assert capsys.readouterr().out == drawing.svg()
    assert str(drawing).startswith("flowchart TD\n")
    assert repr(drawing) == "<ShownDrawing: bottleneck>"
    assert main(["draw", "alexnet", "--style", "volumes", "--format", "svg"]) == 0
    volumes = rfcalc.analyze("alexnet").draw(style="volumes")
    assert capsys.readouterr().out == volumes.svg()
    assert main(["draw", "alexnet", "--style", "volumes", "--format", "tikz"]) == 0
    assert capsys.readouterr().out == volumes.tikz()
    with pytest.raises(rfcalc.UsageError, match="style is one of boxes, volumes, got 'cubes'"):
        rfcalc.analyze("alexnet").draw(style="cubes")  # type: ignore[arg-type]
    with pytest.raises(rfcalc.UsageError, match="every shows every layer and depth folds"):
        rfcalc.analyze("resnet50").draw(depth=1, every=True)
