"""How fast models of other programs are read: `python benchmarks/importing.py [FILE …]`.

Whole processes, all kinds in turn, the least of several runs; ratios are of that one run.  A ResNet-50 is
written as an ONNX file with its weights, and with 500 MB more; it is read by rfcalc and by onnx-tool, where
that is installed.  Files that are named are read too, each beside the shipped network of the file's name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from processes import PEAK_CODE, run

ROUNDS = 7
RFCALC = "import sys; from rfcalc.cli.main import main; assert main(sys.argv[1:]) == 0"
TOOL = "import sys, onnx_tool; onnx_tool.model_profile(sys.argv[1], save_profile=None)"
# Elements of the weights that are added to make a file of some size.
LARGE = 125_000_000


class Reader(NamedTuple):
    """A program that reads something, as code and arguments."""

    label: str
    code: str
    arguments: tuple[str, ...]

    def command(self, more: str = "") -> Sequence[str]:
        """The process that does it."""
        return (sys.executable, "-c", self.code + more, *self.arguments)


def with_weights(path: Path, extra: int) -> None:
    """Write a ResNet-50 in ONNX, with weights of its own or with more elements beside them."""
    import onnx
    from onnx import TensorProto, helper

    from rfcalc.description import build_graph
    from rfcalc.library import load

    graph = build_graph(load("resnet50"))
    nodes, stored = [], []

    def raw(name: str, *lengths: int) -> str:
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=lengths)
        size = 4
        for length in lengths:
            size *= length
        tensor.raw_data = bytes(size)
        stored.append(tensor)
        return name

    names = [f"t{number}" for number in range(len(graph.nodes))]
    for number, node in enumerate(graph.nodes):
        inputs, output = [names[one] for one in node.inputs], [names[number]]
        facts = node.facts
        weights = {role: tuple(map(int, map(str, sizes))) for role, sizes in (facts.weights or {}).items()}
        if node.op == "conv":
            kernel = weights["weight"][2:]
            before = [pair[0] for pair in node.arguments["padding"]]  # type: ignore[attr-defined]
            nodes.append(
                helper.make_node(
                    "Conv",
                    [*inputs, raw(f"{node.name}.weight", *weights["weight"])],
                    output,
                    name=node.name,
                    kernel_shape=kernel,
                    strides=list(node.arguments["stride"]),  # type: ignore[call-overload]
                    pads=[*before, *before],
                )
            )
        elif node.op == "bn":
            parts = [
                raw(f"{node.name}.{role}", *weights["weight"]) for role in ("weight", "bias", "mean", "var")
            ]
            nodes.append(helper.make_node("BatchNormalization", [*inputs, *parts], output, name=node.name))
        elif node.op == "maxpool":
            attributes = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
            nodes.append(helper.make_node("MaxPool", inputs, output, name=node.name, **attributes))
        elif node.op == "globalavgpool":
            nodes.append(helper.make_node("GlobalAveragePool", inputs, [f"{names[number]}m"], name=node.name))
            nodes.append(helper.make_node("Flatten", [f"{names[number]}m"], output))
        elif node.op == "fc":
            operands = [*inputs, raw("fc.weight", *weights["weight"]), raw("fc.bias", *weights["bias"])]
            nodes.append(helper.make_node("Gemm", operands, output, name=node.name, transB=1))
        elif node.op in ("relu", "add"):
            nodes.append(helper.make_node(node.op.capitalize(), inputs, output, name=node.name))
    if extra:
        raw("unused", extra)
    made = helper.make_graph(
        nodes,
        "resnet50",
        [helper.make_tensor_value_info(names[0], TensorProto.FLOAT, (1, 3, 224, 224))],
        [helper.make_tensor_value_info(names[-1], TensorProto.FLOAT, (1, 1000))],
        stored,
    )
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)]), str(path))


def measure(readers: Sequence[Reader]) -> dict[str, tuple[float, float]]:
    """The least seconds and the peak in MiB of each, all in turn."""
    seconds: dict[str, float] = {}
    for _ in range(ROUNDS):
        for reader in readers:
            taken = run(reader.command()).seconds
            seconds[reader.label] = min(seconds.get(reader.label, taken), taken)
    return {
        reader.label: (seconds[reader.label], (run(reader.command(PEAK_CODE)).peak or 0) / 2**20)
        for reader in readers
    }


def main(files: Sequence[str]) -> None:
    """Print the table and the ratios."""
    with TemporaryDirectory() as folder:
        plain, large = Path(folder) / "resnet50.onnx", Path(folder) / "large.onnx"
        with_weights(plain, 0)
        with_weights(large, LARGE)
        readers = [
            Reader("rfcalc resnet50.onnx", RFCALC, (str(plain),)),
            Reader("rfcalc large.onnx", RFCALC, (str(large),)),
            Reader("rfcalc resnet50", RFCALC, ("resnet50",)),
        ]
        if find_spec("onnx_tool"):
            readers.append(Reader("onnx-tool resnet50.onnx", TOOL, (str(plain),)))
        for file in files:
            name = os.path.basename(file)
            readers.append(Reader(f"rfcalc {name}", RFCALC, (file,)))
            readers.append(Reader(f"rfcalc {name.partition('.')[0]}", RFCALC, (name.partition(".")[0],)))
        found = measure(readers)
        sizes = {plain.name: plain.stat().st_size, large.name: large.stat().st_size}
    for name, size in sizes.items():
        print(f"{name}: {size / 2**20:.0f} MiB")
    for label, (seconds, peak) in found.items():
        print(f"{label:32} {seconds * 1000:7.0f} ms {peak:7.0f} MiB")
    pairs = [
        ("rfcalc large.onnx", "rfcalc resnet50.onnx"),
        ("rfcalc resnet50.onnx", "onnx-tool resnet50.onnx"),
        ("rfcalc resnet50.onnx", "rfcalc resnet50"),
    ]
    pairs += [
        (f"rfcalc {os.path.basename(file)}", f"rfcalc {os.path.basename(file).partition('.')[0]}")
        for file in files
    ]
    for one, two in pairs:
        if two in found:
            ratio = [a / b for a, b in zip(found[one], found[two], strict=True)]
            print(f"{one} / {two}: time {ratio[0]:.2f}, memory {ratio[1]:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
