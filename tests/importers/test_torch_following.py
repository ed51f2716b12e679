"""Programs of PyTorch followed call by call: what becomes of calls that no layer of the language is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from rfcalc.errors import DescriptionError, UsageError
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.torch.following import imported
from rfcalc.importers.torch.program import ArgumentValue, FunctionCall, Named, Program, ProgramTensor, Stored
from rfcalc.importers.torch.reading import read_program
from rfcalc.importers.writing.flat import flat
from rfcalc.library import analyze, read_text

DATA = Path(__file__).parents[1] / "data" / "pt2"


def weight(name: str, *lengths: int) -> Stored:
    return Stored(ProgramTensor(name, lengths, "float32"), name, True)


def call(function: str, arguments: Mapping[str, ArgumentValue], **results: tuple[int, ...]) -> FunctionCall:
    made = tuple(
        ProgramTensor(name, size, "bool" if name.startswith("mask") else "float32")
        for name, size in results.items()
    )
    return FunctionCall(function, "", arguments, made, (), f"call of {function}")


def network(
    size: tuple[int, ...],
    calls: list[FunctionCall],
    output: str,
    *stored: Stored,
    inputs: Mapping[str, tuple[int, ...]] = {},
) -> ImportedNetwork:
    program = Program(
        "net",
        "2.13",
        (ProgramTensor("x", size, "float32"),),
        {each.tensor.name: each for each in stored},
        tuple(calls),
        (output,),
    )
    return imported(program, "net", inputs)


def lines(found: ImportedNetwork) -> list[str]:
    return [line.strip(" -").partition(" as ")[0] for line in flat(found).text.splitlines()[4:] if line]


X = Named("x")


def test_of_a_call_that_nobody_knows_size_and_parameters_are_known() -> None:
    found = network(
        (1, 4, 8, 8),
        [
            call("mystery", {"0": X, "1": Named("w"), "2": Named("w"), "3": Named("v")}, y=(1, 6, 8, 8)),
            call("relu", {"0": Named("y")}, z=(1, 6, 8, 8)),
        ],
        "z",
        weight("w", 4, 6),
        weight("v", 5),
    )
    assert lines(found) == ["opaque type=mystery size=8x8x6 params=29", "relu"]
    assert found.remarks == (("the function mystery is not known", ""),)
    analysis = analyze(read_text(flat(found).text))
    assert [layer.params for layer in analysis.layers] == [29, 0]
    assert [layer.macs for layer in analysis.layers] == [None, 0]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"0": X}, "dropout"),
        ({"0": X, "1": 0.5, "2": False}, "dropout"),
        ({"0": X, "1": 0.1, "2": False}, "dropout rate=0.1"),
        ({"input": X, "p": 0, "train": False}, "dropout rate=0"),
    ],
)
def test_a_dropout_has_the_rate_of_its_module(arguments: dict[str, ArgumentValue], line: str) -> None:
    assert lines(network((1, 4, 8, 8), [call("dropout", arguments, y=(1, 4, 8, 8))], "y")) == [line]


def test_a_size_without_a_name_is_for_the_only_input() -> None:
    calls = [call("relu", {"0": X}, y=(1, 4, 8, 8))]
    resized = network((1, 4, 8, 8), calls, "y", inputs={"": (5, 6, 4)})
    assert resized.steps[-1].shape.sizes() == (5, 6, 4)
    with pytest.raises(
        UsageError, match="examples first, which a size leaves out: expected 3 lengths, got 4"
    ):
        network((1, 4, 8, 8), calls, "y", inputs={"": (4, 8, 8, 1)})


def test_a_size_in_another_order_is_no_reason_to_export_anew() -> None:
    calls = [call("conv2d", {"0": X, "1": Named("w")}, y=(1, 4, 8, 8))]
    for size, said in (((4, 8, 8), "channels first with commas"), ((8, 8, 5), "export it anew")):
        with pytest.raises(DescriptionError, match=said):
            network((1, 4, 8, 8), calls, "y", weight("w", 4, 4, 1, 1), inputs={"": size})


def test_parameters_that_nothing_reads_are_told() -> None:
    calls = [call("conv2d", {"0": X, "1": Named("w")}, y=(1, 4, 8, 8))]
    found = network((1, 4, 8, 8), calls, "y", weight("w", 4, 4, 1, 1), weight("aux.fc.weight", 10, 4))
    assert [text for text, _ in found.remarks] == [
        "40 parameters of 'aux.fc' are not counted: nothing that runs reads them"
    ]
    assert network((1, 4, 8, 8), calls, "y", weight("w", 4, 4, 1, 1)).remarks == ()


def test_what_another_layer_learns_is_not_counted_again() -> None:
    found = network(
        (1, 4, 8, 8),
        [
            call("conv2d", {"0": X, "1": Named("w")}, y=(1, 4, 8, 8)),
            call("mystery", {"0": Named("y"), "1": Named("w"), "2": Named("v")}, z=(1, 4, 8, 8)),
            call("mystery", {"0": Named("z"), "1": Named("v")}, u=(1, 4, 8, 8)),
        ],
        "u",
        weight("w", 4, 4, 1, 1),
        weight("v", 7),
    )
    assert [line.partition("params=")[2] for line in lines(found)] == ["", "7", "0"]


@pytest.mark.parametrize(
    ("size", "made", "learned", "left"),
    [
        # Weights with names of their own, apart or together.
        ((1, 5, 6), call("einsum", {"0": "btc,cd->btd", "1": (X, Named("w"))}, y=(1, 5, 8)), (6, 8), 8),
        (
            (1, 5, 6),
            call("einsum", {"0": "btc,chd->bthd", "1": (X, Named("w"))}, y=(1, 5, 2, 4)),
            (6, 2, 4),
            8,
        ),
        # A vector; and a matrix on the left.
        ((1, 5, 6), call("matmul", {"0": X, "1": Named("w")}, y=(1, 5)), (6,), 1),
        ((1, 6, 5), call("matmul", {"0": Named("w"), "1": X}, y=(1, 8, 5)), (8, 6), 8),
        # One matrix with dimensions of size 1 before it.
        ((1, 5, 6), call("matmul", {"0": X, "1": Named("w")}, y=(1, 5, 8)), (1, 6, 8), 8),
    ],
)
def test_a_product_with_weights_is_a_layer_of_each_position(
    size: tuple[int, ...], made: FunctionCall, learned: tuple[int, ...], left: int
) -> None:
    found = network(size, [made], "y", weight("w", *learned))
    assert found.remarks == ()
    totals = analyze(read_text(flat(found).text)).totals
    assert (totals.params, totals.macs) == (6 * left, 5 * 6 * left)


def test_an_index_beyond_its_dimension_is_told() -> None:
    indices = Stored(ProgramTensor("i", (2,), "int64"), "i", False, (0, 9))
    calls = [call("index_select", {"0": X, "1": 1, "2": Named("i")}, y=(1, 2, 8, 8))]
    found = network((1, 4, 8, 8), calls, "y", indices)
    assert [text for text, _ in found.remarks] == ["an index is not within the 4 of its dimension"]


def test_a_choice_by_a_larger_mask_is_repeated_to_its_size() -> None:
    mask = Stored(ProgramTensor("m", (1, 4, 3), "bool"), "m", False)
    calls = [
        call("masked_fill", {"0": X, "1": Named("m"), "2": 0.0}, z=(1, 4, 3)),
        call("relu", {"0": Named("z")}, y=(1, 4, 3)),
    ]
    # The sizes that the program states are those that its functions give.
    assert network((1, 1, 3), calls, "y", mask).remarks == ()


def test_slopes_are_counted_for_each_channel_or_as_one() -> None:
    def slopes(count: int) -> list[str]:
        given: Mapping[str, ArgumentValue] = {"0": X, "1": Named("w")}
        calls = [call("prelu", given, y=(1, 4, 8, 8))]
        return lines(network((1, 4, 8, 8), calls, "y", weight("w", count)))

    assert slopes(4) == ["prelu shared=no"]
    assert slopes(1) == ["prelu shared=yes"]


def test_what_nobody_reads_need_not_be_known() -> None:
    calls = [
        call("mystery", {"0": X}, y=(1, 4, 8, 8)),
        call("relu", {"0": X}, z=(1, 4, 8, 8)),
    ]
    found = network((1, 4, 8, 8), calls, "z")
    assert lines(found) == ["relu"]
    assert found.remarks == ()


def test_truth_values_of_the_input_are_not_followed_and_what_they_choose_is_opaque() -> None:
    calls = [
        call("gt", {"0": X, "1": 0}, mask=(1, 4, 8, 8)),
        call("where", {"0": Named("mask"), "1": X, "2": 0.5}, y=(1, 4, 8, 8)),
    ]
    found = network((1, 4, 8, 8), calls, "y")
    assert lines(found) == ["opaque type=where size=8x8x4 params=0 macs=0"]
    # Nor is it taken for a constant.
    alone = network(
        (1, 4, 8, 8),
        [
            calls[0],
            call("one_hot", {"0": Named("mask")}, y=(1, 4, 8, 8)),
            call("add", {"0": X, "1": Named("y")}, z=(1, 4, 8, 8)),
        ],
        "z",
    )
    assert lines(alone)[0].startswith("opaque type=one_hot")


def recurrent(function: str, layers: int, both: bool) -> tuple[list[Stored], FunctionCall]:
    gates = {"lstm": 4, "gru": 3}[function]
    stored = []
    for layer in range(layers):
        for direction in range(2 if both else 1):
            read = 6 if layer == 0 else 5 * (2 if both else 1)
            sizes = {"wi": (gates * 5, read), "wh": (gates * 5, 5), "bi": (gates * 5,), "bh": (gates * 5,)}
            stored += [weight(f"{name}{layer}{direction}", *size) for name, size in sizes.items()]
    states = (layers * (2 if both else 1), 1, 5)
    wide = 5 * (2 if both else 1)
    results = {"y": (1, 7, wide), "h": states, **({"c": states} if function == "lstm" else {})}
    names = tuple(Named(each.tensor.name) for each in stored)
    given: Mapping[str, ArgumentValue] = {
        "0": X,
        "1": (),
        "2": names,
        "3": True,
        "4": layers,
        "5": 0.0,
        "6": False,
        "7": both,
        "8": True,
    }
    return stored, call(function, given, **results)


@pytest.mark.parametrize("function", ["lstm", "gru"])
def test_the_last_state_of_a_recurrent_layer_is_its_last_step(function: str) -> None:
    stored, layer = recurrent(function, 1, both=False)
    last = call("getitem", {"0": Named("h"), "1": -1}, last=(1, 5))
    found = network((1, 7, 6), [layer, last], "last", *stored)
    gates = {"lstm": 4, "gru": 3}[function]
    assert lines(found) == ["permute order=1x0", f"{function} d=5 biases=2", "slice w=6:7"]
    analysis = analyze(read_text(flat(found).text))
    assert sum(each.params or 0 for each in analysis.layers) == gates * 5 * (6 + 5 + 2)
    assert sum(each.macs or 0 for each in analysis.layers) == 7 * gates * 5 * (6 + 5)


def test_both_directions_end_at_different_steps() -> None:
    stored, layer = recurrent("lstm", 1, both=True)
    found = network(
        (1, 7, 6), [layer, call("getitem", {"0": Named("h"), "1": 1}, last=(1, 5))], "last", *stored
    )
    text = lines(found)
    assert "slice w=6:7" in text
    assert "slice channels=0:5" in text
    assert any(line.startswith("slice w=0:1") for line in text)
    assert "slice channels=5:10" in text


def test_states_that_nobody_reads_are_no_layers_and_those_of_several_layers_are_opaque() -> None:
    stored, layer = recurrent("lstm", 2, both=False)
    found = network((1, 7, 6), [layer], "y", *stored)
    assert lines(found) == ["permute order=1x0", "lstm d=5 layers=2 biases=2"]
    found = network((1, 7, 6), [layer, call("relu", {"0": Named("h")}, last=(2, 1, 5))], "last", *stored)
    assert any(line.startswith("opaque type=lstm") and line.endswith("params=0") for line in lines(found))


def test_a_recurrent_layer_over_rows_of_a_map_is_no_layer_of_the_language() -> None:
    """Were it taken for one, the rows would be counted once."""
    stored, layer = recurrent("lstm", 1, both=False)
    rows = [
        call("permute", {"0": X, "1": (0, 2, 3, 1)}, a=(1, 3, 7, 6)),
        call("reshape", {"0": Named("a"), "1": (3, 7, 6)}, b=(3, 7, 6)),
        layer._replace(
            arguments={**layer.arguments, "0": Named("b")},
            results=(ProgramTensor("y", (3, 7, 5), "float32"),),
        ),
    ]
    found = network((1, 6, 3, 7), rows, "y", *stored)
    assert any(
        line.startswith("opaque type=lstm") and f"params={4 * 5 * 13}" in line for line in lines(found)
    )


def test_factors_of_a_normalisation_without_offsets_are_a_layer() -> None:
    given = {"input": X, "normalized_shape": (6,), "weight": Named("w"), "bias": None}
    found = network((1, 7, 6), [call("layer_norm", given, y=(1, 7, 6))], "y", weight("w", 6))
    analysis = analyze(read_text(flat(found).text))
    assert sum(each.params or 0 for each in analysis.layers) == 6
    assert lines(found)[-2:] == ["ln affine=no", "scale"]


def test_a_bias_of_learned_parts_and_constants_counts_what_is_learned() -> None:
    zeros = Stored(ProgramTensor("k", (4,), "float32"), "k", False)
    calls = [
        call("cat", {"0": (Named("q"), Named("k"), Named("v"))}, bias=(12,)),
        call("linear", {"0": X, "1": Named("w"), "2": Named("bias")}, y=(1, 7, 12)),
    ]
    found = network((1, 7, 6), calls, "y", weight("q", 4), zeros, weight("v", 4), weight("w", 12, 6))
    analysis = analyze(read_text(flat(found).text))
    assert sum(each.params or 0 for each in analysis.layers) == 12 * 6 + 8


def test_weights_that_are_repeated_for_each_example_are_one_matrix() -> None:
    calls = [
        call("expand", {"0": Named("w"), "1": (7, 6, 5)}, many=(7, 6, 5)),
        call("reshape", {"0": X, "1": (7, 1, 6)}, rows=(7, 1, 6)),
        call("bmm", {"0": Named("rows"), "1": Named("many")}, y=(7, 1, 5)),
    ]
    found = network((1, 7, 6), calls, "y", weight("w", 6, 5))
    analysis = analyze(read_text(flat(found).text))
    assert sum(each.params or 0 for each in analysis.layers) == 30
    assert sum(each.macs or 0 for each in analysis.layers) == 7 * 30


@pytest.mark.parametrize("dimension", [4, -5])
def test_the_size_of_a_dimension_that_is_not_there(dimension: int) -> None:
    calls = [call("sym_size", {"self": X, "dim": dimension}, n=()), call("relu", {"0": X}, y=(1, 4, 8, 8))]
    with pytest.raises(DescriptionError, match=f"dimension {dimension} of a tensor of 4"):
        network((1, 4, 8, 8), calls, "y")


def test_dynamic_lengths_are_those_of_the_example_or_those_that_are_asked_for() -> None:
    program = read_program(str(DATA / "dynamic.pt2"))
    batch, _, height, width = program.inputs[0].lengths
    assert {program.examples[str(name)] for name in (height, width)} == {8}
    assert program.examples[str(batch)] == 2
    found = imported(program, "net")
    assert found.steps[0].shape.sizes() == (8, 8, 3)
    assert [text for text, _ in found.remarks] == [
        "the program leaves the size of the input 'image' open; 1x3x8x8, with which it was made, is taken, "
        "input says another"
    ]
    larger = imported(program, "net", {"image": (16, 32, 3)})
    assert larger.steps[0].shape.sizes() == (16, 32, 3)
    assert larger.remarks == ()


def test_a_single_number_may_leave_a_network() -> None:
    calls = [
        call("conv2d", {"0": X, "1": Named("w")}, y=(1, 4, 8, 8)),
        call("sum", {"0": Named("y")}, total=()),
    ]
    found = network((1, 4, 8, 8), calls, "total", weight("w", 4, 4, 1, 1))
    assert lines(found)[0].startswith("conv")
    assert "opaque" not in flat(found).text


@pytest.mark.parametrize(("source", "destination"), [((1, 1), (2, 3)), ((1, 2), (3, -1))])
def test_a_dimension_is_moved_once_and_to_a_place_of_its_own(
    source: tuple[int, ...], destination: tuple[int, ...]
) -> None:
    moved = call("movedim", {"0": X, "source": source, "destination": destination}, y=(1, 4, 8, 8))
    ((said, _),) = network((1, 4, 8, 8), [moved], "y").remarks
    assert said == "a dimension is moved twice, or two are moved to one place"
