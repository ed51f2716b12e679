"""The folded form of imported networks: blocks, repeats and branches that build what was imported."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from effort import lines_run
from random_steps import random_network
from steps_of import graph_of, network_of

from rfcalc.description import build_graph
from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.importers.writing.flat import flat
from rfcalc.importers.writing.folded import folded
from rfcalc.importers.writing.names import clean
from rfcalc.library import load, shipped_names, shipped_text
from rfcalc.ops.attributes import PerAxis, SpanValue, Value, Word
from rfcalc.shapes import Shape

SIZE = Shape((8, 8), 4)
# An imported network has no symbols.
NETWORKS = [name for name in shipped_names() if "\nsymbols:" not in shipped_text(name)]


def step(operator: str, *operands: int, name: str = "", channels: int = 4, **values: Value) -> ImportedStep:
    return ImportedStep(operator, operands, values, Shape((8, 8), channels), name)


def conv(operand: int, name: str = "", channels: int = 4, **values: Value) -> ImportedStep:
    return step("conv", operand, name=name, channels=channels, kernel=1, out_channels=channels, **values)


def network(*steps: ImportedStep, outputs: tuple[int, ...] = ()) -> ImportedNetwork:
    return ImportedNetwork("", (step("input"), *steps), outputs or (len(steps),))


def written(made: ImportedNetwork) -> str:
    """What stands behind the input, after what is read of it has been compared with the network."""
    text = folded(made)
    assert by_names(network_of(graph_of(text))) == by_names(network_of(graph_of(flat(made).text)))
    return text.partition("\n")[2]


def by_names(made: ImportedNetwork) -> tuple[dict[str, object], list[str]]:
    """A network whatever the order of its layers: what each is and reads, and the outputs."""
    names = [one.name for one in made.steps]
    layers: dict[str, object] = {
        one.name: (
            one.operator,
            [names[operand] for operand in one.operands],
            one.values,
            one.shape,
            one.learned,
        )
        for one in made.steps
    }
    assert len(layers) == len(names)
    return layers, [names[output] for output in made.outputs]


def by_wiring(made: ImportedNetwork) -> tuple[Counter[int], list[int]]:
    """A network whatever the order and the names of its layers."""
    found: list[int] = []
    first: dict[str, int] = {}
    for place, one in enumerate(made.steps):
        values = tuple(sorted((name, repr(value)) for name, value in one.values.items()))
        shares = tuple(
            sorted((role, found[first[called]]) for role, called in one.learned.items() if called in first)
        )
        operator = place if one.operator == "input" else one.operator
        reads = tuple(found[operand] for operand in one.operands)
        found.append(hash((operator, values, one.shape, shares, reads)))
        for called in one.learned.values():
            first.setdefault(called, place)
    return Counter(found), [found[output] for output in made.outputs]


# Whole networks


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.slow
def test_what_is_read_of_the_folded_form_is_the_network_with_all_its_names(name: str) -> None:
    made = network_of(build_graph(load(name)))
    assert by_names(network_of(graph_of(folded(made)))) == by_names(made)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.slow
def test_a_network_without_names_is_the_same_network_when_it_is_folded(name: str) -> None:
    made = network_of(build_graph(load(name)))
    nameless = made._replace(
        steps=tuple(one if one.operator == "input" else one._replace(name="") for one in made.steps)
    )
    told = made._replace(steps=network_of(graph_of(flat(nameless).text)).steps)
    assert by_wiring(network_of(graph_of(folded(nameless)))) == by_wiring(told)


@pytest.mark.parametrize("seed", range(150))
@pytest.mark.slow
def test_whatever_is_wired_and_called_however_is_the_same_network_when_it_is_folded(seed: int) -> None:
    made = random_network(random.Random(seed))
    known = network_of(graph_of(flat(made).text))
    again = network_of(graph_of(folded(made)))
    assert by_wiring(again) == by_wiring(known)
    given = {clean(one.name) for one in made.steps} & {one.name for one in known.steps}
    numbered = made.steps and all(one.name == "" or one.operator == "input" for one in made.steps)
    assert numbered or given <= {one.name for one in again.steps}


@pytest.mark.parametrize(
    "name",
    [
        *("resnet18", "resnet50", "resnet152", "resnext50-32x4d", "wide-resnet-28-10", "densenet121"),
        *(
            "googlenet",
            "inception-v3",
            "mobilenet-v1",
            "mobilenet-v2",
            "efficientnet-b0",
            "vit-b16",
            "swin-t",
        ),
        *("bert-base", "unet", "yolov3", "vgg16", "squeezenet1.1", "convnext-tiny", "r3d-18"),
    ],
)
def test_a_network_is_folded_to_about_what_a_person_wrote(name: str) -> None:
    text = folded(network_of(build_graph(load(name))))
    assert text.count("\n") <= 1.5 * shipped_text(name).count("\n")


# Branches


def test_branches_stand_in_their_join_and_name_nothing() -> None:
    made = network(
        conv(0, "a"), step("relu", 1, name="b"), step("tanh", 0, name="c"), step("add", 2, 0, 3, name="d")
    )
    assert written(made) == "layers:\n  - {add: [[conv f=1 d=4 as a, relu as b], [], [tanh as c]], as: d}\n"


def test_what_ends_in_no_one_join_is_named() -> None:
    made = network(
        step("relu", 0, name="a"),
        step("tanh", 1, name="b"),
        step("sub", 1, 2, name="c"),
        step("add", 2, 3, name="d"),
    )
    assert "from=" in written(made)


def test_several_tensors_enter_an_operator_that_is_no_join() -> None:
    made = network(
        conv(0, "q"),
        conv(0, "k"),
        conv(0, "v"),
        step("attention", 1, 2, 3, name="mix", heads=2, projections=Word("no")),
    )
    assert written(made) == (
        "layers:\n"
        "  - {tensors: [[conv f=1 d=4 as q], [conv f=1 d=4 as k], [conv f=1 d=4 as v]]}\n"
        "  - attention heads=2 projections=no as mix\n"
    )


def test_branches_from_elsewhere_say_what_they_begin_with() -> None:
    made = network(
        step("relu", 0, name="low"),
        step("tanh", 1, name="high"),
        step("sigmoid", 2, name="top"),
        conv(1, "lateral"),
        step("identity", 3, name="down"),
        step("add", 4, 5, name="merged"),
        step("mul", 6, 2, name="out"),
    )
    assert "[[conv f=1 d=4 from=low as lateral], [sigmoid as top, identity as down]]" in written(made)


# Parts


def blocks(*channels: int, strided: bool = False) -> ImportedNetwork:
    """Residual blocks `layer.0`, `layer.1` …, a projection where channels change."""
    steps: list[ImportedStep] = []
    before, current = 4, 0
    for place, width in enumerate(channels):
        path = f"layer.{place}"
        entering = current
        steps.append(conv(entering, f"{path}.conv1", width))
        steps.append(step("relu", len(steps), name=f"{path}.relu", channels=width))
        main = len(steps)
        if before != width:
            steps.append(conv(entering, f"{path}.downsample.0", width, bias=Word("no")))
            entering = len(steps)
        steps.append(step("add", main, entering, name=f"{path}.add", channels=width))
        before, current = width, len(steps)
    return network(*steps)


def test_equal_parts_are_the_turns_of_a_repeat() -> None:
    assert written(blocks(4, 4, 4)) == (
        "layers:\n  - {repeat: 3, do: [{add: [[conv f=1 d=4, relu as relu], []], as: add}], as: layer}\n"
    )


def test_what_differs_is_listed_and_what_some_lack_has_a_condition() -> None:
    assert written(blocks(4, 8, 8, 16)) == (
        "layers:\n"
        "  - each: {d: [4, 8, 8, 16]}\n"
        "    do:\n"
        "      - add:\n"
        "          - [conv f=1 d=d, relu as relu]\n"
        "          - [{when: cin != d, do: [conv f=1 d=d bias=no as downsample.0]}]\n"
        "        as: add\n"
        "    as: layer\n"
    )


def test_parts_that_are_alike_elsewhere_are_calls_of_a_block() -> None:
    first = blocks(4).steps[1:]
    steps = [
        one._replace(
            name=name + one.name.removeprefix("layer.0"),
            operands=tuple(operand + 3 * place for operand in one.operands),
        )
        for place, name in enumerate(("enc", "dec"))
        for one in first
    ]
    assert written(network(*steps)) == (
        "blocks:\n  enc: [{add: [[conv f=1 d=4, relu as relu], []], as: add}]\n"
        "layers:\n  - enc as enc\n  - enc as dec\n"
    )


def test_a_block_is_called_like_the_class_of_its_module() -> None:
    modules = ("torch.nn.Sequential", "models.InvertedResidual", "torch.nn.Conv2d")
    steps = [
        one._replace(name=f"{path}.{name}", modules=modules)
        for place, path in enumerate(("a.left", "a.right"))
        for name, one in (("x", conv(2 * place)), ("y", step("relu", 2 * place + 1)))
    ]
    assert "\n  inverted_residual: [conv f=1 d=4 as x, relu as y]\n" in written(network(*steps))


def test_a_first_turn_of_another_form_has_a_condition() -> None:
    steps = [step("tanh", 0, name="s.0.a"), step("tanh", 1, name="s.0.b")]
    for place in range(1, 4):
        steps += [conv(2 * place, f"s.{place}.a"), step("relu", 2 * place + 1, name=f"s.{place}.b")]
    assert written(network(*steps)) == (
        "layers:\n"
        "  - repeat: 4\n"
        "    index: i\n"
        "    do: [{when: i == 0, do: [tanh as a, tanh as b], else: [conv f=1 d=4 as a, relu as b]}]\n"
        "    as: s\n"
    )


def test_a_piece_that_nothing_else_decides_about_has_a_parameter() -> None:
    steps: list[ImportedStep] = []
    for place, more in enumerate((True, False, False, True)):
        steps.append(conv(len(steps), f"s.{place}.a"))
        steps += [step("tanh", len(steps), name=f"s.{place}.b")] if more else []
        steps.append(step("relu", len(steps), name=f"s.{place}.c"))
    text = written(network(*steps))
    assert "each: {with_b: [yes, no, no, yes]}" in text
    assert "{when: with_b, do: [tanh as b]}" in text


def test_values_that_follow_from_others_are_expressions() -> None:
    steps: list[ImportedStep] = []
    for name, width in (("a", 4), ("b", 8), ("c", 12)):
        steps.append(conv(len(steps), f"{name}.wide", 4 * width))
        steps.append(conv(len(steps), f"{name}.narrow", width))
        steps.append(conv(len(steps), f"{name}.half", width // 2))
    text = written(network(*steps))
    assert "a(d): [conv f=1 d=d as wide, conv f=1 d=d//4 as narrow, conv f=1 d=d//8 as half]" in text


def test_layers_that_differ_in_a_word_of_the_users_own_are_not_alike() -> None:
    steps: list[ImportedStep] = []
    for place, kind in enumerate(("TopK", "TopK", "NonZero", "Unique")):
        unknown: dict[str, Value] = {"type": Word(kind), "size": PerAxis((8, 8, 4))}
        steps += [
            conv(len(steps), f"s.{place}.a"),
            ImportedStep("opaque", (len(steps) + 1,), unknown, SIZE, f"s.{place}.b"),
        ]
    text = written(network(*steps))
    assert "opaque type=NonZero" in text
    assert "opaque type=Unique" in text


def test_a_layer_whose_name_is_hidden_further_in_is_still_meant() -> None:
    made = network(
        step("relu", 0, name="a"),
        step("tanh", 1, name="m.b"),
        step("tanh", 2, name="m.a"),
        step("add", 3, 1, name="m.c"),
        step("sub", 4, 2, name="m.d"),
    )
    written(made)


def test_layers_called_by_numbers_have_longer_names_and_no_scope() -> None:
    made = network(conv(0, "features.0"), step("relu", 1, name="features.1"), step("relu", 2, name="head"))
    assert (
        written(made) == "layers:\n  - conv f=1 d=4 as features.0\n  - relu as features.1\n  - relu as head\n"
    )


def test_names_that_a_pattern_fits_are_written_as_one() -> None:
    steps: list[ImportedStep] = []
    for place in range(4):
        steps += [conv(2 * place, f"s.{place}.a"), step("relu", 2 * place + 1, name=f"s.{place}.b")]
    steps.append(step("concat", 1, 3, 5, 7, name="all", channels=16))
    assert "{concat: [], from: s.*.a, as: all}" in written(network(*steps))


def test_tensors_that_are_not_all_or_not_in_order_are_named_one_by_one() -> None:
    steps = []
    for place in range(4):
        steps += [conv(2 * place, f"s.{place}.a"), step("relu", 2 * place + 1, name=f"s.{place}.b")]
    for operands in ((1, 3, 5), (3, 1, 5, 7), (1, 1, 1)):
        joined = step("concat", *operands, name="some", channels=4 * len(operands))
        assert "*" not in written(network(*steps, joined))


def test_what_shares_weights_stands_behind_what_learns_them() -> None:
    shared = {"weight": "w", "bias": "b"}
    made = network(
        conv(0, "b.one")._replace(learned=shared),
        step("relu", 1, name="b.two"),
        conv(0, "a.one")._replace(learned=shared),
        step("relu", 3, name="a.two"),
        step("add", 4, 2, name="sum"),
    )
    written(made)


def test_a_slice_by_halves_is_the_same_for_all_widths() -> None:
    steps: list[ImportedStep] = []
    for place, width in enumerate((8, 16)):
        start = len(steps)
        steps.append(conv(start, f"m{place}.in", width))
        halves = {"left": SpanValue(0, width // 2), "right": SpanValue(width // 2, width)}
        for name, span in halves.items():
            size = Shape((8, 8), width // 2)
            steps.append(ImportedStep("slice", (start + 1,), {"channels": span}, size, f"m{place}.{name}"))
        steps.append(step("add", start + 2, start + 3, name=f"m{place}.sum", channels=width // 2))
    text = written(network(*steps))
    assert "slice channels=0:d//2 as left" in text


# Much


@pytest.mark.parametrize("named", [True, False])
def test_folding_takes_work_in_proportion_to_the_steps(named: bool) -> None:
    def made(count: int) -> ImportedNetwork:
        chain = blocks(*(4 + place % 5 for place in range(count)))
        return chain if named else chain._replace(steps=tuple(one._replace(name="") for one in chain.steps))

    for warm in (10, 20):
        folded(made(warm))
    _, few = lines_run(lambda: folded(made(100)))
    _, many = lines_run(lambda: folded(made(400)), 8 * few)
    assert many < 6 * few


def test_long_chains_and_deep_modules_are_no_deep_recursion() -> None:
    deep = ".".join(f"m{place}" for place in range(60))
    steps = [
        step("relu", place, name=f"{deep}.x{place}" if place % 50 == 7 else f"y{place}")
        for place in range(3000)
    ]
    written(network(*steps))


def test_a_ladder_of_skip_connections_names_them() -> None:
    count = 40
    steps = [step("relu", place, name=f"down{place}") for place in range(count)]
    for place in range(count):
        steps.append(step("add", len(steps), count - 1 - place, name=f"up{place}"))
    assert "from=" in written(network(*steps))


def test_what_reads_several_tensors_stays_behind_what_leaves_them() -> None:
    steps: list[ImportedStep] = []
    for _ in range(3):
        fork = len(steps)
        steps += [conv(fork), step("relu", fork + 1), step("tanh", fork + 2), step("sigmoid", fork + 3)]
        steps.append(ImportedStep("concat", (fork + 4, fork), {"axis": 0}, Shape((16, 8), 4)))
        steps.append(ImportedStep("slice", (fork + 5,), {"h": SpanValue(0, 8)}, SIZE))
        steps += [step("relu", fork + 6 + place) for place in range(8)]
    made = network(*steps)
    known = network_of(graph_of(flat(made).text))
    assert by_wiring(network_of(graph_of(folded(made)))) == by_wiring(known)


def test_steps_of_a_scope_are_together_whatever_came_between() -> None:
    made = network(
        conv(0, "left.a"),
        conv(0, "right.a"),
        step("relu", 1, name="left.b"),
        step("relu", 2, name="right.b"),
        step("add", 3, 4, name="sum"),
    )
    assert written(made) == (
        "blocks:\n  left: [conv f=1 d=4 as a, relu as b]\n"
        "layers:\n  - {add: [[left as left], [left as right]], as: sum}\n"
    )


def units(*names: str, count: int = 12) -> ImportedNetwork:
    """Layers one behind another, called by these in turn; {} is the number of the turn."""
    kinds = ("relu", "tanh", "sigmoid", "silu")
    steps = [
        step(kinds[place % len(kinds)], place * len(names) + number, name=name.format(place))
        for place in range(count)
        for number, name in enumerate(names)
    ]
    return network(*steps)


@pytest.mark.parametrize(
    "made",
    [
        # Few layers; names without numbers; the number of a kernel; a number that all share.
        units("a{}_x", "a{}_y", count=2),
        network(*[step("relu", place, name=f"layer_{'abcdefghijklmnopqrst'[place]}") for place in range(20)]),
        network(*[step("relu", place, name=f"r{'abcdefghijklmnopqrst'[place]}_3x3") for place in range(20)]),
        network(*[step("relu", place, name=f"b1_{'abcdefghijklmnopqrst'[place]}") for place in range(20)]),
    ],
)
def test_names_stay_as_they_are_where_no_units_are_told_by_them(made: ImportedNetwork) -> None:
    names = {one.name for one in made.steps[1:]}
    assert names <= {one.name for one in network_of(graph_of(folded(made))).steps}


def same_kind(count: int, *names: str) -> ImportedNetwork:
    kinds = {"conv": conv, "relu": lambda before, name: step("relu", before, name=name)}
    steps: list[ImportedStep] = []
    for place in range(count):
        for name in names:
            operator = "relu" if "relu" in name else "conv"
            steps.append(kinds[operator](len(steps), name.format(place)))
    return network(*steps)


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (("res{}a_conv", "bn{}a_conv2", "res{}a_relu"), ("res7a.conv", "res7a.bn_conv2", "res7a.relu")),
        (("conv2_block{}_1_conv", "conv2_block{}_relu"), ("conv2_block7._1_conv", "conv2_block7.relu")),
        (("unit{}_conv", "relu_9", "unit{}"), ("unit7.conv", "unit7.relu", "unit7.unit")),
        (("conv{}", "cccp", "relu"), ("conv7.conv", "conv7.cccp", "conv7.relu")),
    ],
)
def test_layers_that_share_a_number_are_parts_of_a_unit(
    names: tuple[str, ...], called: tuple[str, ...]
) -> None:
    made = same_kind(16, *names)
    known = network_of(graph_of(flat(made).text))
    again = network_of(graph_of(folded(made)))
    assert by_wiring(again) == by_wiring(known)
    assert set(called) <= {one.name for one in again.steps}


def test_a_layer_that_reads_very_many_names_them_on_no_line_that_is_too_long() -> None:
    count = 60
    steps = [step("relu", 0, name=f"{place}_{'long' * 100}") for place in range(count)]
    steps.append(
        ImportedStep("concat", tuple(range(count, 0, -1)), {"axis": 0}, Shape((8 * count, 8), 4), "joined")
    )
    written(network(*steps))


def test_scopes_that_read_each_other_stay_as_they_came() -> None:
    steps = [
        step("relu" if place % 3 else "tanh", place, name=f"{'ab'[place % 2]}.x{place}") for place in range(6)
    ]
    assert written(network(*steps)).count("- ") == 6
