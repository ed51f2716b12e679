"""Exported programs of PyTorch: what is read of them, and what is said of files that are none.

`tests/data/pt2/README.md` says where the files come from.
"""

from __future__ import annotations

import json
import pickle
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from math import prod
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfcalc import files
from rfcalc.errors import RfcalcError
from rfcalc.importers.torch import archive as archives
from rfcalc.importers.torch.following import imported
from rfcalc.importers.torch.program import FunctionCall, Named, Program, ProgramTensor
from rfcalc.importers.torch.reading import read_program

DATA = Path(__file__).parents[1] / "data"
MEASURED = ("alexnet", "mobilenet_v3_small", "shufflenet_v2_x1_0")

Json = dict[str, Any]


@cache
def program(name: str) -> Program:
    return read_program(str(DATA / "pt2" / f"{name}.pt2"))


@cache
def parts_of(name: str) -> dict[str, bytes]:
    """The parts of an archive, by their paths below its root."""
    with zipfile.ZipFile(DATA / "pt2" / f"{name}.pt2") as opened:
        return {part.partition("/")[2]: opened.read(part) for part in opened.namelist()}


def written(path: Path, parts: dict[str, bytes], root: str = "archive/") -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part, data in parts.items():
            new.writestr(f"{root}{part}", data)
    return str(path)


def changed(tmp_path: Path, change: Callable[[Json], object], name: str = "shared") -> str:
    """An archive whose json was changed."""
    parts = dict(parts_of(name))
    parsed = json.loads(parts["models/model.json"])
    change(parsed)
    parts["models/model.json"] = json.dumps(parsed).encode()
    return written(tmp_path / "changed.pt2", parts)


def nodes(parsed: Json) -> list[Json]:
    found: list[Json] = parsed["graph_module"]["graph"]["nodes"]
    return found


def call(of: Program, function: str) -> FunctionCall:
    return next(call for call in of.calls if call.function == function)


def refused(path: str | Path) -> str:
    with pytest.raises(RfcalcError) as raised:
        read_program(str(path))
    return str(raised.value)


# What is read


@pytest.mark.parametrize("name", MEASURED)
def test_parameters_and_the_outputs_of_leaves_are_those_that_were_measured(name: str) -> None:
    truth = json.loads((DATA / "truth" / "models" / f"{name}.json").read_text(encoding="utf-8"))
    found = program(name)
    params: Counter[str] = Counter()
    for stored in found.stored.values():
        if stored.learned:
            params[stored.path.rpartition(".")[0]] += prod(map(int, stored.tensor.lengths))
    assert sum(params.values()) == truth["params"]
    assert params == Counter({leaf["name"]: leaf["params"] for leaf in truth["leaves"] if leaf["params"]})
    ran = [
        (call.modules[-1], list(call.results[0].lengths))
        for call in found.calls
        if call.modules and not call.modules[-1][1][0].islower()
    ]
    leaves = {(leaf["name"], leaf["type"]) for leaf in truth["leaves"]}
    # Each leaf is one call here, except for activations that a module fuses and dropouts.
    assert [(at, lengths) for at, lengths in ran if at in leaves] == [
        ((leaf["name"], leaf["type"]), leaf["output"]) for leaf in truth["leaves"]
    ]
    assert [list(tensor.lengths) for tensor in found.inputs] == [truth["input"]]
    made = {result.name: result for call in found.calls for result in call.results}
    assert [list(made[name].lengths) for name in found.outputs] == truth["output"]


def test_a_call_has_its_arguments_by_name_its_module_and_its_place() -> None:
    found = program("alexnet")
    assert (found.name, found.version) == ("AlexNet", "2.14.1+cu130")
    assert found.calls[0] == FunctionCall(
        "conv2d",
        "",
        {
            "input": Named("x"),
            "weight": Named("p_features_0_weight"),
            "bias": Named("p_features_0_bias"),
            "stride": (4, 4),
            "padding": (2, 2),
        },
        (ProgramTensor("conv2d", (1, 64, 55, 55), "float32"),),
        (("features", "Sequential"), ("features.0", "Conv2d")),
        "graph_module.graph.nodes[0]",
    )
    assert found.calls[0].arguments["weight"] == Named("p_features_0_weight")
    weight = found.stored["p_features_0_weight"]
    assert (weight.path, weight.learned, weight.tensor.lengths) == (
        "features.0.weight",
        True,
        (64, 3, 11, 11),
    )


def test_lists_of_tensors_and_several_results() -> None:
    found = program("dynamic")
    assert [result.name for result in call(found, "chunk").results] == ["getitem", "getitem_1"]
    assert call(found, "cat").arguments == {"tensors": (Named("getitem_1"), Named("getitem")), "dim": 1}
    assert call(found, "index").arguments["indices"] == (None, Named("c_chosen"))
    largest = call(found, "max")
    assert (largest.overload, [result.element for result in largest.results]) == ("dim", ["float32", "int64"])


def test_dynamic_lengths_are_symbols_and_numbers_are_computed_by_calls() -> None:
    found = program("dynamic")
    batch, channels, height, width = found.inputs[0].lengths
    assert channels == 3
    assert all(isinstance(length, str) and length.isidentifier() for length in (batch, height, width))
    assert len({batch, height, width}) == 3
    size = found.calls[0]
    assert (size.function, size.arguments, size.results[0].lengths) == (
        "sym_size",
        {"self": Named("image"), "dim": 0},
        (),
    )
    view = call(found, "view")
    product = call(found, "mul")
    assert product.arguments == {
        "a": Named(found.calls[1].results[0].name),
        "b": Named(found.calls[2].results[0].name),
    }
    assert view.arguments["size"] == (Named(size.results[0].name), 8, Named(product.results[0].name))
    assert view.results[0].lengths == (batch, 8, f"Mul({', '.join(sorted([str(height), str(width)]))})")


@pytest.mark.parametrize("name", ["dynamic", "decomposed"])
def test_small_tables_have_their_values_and_weights_have_none(name: str) -> None:
    stored = {each.path: each.values for each in program(name).stored.values()}
    values = {path: value for path, value in stored.items() if value is not None}
    expected = {
        "steps": (0, 1, 2, 3),
        "chosen": (0, 1),
        "lifted_tensor_0": (2.5,),
        "mask": (True, False, False, True),
    }
    assert values == {path: value for path, value in expected.items() if path in stored}
    assert {"steps", "lifted_tensor_0"} <= values.keys()


def test_a_strided_part_of_a_storage_is_read_in_the_order_of_its_rows(tmp_path: Path) -> None:
    parts = dict(parts_of("dynamic"))
    config = "data/constants/model_constants_config.json"
    listed = json.loads(parts[config])
    meta = listed["config"]["chosen"]["tensor_meta"]
    meta["sizes"], meta["strides"] = [{"as_int": 2}, {"as_int": 3}], [{"as_int": 1}, {"as_int": 2}]
    meta["storage_offset"] = {"as_int": 1}
    parts[config] = json.dumps(listed).encode()
    path = f"data/constants/{listed['config']['chosen']['path_name']}"
    parts[path] = b"".join(value.to_bytes(8, "little") for value in (90, 1, 2, 3, 4, 5, 6))
    stored = read_program(written(tmp_path / "strided.pt2", parts)).stored["c_chosen"]
    assert stored.values == (1, 3, 5, 2, 4, 6)
    parts[path] = parts[path][:-8]
    assert read_program(written(tmp_path / "short.pt2", parts)).stored["c_chosen"].values is None


def test_what_modules_share_is_one_parameter() -> None:
    found = program("shared")
    sizes = {each.path: prod(map(int, each.tensor.lengths)) for each in found.stored.values()}
    assert sizes == {"a.weight": 16, "a.bias": 4, "b.bias": 4, "parts.0.weight": 16, "parts.0.bias": 4}
    used = [
        found.stored[call.arguments["weight"].name].path for call in found.calls if "weight" in call.arguments
    ]  # type: ignore[union-attr] # a weight is a tensor
    assert used == ["a.weight"] * 4 + ["parts.0.weight"]


def test_without_bytes_of_weights_none_is_taken_for_another(tmp_path: Path) -> None:
    parts = {path: b"" if "weights/weight_" in path else data for path, data in parts_of("shared").items()}
    found = read_program(written(tmp_path / "empty.pt2", parts))
    assert len({each.path for each in found.stored.values()}) == len(found.stored)


def test_a_graph_that_runs_once_stands_in_its_place_and_others_stay_calls() -> None:
    found = program("shared")
    functions = ["linear"] * 5 + ["mul", "mul", "sum", "gt", "cond"]
    assert [call.function for call in found.calls] == functions
    assert [call.modules[-1:] for call in found.calls[:5]] == [
        ((path, "Linear"),) for path in ("a", "c", "b", "a", "parts.0")
    ]
    assert "as_graph.graph.nodes[0]" in found.calls[4].place
    first, second = (call for call in found.calls if call.function == "mul")
    assert second.arguments["self"] == Named(first.results[0].name)
    branch = found.calls[-1]
    assert branch.arguments["1"] == "true_graph_0"
    assert branch.arguments["3"] == (Named(first.results[0].name),)
    assert found.outputs == (branch.results[0].name, second.results[0].name)


def test_names_that_a_nested_graph_uses_again_are_told_apart(tmp_path: Path) -> None:
    def rename(parsed: Json) -> None:
        text = json.dumps(next(node for node in nodes(parsed) if "set_grad" in node["target"]))
        index = next(number for number, node in enumerate(nodes(parsed)) if "set_grad" in node["target"])
        nodes(parsed)[index] = json.loads(text.replace('"linear_4"', '"linear_1"'))

    found = read_program(changed(tmp_path, rename))
    names = [result.name for call in found.calls for result in call.results]
    assert len(set(names)) == len(names)
    assert call(found, "mul").arguments["self"] == Named(found.calls[4].results[0].name)


def test_the_layout_before_version_2_7_is_read(tmp_path: Path) -> None:
    parts = {
        "serialized_exported_program.json": parts_of("alexnet")["models/model.json"],
        "serialized_state_dict.pt": b"",
        "serialized_constants.pt": b"",
        "version": b"8.1",
    }
    assert read_program(written(tmp_path / "old.pt2", parts, root="")) == program("alexnet")


def test_paths_as_they_were_written_before_version_2_3(tmp_path: Path) -> None:
    stacks = {
        "L__self__,L['self'],m.Net;f,L['self'].features,m.Seq;g,L['self'].features[0],m.Conv2d": (
            ("features", "Seq"),
            ("features.0", "Conv2d"),
        ),
        "x,getattr(L['self'].layer1, '0').conv1,m.Conv2d": (("layer1.0.conv1", "Conv2d"),),
        "x,getattr(getattr(L['self'].a, '0').b, '12'),m.Conv2d": (("a.0.b.12", "Conv2d"),),
        "x,conv@2,m.Conv2d": (("conv", "Conv2d"),),
        "x,conv,m.f.<locals>.Conv": (("conv", "Conv"),),
        "": (),
        ";;,": (),
    }
    for stack, expected in stacks.items():
        path = changed(
            tmp_path, lambda parsed, stack=stack: nodes(parsed)[0]["metadata"].update(nn_module_stack=stack)
        )  # type: ignore[misc] # mypy infers no lambda with a default
        assert read_program(path).calls[0].modules == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"as_none": True}, None),
        ({"as_none": []}, None),
        ({"as_float": "Infinity"}, float("inf")),
        ({"as_scalar_type": 13}, "bfloat16"),
        ({"as_memory_format": 2}, "channels_last"),
        ({"as_layout": 7}, "strided"),
        ({"as_device": {"type": "cuda", "index": 0}}, "cuda"),
        ({"as_strings": ["a", "b"]}, ("a", "b")),
        ({"as_bools": [True, False]}, (True, False)),
        ({"as_complex": {"real": 1.0, "imag": -1.0}}, (1.0, -1.0)),
        ({"as_optional_tensor": {"as_none": True}}, None),
        ({"as_optional_tensor": {"as_tensor": {"name": "x"}}}, Named("x")),
        ({"as_nested_tensors": [[{"name": "x"}], []]}, ((Named("x"),), ())),
        ({"as_int_lists": [[1], [2, 3]]}, ((1,), (2, 3))),
        ({"as_sym_ints": [{"as_int": 4}]}, (4,)),
        ({"as_string_to_argument": {"k": {"as_int": 1}}}, (("k", 1),)),
    ],
)
def test_every_kind_of_argument(argument: Json, expected: object, tmp_path: Path) -> None:
    def add(parsed: Json) -> None:
        nodes(parsed)[0]["inputs"].append({"name": "extra", "arg": argument, "kind": 2})

    assert read_program(changed(tmp_path, add)).calls[0].arguments["extra"] == expected


@pytest.mark.parametrize(
    ("target", "function", "overload"),
    [
        ("torch.ops.aten.add.Tensor", "add", "Tensor"),
        ("torch.ops.aten.relu_.default", "relu_", ""),
        ("torch.ops.prims.convert_element_type.default", "convert_element_type", ""),
        ("torch.ops.torchvision.nms.default", "torchvision::nms", ""),
        ("_operator.floordiv", "floordiv", ""),
        ("math.ceil", "ceil", ""),
        ("torch.sym_max", "sym_max", ""),
    ],
)
def test_functions_are_named_without_what_all_of_them_have(
    target: str, function: str, overload: str, tmp_path: Path
) -> None:
    found = read_program(changed(tmp_path, lambda parsed: nodes(parsed)[0].update(target=target)))
    assert (found.calls[0].function, found.calls[0].overload) == (function, overload)


def test_a_file_that_is_read_is_kept_from_being_replaced() -> None:
    path = str(DATA / "pt2" / "alexnet.pt2")
    with files.keeping():
        read_program(path)
        with pytest.raises(RfcalcError, match="is read by this command"):
            files.refuse_kept(path)


def test_weights_are_not_read(tmp_path: Path) -> None:
    """Only the parts that matter are decompressed: a file of gigabytes is read like one without weights."""
    parts = dict(parts_of("dynamic"))
    parts["data/weights/weight_0"] = bytes(2**20)
    path = written(tmp_path / "large.pt2", parts)
    opened: list[str] = []
    original = zipfile.ZipFile.open

    def noted(self: zipfile.ZipFile, part: zipfile.ZipInfo) -> object:
        opened.append(part.filename)
        return original(self, part)

    with mock.patch.object(zipfile.ZipFile, "open", noted):
        read_program(path)
    assert "archive/models/model.json" in opened
    assert "archive/data/weights/weight_0" not in opened


# What is refused


def test_files_that_are_no_programs_are_told_by_what_they_are(tmp_path: Path) -> None:
    def of_parts(*names: str, root: str = "net/") -> str:
        return refused(written(tmp_path / "other.pt2", dict.fromkeys(names, b"x"), root))

    def of_bytes(data: bytes) -> str:
        (tmp_path / "bytes.pt2").write_bytes(data)
        return refused(tmp_path / "bytes.pt2")

    assert "is what torch.save writes: it holds weights" in of_parts("data.pkl", "data/0", "version")
    assert "is TorchScript" in of_parts("data.pkl", "constants.pkl", "code/__torch__/net.py")
    assert "compiled code alone" in of_parts("data/aotinductor/model/net.so", "archive_format")
    assert "without an exported program" in of_parts("something")
    assert "is a pickle" in of_bytes(pickle.dumps({"weight": 1}))
    assert "no exported program of PyTorch" in of_bytes(b"layers:\n- conv 3\n")
    assert "no exported program of PyTorch" in of_bytes(b"")
    for text in (of_parts("data.pkl"), of_parts("code/net.py"), of_bytes(b"\x80\x02}q\x00.")):
        assert "torch.export.export(model.eval()" in text
        assert "torch.export.save(program" in text


def test_several_programs_are_named(tmp_path: Path) -> None:
    text = refused(written(tmp_path / "two.pt2", {"models/first.json": b"{}", "models/second.json": b"{}"}))
    assert "holds 2 programs ('first' and 'second'); expected one" in text


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "none.pt2")
    assert "it is a folder" in refused(tmp_path)
    assert refused("a\0b") == "'a\\x00b' is no path"


def test_damaged_archives(tmp_path: Path) -> None:
    whole = (DATA / "pt2" / "alexnet.pt2").read_bytes()
    path = tmp_path / "damaged.pt2"
    path.write_bytes(whole[: len(whole) // 2])
    assert "the zip archive cannot be read" in refused(path)
    # Behind its local header, where the list of entries says nothing of it.
    place = whole.index(b"models/model.json") + 200
    path.write_bytes(whole[:place] + bytes(64) + whole[place + 64 :])
    assert "'tmp/models/model.json' in the archive cannot be read" in refused(path)


def test_encrypted_and_foreign_compression(tmp_path: Path) -> None:
    path = tmp_path / "odd.pt2"
    parts = {"models/model.json": parts_of("shared")["models/model.json"]}
    data = bytearray(Path(written(path, parts)).read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refused(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as new:
        new.writestr("archive/models/model.json", "{}")
    assert "is compressed by method 14; expected none, or deflate (8)" in refused(path)


def test_an_archive_that_unpacks_to_more_than_the_limit(tmp_path: Path) -> None:
    path = written(tmp_path / "bomb.pt2", {"models/model.json": b" " * 100_000})
    with mock.patch.object(archives, "LONGEST_JSON", 99_999):
        assert "is larger than 0 MiB, the limit" in refused(path)


@pytest.mark.parametrize("value", ["[]", "{}", '{"":1}', "1.5", '"ab"'])
def test_json_of_very_many_values_is_refused_before_it_is_parsed(value: str, tmp_path: Path) -> None:
    data = f"[{','.join([value] * (archives.MOST_VALUES + 1))}]".encode()
    path = written(tmp_path / "bomb.pt2", {"models/model.json": data})
    with mock.patch.object(json, "loads", side_effect=AssertionError):
        assert "has more than 5,000,000 values, the limit" in refused(path)
    # The size that the list of entries states is not what counts.
    data = bytearray(Path(path).read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")
    Path(path).write_bytes(data)
    assert "in the archive" in refused(path)


def test_an_archive_of_too_many_entries(tmp_path: Path) -> None:
    path = written(tmp_path / "many.pt2", {f"extra/{number}": b"" for number in range(20)})
    with mock.patch.object(archives, "_MOST_ENTRIES", 19):
        assert "more than 19 entries, the limit" in refused(path)
    with mock.patch.object(archives, "_LONGEST_LIST", 500):
        assert "the list of its entries is larger" in refused(path)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[" * 100_000, "is nested too deeply"),
        (b"{", "is no json"),
        (b"\xff", "is no json"),
        (b'{"a": "\\ud800"}', "is no json"),
        (b"1" * 5000, "is no json"),
        (b"[]", "expected an object, not a list"),
        (b"{}", "expected an object with 'graph_module', not an empty object"),
        (b'{"graph_module": {"graph": 5}}', "at graph_module.graph: expected an object, not '5'"),
    ],
)
def test_json_that_is_none_or_holds_something_else(data: bytes, expected: str, tmp_path: Path) -> None:
    assert expected in refused(written(tmp_path / "json.pt2", {"models/model.json": data}))


def test_escaped_pairs_that_are_one_character_are_text(tmp_path: Path) -> None:
    found = read_program(changed(tmp_path, lambda parsed: nodes(parsed)[0].update(target="x.\U0001f600")))
    assert found.calls[0].function == "\U0001f600"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda node: node["inputs"][0]["arg"].update(as_tensor={"name": "later"}),
            "at graph_module.graph.nodes[0].inputs[0].arg.as_tensor: "
            "expected an input or a result of an earlier node, not 'later'",
        ),
        (lambda node: node.update(inputs={}), "at graph_module.graph.nodes[0].inputs: expected a list"),
        (lambda node: node.pop("target"), "at graph_module.graph.nodes[0]: expected an object with 'target'"),
        (
            lambda node: node["inputs"][0].update(arg={"as_thing": 1}),
            "at graph_module.graph.nodes[0].inputs[0].arg.as_thing: expected an argument of a kind",
        ),
        (
            lambda node: node["inputs"][0].update(arg={"as_ints": [1, True, "x"]}),
            "at graph_module.graph.nodes[0].inputs[0].arg.as_ints: expected a number, not 'x'",
        ),
        (
            lambda node: node["outputs"][0].update(as_tensor={"name": "unknown"}),
            "at graph_module.graph.nodes[0].outputs[0]: "
            "expected a tensor of graph_module.graph.tensor_values, not 'unknown'",
        ),
    ],
)
def test_a_mistake_in_the_json_is_named_with_its_place(
    change: Callable[[Json], object], expected: str, tmp_path: Path
) -> None:
    text = refused(changed(tmp_path, lambda parsed: change(nodes(parsed)[0])))
    assert expected in text
    assert "'archive/models/model.json' in the archive" in text


def test_a_length_that_is_none(tmp_path: Path) -> None:
    def shorten(parsed: Json) -> None:
        parsed["graph_module"]["graph"]["tensor_values"]["x"]["sizes"][1] = {"as_int": -4}

    assert "at graph_module.graph.tensor_values.x.sizes[1]: expected a length" in refused(
        changed(tmp_path, shorten)
    )


def test_programs_of_version_2_1_are_to_be_exported_again(tmp_path: Path) -> None:
    text = refused(changed(tmp_path, lambda parsed: parsed["graph_module"]["signature"].pop("input_specs")))
    assert "expected input_specs, which PyTorch writes since version 2.2" in text
    assert "torch.export.save(program" in text


def test_what_a_constant_says_of_its_size_costs_nothing(tmp_path: Path) -> None:
    parts = dict(parts_of("dynamic"))
    config = "data/constants/model_constants_config.json"
    listed = json.loads(parts[config])
    for sizes in ([0, 2**62], [2**62, 0], [2**62]):
        meta = listed["config"]["chosen"]["tensor_meta"]
        meta["sizes"] = [{"as_int": size} for size in sizes]
        meta["strides"] = [{"as_int": 0} for _ in sizes]
        parts[config] = json.dumps(listed).encode()
        read_program(written(tmp_path / "huge.pt2", parts))


# Whatever is in a file: the program, or an error of ours


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths to all parts of json."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield (*path, key)
        yield from places(part, (*path, key))


@cache
def places_of(name: str) -> list[tuple[str | int, ...]]:
    """Where a change may matter: in the graph and the signature, and in what is listed of tensors."""
    found = places(json.loads(parts_of(name)["models/model.json"]))
    return [path for path in found if path[:1] == ("graph_module",) and "module_call_graph" not in path]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 2**63, 10**400, 1.5, float("nan"), "", "x", "as_tensor", "\ud800", [], {}, [[]]]),
    st.sampled_from(
        [{"as_tensor": {"name": "x"}}, {"as_ints": [1]}, {"as_graph": {"name": "g", "graph": {}}}]
    ),
)


@st.composite
def mutated_json(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(["shared", "dynamic"]))
    parsed = json.loads(parts_of(name)["models/model.json"])
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places_of(name)))
        holder: Any = parsed
        try:
            for key in path[:-1]:
                holder = holder[key]
            if draw(st.booleans()):
                holder[path[-1]] = draw(VALUES)
            else:
                del holder[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    return name, json.dumps(parsed).encode()


@settings(max_examples=150)
@given(mutated=mutated_json())
def test_changed_json_is_read_and_followed_or_refused(
    mutated: tuple[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    name, data = mutated
    path = tmp_path_factory.getbasetemp() / "mutated.pt2"
    try:
        imported(read_program(written(path, {**parts_of(name), "models/model.json": data})), name)
    except RfcalcError as error:
        str(error).encode()


@st.composite
def mutated_archive(draw: st.DrawFn) -> bytes:
    data = bytearray((DATA / "pt2" / f"{draw(st.sampled_from(['shared', 'dynamic']))}.pt2").read_bytes())
    # The structures of the archive stand at its end, and before each part.
    structures = [place for place in range(len(data)) if data[place : place + 2] == b"PK"]
    for _ in range(draw(st.integers(1, 4))):
        near = draw(st.sampled_from(structures)) + draw(st.integers(0, 60))
        place = draw(st.sampled_from([near, draw(st.integers(0, len(data)))]))
        change = draw(st.sampled_from(["set", "cut", "insert"]))
        if change == "set":
            data[place : place + 1] = bytes([draw(st.sampled_from([0, 1, 8, 255]))])
        elif change == "cut":
            del data[place : place + draw(st.integers(1, 40))]
        else:
            data[place:place] = draw(st.binary(max_size=8))
    return bytes(data)


@settings(max_examples=150)
@given(data=mutated_archive())
def test_changed_archives_are_read_or_refused(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.pt2"
    path.write_bytes(data)
    try:
        read_program(str(path))
    except RfcalcError as error:
        str(error).encode()
