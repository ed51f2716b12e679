"""Networks written as modules of PyTorch: what is written is the network, to the digit."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import tokenize
from pathlib import Path

import pytest
from click.testing import CliRunner
from exporting.exported_networks import (
    EVERY_DAY,
    FIELD_NOT_FOLLOWED,
    SHIPPED,
    fields,
    graph_of,
    sizes_of,
    totals,
    without_ones,
)

from rfcalc import DescriptionError
from rfcalc.cli.group import program
from rfcalc.description import build_graph
from rfcalc.exporting.torch.own_modules import HELPERS
from rfcalc.exporting.torch.writing import torch_source
from rfcalc.library import load, read_text
from rfcalc.shapes import format_sizes

# The shipped networks that are refused, and what is said of them.
REFUSED = {
    "conv3x3-stack": "C stands for any number; say which",
    "conv7x7": "C stands for any number; say which",
    "deformable": "deformed (deformconv) cannot be exported",
}
WRITTEN = [name for name in SHIPPED if name not in REFUSED]
# The class of the network stands last.
RUN = """
import json, sys, torch
named = {}
for path, sizes in json.load(sys.stdin):
    scope = {}
    exec(compile(open(path, encoding="utf-8").read(), path, "exec"), scope)
    classes = [each for each in scope.values() if isinstance(each, type) and each.__module__ == "builtins"]
    with torch.device("meta"):
        module = classes[-1]().eval()
        outputs = module(*[torch.zeros(1, *size) for size in sizes])
    if isinstance(outputs, torch.Tensor):
        outputs = (outputs,)
    parameters = sum(each.numel() for each in module.parameters())
    named[path] = parameters, [list(each.shape[1:]) for each in outputs]
print(json.dumps(named))
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exported")
    paths = {}
    for name in WRITTEN:
        paths[name] = folder / f"net_{name.replace('-', '_').replace('.', '_')}.py"
        paths[name].write_text(torch_source(graph_of(name)), encoding="utf-8")
    return paths


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_written_is_refused_at_its_line(name: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        torch_source(graph_of(name))
    assert REFUSED[name] in str(raised.value)
    assert f"{name}.yaml:" in str(raised.value)


def test_sizes_and_parameters_of_shipped_networks_are_those_of_the_table(
    written: dict[str, Path], torch_python: str
) -> None:
    asked = [(str(path), sizes_of(graph := graph_of(name), graph.inputs)) for name, path in written.items()]
    done = subprocess.run(
        [torch_python, "-W", "ignore", "-c", RUN],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    for name, path in written.items():
        graph = graph_of(name)
        parameters, outputs = found[str(path)]
        assert parameters == sum(int(node.own_params) for node in graph.nodes), name  # type: ignore[arg-type]
        # A plain vector is one position.
        expected = sizes_of(graph, graph.outputs)
        assert [*map(without_ones, outputs)] == [*map(without_ones, expected)], name


def test_what_is_captured_every_day_has_every_operator() -> None:
    operators = {name: {node.op for node in graph_of(name).nodes} for name in WRITTEN}
    assert set().union(*operators.values()) == set().union(*(operators[name] for name in EVERY_DAY))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in EVERY_DAY else pytest.mark.slow) for name in WRITTEN],
)
def test_what_is_captured_of_the_module_is_the_network_again(
    name: str, written: dict[str, Path], torch_python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written[name]
    monkeypatch.chdir(path.parent)
    network = [
        each for each in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(each, ast.ClassDef)
    ][-1]
    forward = next(
        each for each in network.body if isinstance(each, ast.FunctionDef) and each.name == "forward"
    )
    operands = [each.arg for each in forward.args.args[1:]]
    graph = graph_of(name)
    texts = [format_sizes(graph.nodes[index].facts.output.sizes(), "language") for index in graph.inputs]
    given = dict(zip(operands, texts, strict=True)) if len(texts) > 1 else texts[0]
    again = load(f"{path.stem}:{network.name}", python=torch_python, input=given)
    assert totals(again) == totals(load(name))
    if name not in FIELD_NOT_FOLLOWED:
        assert fields(again) == fields(load(name))


HOSTILE = """
name: "a'''\\\\nimport os # \\\\u2028 -*- coding: utf-7 -*- {module} {0}"
input: 8x8x3
blocks:
  class: [conv f=3 d=4, relu as self]
layers:
  - class as forward
  - class as torch
  - conv f=1 d=2 as import
"""


def test_names_are_data_wherever_they_stand() -> None:
    source = torch_source(build_graph(read_text(HOSTILE)))
    tree = ast.parse(source)
    assert all(isinstance(each, ast.Expr | ast.Import | ast.ImportFrom | ast.ClassDef) for each in tree.body)
    imports = [each for each in ast.walk(tree) if isinstance(each, ast.Import)]
    assert [alias.name for each in imports for alias in each.names] == []
    assert tokenize.detect_encoding(io.BytesIO(source.encode()).readline)[0] == "utf-8"
    assert len(source.splitlines()) == source.count("\n")
    stored = {
        each.attr
        for each in ast.walk(tree)
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
    }
    assert stored == {"conv1", "self_", "forward_", "torch_", "import_"}


def test_equal_blocks_are_one_class_and_what_differs_is_its_parameters() -> None:
    blocks = "input: 8x8x3\nblocks:\n  unit(d): [conv f=3 p=1 d=d, bn, relu]\n"
    source = torch_source(
        build_graph(read_text(f"{blocks}layers: [unit d=4, unit d=8, unit d=8, unit d=8]\n"))
    )
    assert source.count("(nn.Module)") == 2
    assert "def __init__(self, in_channels: int, out_channels: int) -> None:" in source
    assert "self.unit2 = Unit(4, 8)" in source


def test_repeats_are_loops() -> None:
    text = "input: 8x8x3\nlayers:\n  - {repeat: 5, do: [conv f=3 p=1 d=3], as: body}\n"
    loop = "*(nn.Conv2d(3, 3, kernel_size=3, stride=1, padding=1) for _ in range(5)),"
    assert loop in torch_source(build_graph(read_text(text)))


def test_own_modules_stand_in_the_head_where_they_are_used_and_nowhere_else() -> None:
    source = torch_source(graph_of("convnext-v2-atto"))
    heads = [name for name in HELPERS if f"class {name}(" in source]
    assert heads == [name for name in HELPERS if f" {name}(" in source.replace(f"class {name}(", "")]
    assert "GlobalResponseNorm" in heads
    assert not [name for name in HELPERS if name in torch_source(graph_of("vgg16"))]


def test_a_command_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    done = CliRunner().invoke(program, ["export", "lenet5", "--to", "torch", "-o", str(path)])
    assert done.exit_code == 0, done.output
    assert path.read_text(encoding="utf-8") == torch_source(graph_of("lenet5"))
