"""Modules of PyTorch that are recorded while they run.

What surrounds the recording is tested without PyTorch, with a package of its name that has next to nothing;
the recording itself where PyTorch is installed.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from rfcalc.errors import UsageError
from rfcalc.importers.torch.capture import program_of, setting
from rfcalc.importers.torch.capture import recorded as recorded_program
from rfcalc.importers.torch.program import FunctionCall, Named, Program, ProgramTensor, Stored
from rfcalc.importers.torch.schema import Unexpected

PACKAGE = Path(__file__).parents[2] / "rfcalc" / "importers" / "torch"
NETWORKS = Path(__file__).parents[1] / "data" / "capture" / "networks.py"

# As much of PyTorch as is needed to get to the user's code.
STAND_IN = {
    "torch/__init__.py": """
from contextlib import nullcontext
from . import nn, overrides
no_grad = nullcontext
float32, int64 = "float32", "int64"
def empty(size, dtype, device): return size
""",
    "torch/overrides.py": """
class TorchFunctionMode:
    def __enter__(self): return self
    def __exit__(self, *error): pass
""",
    "torch/nn/__init__.py": """
class Module:
    def eval(self): return self
    def modules(self): return [self]
""",
    "nets.py": """
import sys, os, threading, torch
class Net(torch.nn.Module):
    in_channels = 3
    def __init__(self, width=1): self.width = width
    def forward(self, image, mask=None): pass
class Pair(Net):
    def forward(self, image, mask): pass
class Alone:
    pass
def fails(width):
    raise KeyError(f"no width of {width!r} ({type(width).__name__})")
def wrongly(): return fails()
def positions(width, /): pass
def waits():
    print("waiting", flush=True)
    threading.Event().wait(600)
def leaves():
    sys.exit("left")
def crashes():
    print("last words", file=sys.stderr, flush=True)
    os._exit(3)
number = 5
module = Net()
""",
    "broken.py": "import nothing_of_this_name\n",
    "wrong.py": "def net(:\n",
}


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in STAND_IN.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(target: str, *names: str, settings: dict[str, str] | None = None, **options: Any) -> str:
    with pytest.raises(UsageError) as raised:
        recorded_program(target, settings or {}, dict.fromkeys(names or ("",), (8, 8, 3)), **options)
    return str(raised.value)


# Without PyTorch


@pytest.mark.parametrize("name", ["capture_script.py", "capture_recording.py"])
def test_what_runs_in_the_users_python_is_of_version_3_9_and_stands_alone(name: str) -> None:
    tree = ast.parse((PACKAGE / name).read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = {
        (str(node.module) if isinstance(node, ast.ImportFrom) else node.names[0].name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported <= {*sys.stdlib_module_names, "torch"}


def test_a_program_is_made_of_what_the_script_tells() -> None:
    told = {
        "name": "Net",
        "version": "2.9",
        "inputs": [["x", [1, 3, 8, 8], "float32"]],
        "stored": [
            [["conv.weight", [4, 3, 1, 1], "float32"], "conv.weight", True, None],
            [["constant", [2], "int64"], "constant", False, [0, 1]],
        ],
        "calls": [
            [
                "conv2d",
                {
                    "0": {"tensor": "x"},
                    "1": {"tensor": "conv.weight"},
                    "2": None,
                    "padding": [1, 1],
                    "mode": "a",
                },
                [["conv2d", [1, 4, 8, 8], "float32"]],
                [["conv", "Conv2d"]],
            ],
            ["__getitem__", {"0": {"tensor": "conv2d"}, "1": [["slice", None, 2, None], "...", 0.5]}, [], []],
        ],
        "outputs": ["conv2d"],
    }
    weight = ProgramTensor("conv.weight", (4, 3, 1, 1), "float32")
    constant = ProgramTensor("constant", (2,), "int64")
    arguments = {"0": Named("x"), "1": Named("conv.weight"), "2": None, "padding": (1, 1), "mode": "a"}
    taken = {"0": Named("conv2d"), "1": (("slice", None, 2, None), "...", 0.5)}
    made = ProgramTensor("conv2d", (1, 4, 8, 8), "float32")
    assert program_of(json.loads(json.dumps(told))) == Program(
        "Net",
        "2.9",
        (ProgramTensor("x", (1, 3, 8, 8), "float32"),),
        {
            "conv.weight": Stored(weight, "conv.weight", True),
            "constant": Stored(constant, "constant", False, (0, 1)),
        },
        (
            FunctionCall("conv2d", "", arguments, (made,), (("conv", "Conv2d"),), "call 1"),
            FunctionCall("__getitem__", "", taken, (), (), "call 2"),
        ),
        ("conv2d",),
    )
    for part in ("calls", "stored"):
        with pytest.raises(Unexpected):
            program_of({**told, part: [["conv2d", 5]]})


def test_settings_are_literals_of_python_or_texts() -> None:
    texts = ("32", "-1", "0.5", "1e-3", "[3, 4]", "true", "resnet", "", "'7'", "x()", "{1}", "(" * 1000)
    expected = [32, -1, 0.5, 0.001, [3, 4], "true", "resnet", "", "7", "x()", "{1}", "(" * 1000]
    assert [setting(text) for text in texts] == expected
    assert [setting(text) for text in ("yes", "True", "no", "None")] == [True, True, False, None]


def test_a_target_has_two_parts(stand_in: Path) -> None:
    for target in ("nets", ":Net", "nets:"):
        assert refused(target) == f"{target!r}: expected package.module:name, or file.py:name"


def test_what_is_not_there(stand_in: Path) -> None:
    assert refused("nots:Net").startswith("there is no Python module 'nots'")
    assert refused("nets.inner:Net").startswith("there is no Python module 'nets.inner'")
    assert refused("other.py:Net") == "there is no file 'other.py'"
    assert refused("nets:Nett") == "'nets' has no 'Nett' (did you mean 'Net'?)"
    assert refused("nets.py:Nett") == "'nets' has no 'Nett' (did you mean 'Net'?)"
    assert refused("nets:Net.deep") == "'nets' has no 'deep'"
    assert "cannot run 'nowhere/python'" in refused("nets:Net", python="nowhere/python")


def test_a_module_that_misses_another_is_a_failure_of_the_users_code(stand_in: Path) -> None:
    text = refused("broken:Net")
    assert f"{stand_in / 'broken.py'}:1: 'broken:Net' failed: ModuleNotFoundError" in text
    assert text.endswith("\n  import nothing_of_this_name")
    assert "wrong.py:1: 'wrong:net' failed: SyntaxError" in refused("wrong:net")


def test_what_is_no_module_of_pytorch(stand_in: Path) -> None:
    assert refused("nets:number").startswith("'nets:number' is of type int; expected a torch.nn.Module")
    assert refused("nets:Alone") == "'nets:Alone' makes what is of type Alone; expected a torch.nn.Module"
    assert "is a module that is already made" in refused("nets:module", settings={"width": "2"})


def test_an_exception_of_the_users_code_is_told_with_its_line(stand_in: Path) -> None:
    text = refused("nets:fails", settings={"width": "32"})
    line = (
        STAND_IN["nets.py"]
        .splitlines()
        .index('    raise KeyError(f"no width of {width!r} ({type(width).__name__})")')
        + 1
    )
    assert text.startswith(f"{stand_in / 'nets.py'}:{line}: 'nets:fails' failed: KeyError: ")
    assert "no width of 32 (int)" in text
    assert "raise KeyError(f" in text.splitlines()[-1]
    text = refused("nets:wrongly")
    assert text.startswith(f"{stand_in / 'nets.py'}:")
    assert "failed: TypeError: " in text
    assert text.endswith("\n  def wrongly(): return fails()")
    assert "failed: SystemExit: left" in refused("nets:leaves")


def test_arguments_that_a_callable_does_not_take_are_named(stand_in: Path) -> None:
    assert refused("nets:Net", settings={"widht": "2"}) == (
        "'nets:Net' has no argument 'widht'; did you mean 'width'?"
    )
    assert refused("nets:fails") == "'nets:fails' needs 1 argument (width): params={'width': 'VALUE'}"
    assert refused("nets:fails", settings={"colours": "2"}) == (
        "'nets:fails' has no argument 'colours'; it has width"
    )
    text = refused("nets:positions")
    assert text.startswith("'nets:positions' cannot be called with these arguments: positions() missing 1")


def test_a_python_that_ends_without_an_answer(stand_in: Path) -> None:
    text = refused("nets:crashes")
    assert "ended with exit code 3 before the module had run; the last it printed: 'last words'" in text


def test_the_time_that_it_may_take_is_limited(stand_in: Path) -> None:
    assert "was made and run for 2 s, the limit" in refused("nets:waits", seconds=2)


def test_inputs_are_named_where_they_do_not_fit(stand_in: Path) -> None:
    with pytest.raises(UsageError) as raised:
        recorded_program("nets:Net", {}, {})
    assert str(raised.value) == (
        "'nets:Net' has 1 input (image); no sizes are given; its first layer with weights is a Net "
        "with in_channels = 3: input='SIZE', where a SIZE is such as 3,224,224 or 224x224x3"
    )
    assert "has no input 'imag'; did you mean 'image'?" in refused("nets:Net", "imag")
    assert "(image and mask); 1 size is given; " in refused("nets:Pair")
    assert "input={'image': 'SIZE', 'mask': 'SIZE'}, where" in refused("nets:Pair")
    assert "3 sizes are given" in refused("nets:Net", "0", "1", "2")


def test_a_python_without_pytorch_is_named(stand_in: Path) -> None:
    (stand_in / "torch" / "__init__.py").write_text("raise ImportError('no such thing')", encoding="utf-8")
    text = refused("nets:Net")
    assert text.startswith("there is no PyTorch in ")
    assert "python='PATH' names the Python that has it" in text


def test_an_answer_that_is_none(stand_in: Path) -> None:
    """A stranger in place of Python: what it prints is not taken for an answer."""
    fake = stand_in / "fake"
    for printed, expected in (
        ("[]", "answered []; expected an object"),
        ("{", "ended with exit code 0"),
        ("{}", "'program'"),
    ):
        fake.write_text(f"#!{sys.executable}\nprint({printed!r})\n", encoding="utf-8")
        fake.chmod(0o755)
        assert expected in refused("nets:Net", python=str(fake))


# With PyTorch


def recorded(torch_python: str, name: str, *sizes: tuple[int, ...], **settings: str) -> Program:
    inputs = {str(number): size for number, size in enumerate(sizes)}
    return recorded_program(f"{NETWORKS}:{name}", settings, inputs, torch_python)


def functions(program: Program) -> list[str]:
    return [call.function for call in program.calls]


def learned(program: Program) -> dict[str, tuple[int | str, ...]]:
    return {each.path: each.tensor.lengths for each in program.stored.values() if each.learned}


def sizes(program: Program) -> list[tuple[int | str, ...]]:
    made = {result.name: result for call in program.calls for result in call.results}
    return [made[name].lengths for name in program.outputs]


def test_functions_residuals_and_numbers_of_sizes(
    torch_python: str, capfd: pytest.CaptureFixture[str]
) -> None:
    found = recorded(torch_python, "factory", (8, 6, 3), kind="Functional", width="16", bias="no")
    assert functions(found) == ["conv2d", "relu", "max_pool2d", "conv2d", "add", "cat", "interpolate", "view"]
    assert learned(found) == {"first.weight": (16, 3, 3, 3), "second.weight": (16, 16, 3, 3)}
    assert found.name == "Functional"
    assert found.inputs == (ProgramTensor("x", (1, 3, 8, 6), "float32"),)
    assert sizes(found) == [(1, 32 * 8 * 6)]
    first = found.calls[0]
    assert first.modules == (("first", "Conv2d"),)
    assert [first.arguments[key] for key in "01"] == [Named("x"), Named("first.weight")]
    assert found.calls[2].arguments["0"] == Named("relu")
    added = found.calls[4]
    assert (added.arguments, added.modules) == ({"0": Named("conv2d_1"), "1": Named("max_pool2d")}, ())
    assert found.calls[6].arguments["size"] == (8, 6)
    assert found.calls[7].arguments == {"0": Named("interpolate"), "1": 1, "2": -1}
    assert capfd.readouterr() == ("", "")


def test_what_is_written_to_gets_another_name_and_keeps_its_place(torch_python: str) -> None:
    found = recorded(torch_python, "InPlace", (4, 4, 3))
    assert functions(found) == ["conv2d", "relu", "dropout", "add_", "mul_", "__setitem__", "mul"]
    arguments = [call.arguments for call in found.calls]
    assert arguments[2]["input"] == Named("relu")
    # The sum is written to what dropout handed back, not to its operand.
    assert arguments[3] == {"0": Named("dropout"), "1": Named("relu")}
    assert arguments[4]["0"] == Named("add")
    assert arguments[5] == {"0": Named("mul"), "1": (("slice", None, None, None), 0), "2": 0}
    assert arguments[6]["0"] == Named("setitem")
    constant = arguments[6]["1"]
    assert isinstance(constant, Named)
    assert found.stored[constant.name].values == (1, 1, 0, 0) * 4
    assert found.outputs == ("mul_1", "relu")


def test_a_shared_weight_has_one_name(torch_python: str) -> None:
    for name in ("Shared", "made"):
        found = recorded(torch_python, name, (4, 3))
        assert learned(found) == {
            "parts.0.weight": (4, 4),
            "parts.0.bias": (4,),
            "parts.1.bias": (4,),
            "parts.2.weight": (4, 4),
            "parts.2.bias": (4,),
        }
        used = [call.arguments["1"] for call in found.calls]
        assert used == [Named(f"parts.{number}.weight") for number in (0, 0, 2, 2)]
        assert [call.modules[-1][0] for call in found.calls] == ["parts.0", "parts.1", "parts.2", "parts.2"]


def test_tokens_attention_and_recurrent_layers(torch_python: str) -> None:
    found = recorded(torch_python, "Sequence", (5,))
    assert found.inputs == (ProgramTensor("tokens", (1, 5), "int64"),)
    ran = [function for function in functions(found) if function != "transpose"]
    assert ran == ["embedding", "add", "multi_head_attention_forward", "lstm"]
    attention = next(call for call in found.calls if call.function == "multi_head_attention_forward")
    assert attention.arguments["num_heads"] == 2
    assert attention.arguments["in_proj_weight"] == Named("attention.in_proj_weight")
    assert [result.lengths for result in attention.results] == [(5, 1, 8), ()]
    states = found.calls[-1]
    assert [result.lengths for result in states.results] == [(1, 5, 4), (1, 1, 4), (1, 1, 4)]
    assert sizes(found) == [(1, 5, 4), (1, 1, 4)]
    assert learned(found)["positions"] == (1, 5, 8)


def test_parts_of_tensors_and_constants(torch_python: str) -> None:
    found = recorded(torch_python, "Parts", (6, 6, 4))
    calls = {call.results[0].name: call for call in found.calls}
    assert [result.lengths for result in calls["chunk"].results] == [(1, 2, 6, 6)] * 2
    assert [result.lengths for result in calls["split"].results] == [(1, 1, 6, 6)] * 2
    assert [result.lengths for result in calls["unbind"].results] == [(1, 6, 6)] * 2
    full = ("slice", None, None, None)
    table = calls["getitem"].arguments["1"]
    assert table == (full, Named("table"))
    chosen = calls["getitem_1"].arguments["1"]
    assert isinstance(chosen, tuple)
    assert chosen[:2] == (full, full)
    assert chosen[3:] == ("...", ("slice", None, None, 2))
    assert isinstance(chosen[2], Named)
    assert found.stored[chosen[2].name].values == (0, 1)
    assert (found.stored["table"].path, found.stored["table"].values) == ("table", (2, 0))
    assert found.stored["large"].values is None
    assert calls["getitem_2"].arguments["1"] == ("...", 2)
    scale = calls["mul"].arguments["1"]
    assert isinstance(scale, Named)
    assert found.stored[scale.name].values == (0.5,)
    # What moves a tensor where it is changes nothing.
    assert "to" not in functions(found)
    assert sizes(found)[-1] == (1, 4, 6, 6)


def test_values_that_code_reads_of_small_tensors(torch_python: str) -> None:
    found = recorded(torch_python, "Values", (4,))
    assert functions(found) == ["add", "add", *["linear"] * 4]
    widths = [
        lengths for path, lengths in learned(found).items() if path.startswith("layers") and "weight" in path
    ]
    assert widths == [(4, 4), (8, 4), (12, 8), (16, 12)]
    assert learned(found)["large.weight"] == (100000, 1000)


def test_several_inputs_in_order_and_by_name(torch_python: str) -> None:
    found = recorded(torch_python, "Several", (8, 8, 3), (5,))
    assert [(tensor.name, tensor.lengths, tensor.element) for tensor in found.inputs] == [
        ("image", (1, 3, 8, 8), "float32"),
        ("tokens", (1, 5), "int64"),
    ]
    target = f"{NETWORKS}:Several"
    named = recorded_program(target, {}, {"bias": (1,), "tokens": (5,), "image": (8, 8, 3)}, torch_python)
    assert [tensor.name for tensor in named.inputs] == ["bias", "tokens", "image"]
    assert functions(named) == [*functions(found), "add"]


def test_sizes_that_do_not_fit_are_the_users_to_mend(torch_python: str) -> None:
    with pytest.raises(UsageError) as raised:
        recorded(torch_python, "Failing", (8, 8, 3))
    line = next(
        number
        for number, text in enumerate(NETWORKS.read_text(encoding="utf-8").splitlines(), 1)
        if "# this line" in text
    )
    assert f"{NETWORKS}:{line}: " in str(raised.value)
    assert "failed: RuntimeError: " in str(raised.value)
    assert str(raised.value).endswith("return self.linear(x)  # this line")


def test_a_branch_that_depends_on_values_is_refused(torch_python: str) -> None:
    with pytest.raises(UsageError, match="failed: .*\n.*return x.sin"):
        recorded(torch_python, "Depending", (8, 8, 3))
