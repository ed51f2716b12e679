"""Random networks of steps: wired and called in ways that no exporter would think of."""

from __future__ import annotations

import random
from collections.abc import Sequence

from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.ops.attributes import SpanValue, Value
from rfcalc.shapes import Shape

_MOST_STEPS = 120
_MOST_CHANNELS = 200
_DEEPEST = 3


def random_network(choose: random.Random) -> ImportedNetwork:
    """A network of one or two inputs, with names of one of several kinds."""
    made = _Network(choose)
    while len(made.steps) == made.inputs:
        current = 0
        for _ in range(choose.randint(1, 4)):
            start = current if choose.random() < 0.9 else choose.randrange(len(made.steps))
            path = [choose.choice(["net", "enc", "dec", "m"])] if choose.random() < 0.5 else []
            current = made.body(start, path, 0, choose)
    last = len(made.steps) - 1
    outputs = {last} if choose.random() < 0.7 else {last, choose.randrange(made.inputs, last + 1)}
    return ImportedNetwork("random", tuple(made.steps), tuple(sorted(outputs)))


class _Network:
    def __init__(self, choose: random.Random) -> None:
        self.choose = choose
        self.names = choose.choice(["plain", "paths", "none", "some", "numbers"])
        self.inputs = choose.choice([1, 1, 1, 2])
        sizes = [Shape((8, 8), choose.choice([4, 8])) for _ in range(self.inputs)]
        self.steps = [ImportedStep("input", (), {}, size, f"in{place}") for place, size in enumerate(sizes)]

    def add(
        self, operator: str, operands: Sequence[int], path: Sequence[str], shape: Shape, **values: Value
    ) -> int:
        learned = {}
        if operator in ("conv", "dwconv", "bn"):
            learned = {"weight": f"w{len(self.steps)}"}
            entering = self.steps[operands[0]].shape
            like = [
                one.learned
                for one in self.steps
                if (one.operator, one.values, one.shape) == (operator, values, shape)
                and self.steps[one.operands[0]].shape == entering
            ]
            if like and self.choose.random() < 0.03:
                learned = dict(like[0])
        name = self.name(operator, path)
        self.steps.append(ImportedStep(operator, tuple(operands), values, shape, name, (), learned))
        return len(self.steps) - 1

    def name(self, operator: str, path: Sequence[str]) -> str:
        chance = self.choose.random()
        if self.names == "none" or (self.names == "some" and chance < 0.3):
            return ""
        if self.names == "plain":
            odd = self.choose.choice(["input", "a b", "3x", "relu"])
            return f"{operator}{len(self.steps)}" if chance < 0.9 else odd
        leaf = f"{operator}{self.choose.choice([1, 1, 2, 3])}"
        if self.names == "numbers" and chance < 0.3:
            leaf = self.choose.choice("012")
        return ".".join([*path, leaf])

    def one(self, current: int, path: Sequence[str], choose: random.Random) -> int:
        """A layer of one input."""
        operator = choose.choice(["relu", "tanh", "conv", "bn", "dwconv", "identity", "slice", "maxpool"])
        shape = self.steps[current].shape
        channels = int(shape.channels)
        if operator == "conv":
            width = choose.choice([4, 8, channels])
            wide = Shape(shape.axes, width)
            return self.add(operator, [current], path, wide, kernel=3, padding=1, out_channels=width)
        if operator == "slice":
            half = max(channels // 2, 1)
            return self.add(operator, [current], path, Shape(shape.axes, half), channels=SpanValue(0, half))
        if operator == "dwconv":
            return self.add(operator, [current], path, shape, kernel=3, padding=1)
        if operator == "maxpool":
            return self.add(operator, [current], path, shape, kernel=3, stride=1, padding=1)
        return self.add(operator, [current], path, shape)

    def join(self, ends: Sequence[int], path: Sequence[str], choose: random.Random) -> int:
        """A join of some tensors, or the first where they do not fit."""
        shapes = [self.steps[end].shape for end in ends]
        first = shapes[0]
        if any(shape.axes != first.axes for shape in shapes) or len(ends) == 1:
            return ends[0]
        if len(set(shapes)) == 1 and choose.random() < 0.7:
            return self.add(choose.choice(["add", "mul", "max"]), ends, path, first)
        length = int(first.axes[0]) * len(ends)
        if len(set(shapes)) == 1 and choose.random() < 0.15 and length <= 64:
            return self.add("concat", ends, path, Shape((length, *first.axes[1:]), first.channels), axis=0)
        channels = sum(int(shape.channels) for shape in shapes)
        if channels > _MOST_CHANNELS:
            return ends[0]
        return self.add("concat", ends, path, Shape(first.axes, channels))

    def body(self, current: int, path: list[str], depth: int, choose: random.Random) -> int:
        """Some items one behind the other: layers, branches, and modules that are mostly alike."""
        for _ in range(choose.randint(1, 4)):
            chance = choose.random()
            if len(self.steps) > _MOST_STEPS:
                break
            if chance < 0.5 or depth > _DEEPEST:
                current = self.one(current, path, choose)
            elif chance < 0.75:
                ends = []
                for branch in range(choose.randint(1, 3)):
                    inside = [*path, f"br{branch}"] if choose.random() < 0.5 else path
                    ends.append(
                        current if choose.random() < 0.3 else self.body(current, inside, depth + 1, choose)
                    )
                if self.choose.random() < 0.1:
                    ends.append(self.choose.randrange(len(self.steps)))
                current = self.join(ends, path, choose)
            else:
                seed = choose.randrange(10**9)
                name = choose.choice(["layer", "stage", "block"])
                for turn in range(choose.randint(1, 5)):
                    alike = random.Random(seed + (choose.random() > 0.9))
                    inside = [*path, name, str(turn)] if choose.random() < 0.9 else [*path, f"{name}{turn}"]
                    current = self.body(current, inside, depth + 1, alike)
        return current
