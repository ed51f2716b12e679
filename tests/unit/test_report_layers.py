"""The table of layers: columns, folding, selection, totals and notes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rfcalc import analyze, load, read_expression, read_text
from rfcalc.analysis.analyze import totals_of
from rfcalc.analysis.network import LayerAnalysis, NetworkAnalysis
from rfcalc.errors import UsageError
from rfcalc.report.cells import Amount, Share, Style
from rfcalc.report.network_table.columns import COLUMNS, DEFAULT_COLUMNS, find_column
from rfcalc.report.network_table.layers import build_table
from rfcalc.report.table import Table, View
from rfcalc.units import number_formats

PLAIN = Style(grouped=False)
EVERY_COLUMN = tuple(column.name for column in COLUMNS)

# Two blocks of one convolution and one activation each; every figure below is counted by hand.
SMALL = """
name: Small
source: nobody
input: 8x8x3
blocks:
  pair(d): [conv f=3 p=1 d=d, relu]
layers:
  - pair d=4 as first
  - maxpool f=2 s=2 as pool
  - {repeat: 2, do: [pair d=4], as: stage}
  - fc d=5 as classifier
"""
# 3x3x3x4 + 4 = 112, twice 3x3x4x4 + 4 = 148, and 4x4x4x5 + 5 = 325 parameters.
SMALL_PARAMS = 112 + 148 + 148 + 325
# 108 weights at 64 positions, 144 at 16 positions twice, and 320.
SMALL_MACS = 108 * 64 + 2 * 144 * 16 + 320


@pytest.fixture(scope="module")
def small() -> NetworkAnalysis:
    return analyze(read_text(SMALL))


def texts(table: Table, column: str) -> list[str]:
    """The cells of one column, rows and totals."""
    index = [heading.name for heading in table.headings].index(column)
    return [row[index].text(PLAIN) for row in (*table.rows, *table.totals)]


def notes(table: Table) -> str:
    return "\n".join(note.text for note in table.notes)


def test_the_default_columns_are_those_that_say_so(small: NetworkAnalysis) -> None:
    table = build_table(small, View())
    assert [heading.name for heading in table.headings] == [
        "name",
        "operation",
        "output",
        "receptive_field",
        "stride",
        "params",
        "macs",
    ]
    assert [column.name for column in DEFAULT_COLUMNS] == [heading.name for heading in table.headings]


def test_the_title_names_network_source_and_sizes(small: NetworkAnalysis) -> None:
    assert build_table(small, View()).title == "Small (nobody): input 8x8x3, output 1x1x5"


def test_every_layer_has_a_row_and_the_totals_are_those_of_the_network(small: NetworkAnalysis) -> None:
    table = build_table(small, View(("name", "params", "macs", "flops")))
    assert len(table.rows) == 8
    assert texts(table, "name")[-1] == "total"
    assert texts(table, "params")[-1] == str(SMALL_PARAMS)
    assert texts(table, "macs")[-1] == str(SMALL_MACS)
    assert texts(table, "flops")[-1] == str(2 * SMALL_MACS)


@pytest.mark.parametrize("network", ["vgg16", "resnet50", "googlenet", "densenet121", "efficientnet-b0"])
@pytest.mark.parametrize("depth", [None, 1, 2])
def test_every_summed_column_adds_up_to_its_total(network: str, depth: int | None) -> None:
    summed = tuple(column.name for column in COLUMNS if column.summed and "share" not in column.name)
    table = build_table(analyze(load(network)), View(summed, depth))
    for name in summed:
        *rows, total = map(int, texts(table, name))
        assert sum(rows) == total, name


def test_the_totals_of_the_table_are_those_of_the_analysis() -> None:
    analysis = analyze(load("resnet18"), batch=3)
    table = build_table(analysis, View(("params", "macs", "activations", "add")))
    totals = analysis.totals
    expected = (totals.params, totals.macs, totals.activations, totals.work.add)
    assert [texts(table, name)[-1] for name in ("params", "macs", "activations", "add")] == list(
        map(str, expected)
    )


def test_shares_are_of_the_whole_network(small: NetworkAnalysis) -> None:
    table = build_table(small, View(("name", "params_share"), only=("classifier",)))
    # 325 of 733 parameters.
    assert texts(table, "params_share") == ["44.3383", "44.3383", "100"]


def test_a_program_reads_a_small_share_as_a_number() -> None:
    assert Share(1, 4000).text(Style()) == "<0.1"
    assert Share(3999, 4000).text(Style()) == ">99.9"
    assert Share(1, 4000).text(Style(grouped=False)) == "0.025"
    assert Share(3999, 4000).text(Style(grouped=False)) == "99.975"


def test_folding_replaces_a_block_by_its_sums(small: NetworkAnalysis) -> None:
    table = build_table(small, View(("name", "op", "inputs", "output", "receptive_field", "params"), 1))
    assert texts(table, "name") == ["first", "pool", "stage", "classifier", "total"]
    assert texts(table, "op") == ["pair", "maxpool", "2 x pair", "fc", ""]
    assert texts(table, "inputs")[:4] == ["8x8x3", "8x8x4", "4x4x4", "4x4x4"]
    assert texts(table, "output")[:4] == ["8x8x4", "4x4x4", "4x4x4", "1x1x5"]
    # The field of the last layer: 3; 4 after the pool; 4 + 2·2·2 after two more 3x3 at stride 2.
    assert texts(table, "receptive_field")[:3] == ["3", "4", "12"]
    assert texts(table, "params") == ["112", "0", "296", "325", "733"]


def test_folding_deeper_keeps_the_turns_of_a_repeat_apart(small: NetworkAnalysis) -> None:
    table = build_table(small, View(("name", "op"), 2))
    assert texts(table, "name")[3:5] == ["stage.0", "stage.1"]
    assert texts(table, "op")[3:5] == ["pair", "pair"]


def test_the_layers_of_a_scope_that_others_stand_between_are_one_row() -> None:
    layers = "[conv f=1 d=4 as a.x, relu, conv f=1 d=4 as b.x, conv f=1 d=4 as a.y]"
    table = build_table(analyze(read_text(f"input: 8x8x4\nlayers: {layers}\n")), View(("name", "params"), 1))
    assert texts(table, "name") == ["a", "relu1", "b", "total"]
    assert texts(table, "params") == ["40", "0", "20", "60"]


def test_folding_is_told_in_a_note(small: NetworkAnalysis) -> None:
    assert "2 rows stand for 6 layers" in notes(build_table(small, View(depth=1)))
    assert "stand for" not in notes(build_table(small, View()))


def test_a_glob_selects_layers_and_a_block_stands_for_what_is_in_it(small: NetworkAnalysis) -> None:
    by_glob = build_table(small, View(("name",), only=("stage.*",)))
    by_block = build_table(small, View(("name",), only=("stage",)))
    assert texts(by_glob, "name") == texts(by_block, "name")
    assert texts(by_glob, "name")[:2] == ["stage.0.conv1", "stage.0.relu1"]


def test_rows_left_out_leave_the_total_and_add_a_line_of_what_is_shown(small: NetworkAnalysis) -> None:
    table = build_table(small, View(("name", "params"), only=("stage", "pool")))
    assert texts(table, "name")[-2:] == ["shown", "total"]
    assert texts(table, "params")[-2:] == ["296", "733"]
    assert "5 of 8 rows shown" in notes(table)


def test_a_glob_that_matches_nothing_is_answered_with_the_nearest_name(small: NetworkAnalysis) -> None:
    with pytest.raises(UsageError, match=r"no layer matches 'stge'; did you mean 'stage'\?"):
        build_table(small, View(only=("stge",)))


def test_one_of_several_globs_that_matches_nothing_is_told_as_well(small: NetworkAnalysis) -> None:
    with pytest.raises(UsageError, match="no layer matches 'nothing'"):
        build_table(small, View(only=("stage", "nothing")))


def test_sorting_puts_large_numbers_first_and_top_cuts_the_rest(small: NetworkAnalysis) -> None:
    table = build_table(small, View(("name", "params"), sort="params", top=2))
    assert texts(table, "name") == ["classifier", "stage.0.conv1", "shown", "total"]


def test_sorting_is_stable_and_takes_a_column_that_is_not_shown(small: NetworkAnalysis) -> None:
    table = build_table(small, View(("name",), sort="macs"))
    assert texts(table, "name")[:4] == ["first.conv1", "stage.0.conv1", "stage.1.conv1", "classifier"]


def test_sorting_by_name_is_alphabetical(small: NetworkAnalysis) -> None:
    names = texts(build_table(small, View(("name",), sort="name")), "name")
    assert names == sorted(names)


def test_a_column_is_found_by_other_spellings() -> None:
    assert find_column("rf").name == "receptive_field"
    assert find_column("receptive-field").name == "receptive_field"
    assert find_column(" MACs ").name == "macs"


@pytest.mark.parametrize("name", ["parms", "receptivefield", "maccs"])
def test_a_wrong_column_is_answered_with_the_nearest(name: str) -> None:
    with pytest.raises(UsageError, match=r"did you mean"):
        find_column(name)


def test_a_column_like_no_other_is_answered_with_all_of_them() -> None:
    with pytest.raises(UsageError, match="columns are name, operation"):
        find_column("zzz")


@pytest.mark.parametrize("name", ["", " ", "-"])
def test_an_empty_column_name_is_no_column(name: str) -> None:
    with pytest.raises(UsageError):
        find_column(name)


def test_bytes_follow_the_number_format() -> None:
    analysis = analyze(load("vgg16"))
    for dtype, size in (("fp32", 4), ("fp16", 2), ("bf16", 2), ("int8", 1)):
        table = build_table(analysis, View(("params_bytes",), dtype=number_formats(dtype)))
        assert texts(table, "params_bytes")[-1] == str(138_357_544 * size)
        assert f"bytes of {dtype} values" in notes(table)


def test_bytes_of_parameters_and_of_outputs_follow_their_own_formats() -> None:
    analysis = analyze(load("vgg16"))
    table = build_table(
        analysis,
        View(("params_bytes", "activations_bytes", "memory"), dtype=number_formats("int8/fp16")),
    )
    params, activations = 138_357_544, analysis.totals.activations
    assert isinstance(activations, int)
    assert texts(table, "params_bytes")[-1] == str(params)
    assert texts(table, "activations_bytes")[-1] == str(2 * activations)
    assert texts(table, "memory")[-1] == str(params + 2 * activations)
    assert "int8 parameters" in notes(table)


def test_a_batch_multiplies_work_and_activations_only() -> None:
    table = build_table(analyze(load("vgg16"), batch=8), View(("params", "macs")))
    assert [texts(table, name)[-1] for name in ("params", "macs")] == ["138357544", str(8 * 15_470_264_320)]
    assert "batch of 8" in notes(table)


def test_the_note_on_the_network_gives_the_published_field_of_vgg16() -> None:
    text = notes(build_table(analyze(load("vgg16")), View()))
    assert "receptive field of the network, at pool5: 212 (stride 32, padding 90)" in text


def test_notes_keep_to_the_columns_shown(small: NetworkAnalysis) -> None:
    assert notes(build_table(small, View(("name", "params")))) == ""
    assert "MACs" not in notes(build_table(small, View(("receptive_field",))))
    assert "receptive" not in notes(build_table(small, View(("macs",))))


def test_the_operation_column_uses_the_notation_of_descriptions() -> None:
    analysis = analyze(
        read_expression("conv f=3 s=2 d=8 bias=no; relu; dropout rate=0.5; softmaxloss"), input="9x9x3"
    )
    table = build_table(analysis, View(("operation", "args")))
    assert texts(table, "operation") == ["conv f=3 s=2 d=8", "relu", "dropout rate=0.5", "softmaxloss"]
    assert texts(table, "args") == ["f = 3; s = 2; d = 8; bias = no", "-", "δ = 0.5", "Softmax loss"]


def with_layers(network: NetworkAnalysis, layers: Iterable[LayerAnalysis]) -> NetworkAnalysis:
    changed = tuple(layers)
    return network._replace(layers=changed, totals=totals_of([[layer] for layer in changed]))


def test_a_layer_whose_figures_are_unknown_shows_them_as_such_and_totals_become_bounds(
    small: NetworkAnalysis,
) -> None:
    layers = list(small.layers)
    layers[0] = layers[0]._replace(params=None, macs=None, work=None)
    table = build_table(with_layers(small, layers), View(("name", "params", "macs", "params_share", "add")))
    assert texts(table, "params")[0] == "?"
    assert texts(table, "params_share")[0] == "?"
    assert table.totals[0][1] == Amount(SMALL_PARAMS - 112, complete=False)
    assert table.totals[0][1].text(Style()) == "≥ 621"
    assert table.totals[0][4].text(Style()).startswith("≥ ")
    assert "?: not known for first.conv1; sums that miss them are given as ≥ N" in notes(table)


def test_many_unknown_layers_are_named_in_part(small: NetworkAnalysis) -> None:
    layers = tuple(layer._replace(macs=None) for layer in small.layers)
    text = notes(build_table(with_layers(small, layers), View(("macs",))))
    assert "first.conv1, first.relu1, pool and 5 more" in text


def test_a_folded_block_with_an_unknown_part_is_a_lower_bound(small: NetworkAnalysis) -> None:
    layers = list(small.layers)
    layers[3] = layers[3]._replace(params=None)
    table = build_table(with_layers(small, layers), View(("params",), 1))
    assert [row[0].text(Style()) for row in table.rows] == ["112", "0", "≥ 148", "325"]


def test_symbolic_figures_are_polynomials_and_their_sum_too() -> None:
    table = build_table(
        analyze(read_expression("conv f=7 p=3 d=C bias=no"), input="HxWxC"),
        View(("output", "params", "macs")),
    )
    # Section 3.1.1 of the book: 49C² weights.
    assert texts(table, "params") == ["49C²", "49C²"]
    assert texts(table, "macs") == ["49C²HW", "49C²HW"]


def test_chinese_titles_and_notes_hold_no_english_words() -> None:
    table = build_table(
        analyze(load("vgg16")), View(("name", "op", "receptive_field", "macs"), language="zh")
    )
    assert [heading.title for heading in table.headings] == ["层", "操作类型", "感受野", "乘加数"]
    assert texts(table, "op")[0] == "卷积操作"
    assert texts(table, "name")[-1] == "合计"
    assert "网络的感受野（pool5处）：212（步长32，填充90）" in notes(table)


def test_every_column_has_words_in_both_languages() -> None:
    for column in COLUMNS:
        assert column.about[0].endswith("."), column.name
        assert column.about[1].endswith("。"), column.name
        assert all(column.title)


def test_no_two_columns_share_a_name() -> None:
    names = [name for column in COLUMNS for name in (column.name, column.other) if name]
    assert len(names) == len(set(names))


def test_several_inputs_are_named_in_the_title_and_a_note() -> None:
    text = """
    name: Siamese
    input: {left: 8x8x3, right: 8x8x3}
    layers:
      - conv f=3 p=1 d=4 from=left as a
      - conv f=5 p=2 d=4 from=right as b
      - concat from=a
    """
    table = build_table(analyze(read_text(text)), View(("name", "receptive_field")))
    assert "left 8x8x3, right 8x8x3" in table.title
    assert texts(table, "receptive_field")[:2] == ["3", "5 (right)"]
    assert "fields are those over the input left" in notes(table)


def _network_fields(text: str) -> list[str]:
    """The lines under the table about the field of the network."""
    notes = build_table(analyze(read_text(text)), View()).notes
    return [note.text for note in notes if note.text.startswith("receptive field of the network")]


@pytest.mark.parametrize(
    ("network", "line"),
    [
        # Collapsed for good.
        ("input: 8x8x3\nlayers: [conv f=3 p=1 d=8, globalavgpool, fc d=5]", "at conv1: 3 "),
        # An input that is a plain vector or is collapsed alone leaves the map of the other.
        (
            "input: {a: 8x8x4, b: 8x8x4}\nlayers:\n  - conv f=5 p=2 d=4 from=b\n  - globalavgpool as g\n"
            "  - conv f=3 p=1 d=4 from=a as ca\n  - mul from=g as m\n",
            "at m: 3 ",
        ),
        (
            "input: {a: 16x16x4, b: 16x16x4}\nlayers:\n  - conv f=3 p=1 d=4 from=a as ca\n"
            "  - conv f=5 p=2 d=4 from=b as cb\n  - add from=ca\n  - globalavgpool\n  - mul from=ca as m\n",
            "at m: 3* ",
        ),
        # The map comes back.
        (
            "input: 8x8x3\nlayers: [conv f=3 p=1 d=8, globalavgpool, fc d=512, reshape to=8x8x8, "
            "conv f=3 p=1 d=3]",
            "at conv2: all ",
        ),
        ("input: 8x8x3\nlayers: [fc d=512, reshape to=8x8x8, conv f=3 p=1 d=3]", "at conv1: all "),
    ],
)
def test_the_field_of_a_network_is_that_of_the_last_layer_with_positions(network: str, line: str) -> None:
    (told,) = _network_fields(network)
    assert line in told


def test_a_plain_vector_has_neither_a_field_nor_positions_that_are_seen() -> None:
    table = build_table(
        analyze(read_text("input: 784\nlayers: [fc d=10]")), View(("receptive_field", "seen"))
    )
    assert texts(table, "receptive_field") == texts(table, "seen") == ["-"]
