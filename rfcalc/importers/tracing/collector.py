"""The steps found so far: adding one, whose size its operator's own facts give, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rfcalc.errors import DescriptionError, in_file, mistake
from rfcalc.importers.steps import ImportedNetwork, ImportedStep
from rfcalc.importers.tracing.naming import named
from rfcalc.importers.tracing.views import Caller
from rfcalc.ops.attributes import Value
from rfcalc.ops.facts import OperatorProblem
from rfcalc.ops.registry import find_operator
from rfcalc.shapes import Shape

# Stands behind the name of a tensor that is not shared, before the number of its step.
_OF_STEP = "\0"

# A few lines of a configuration ask for many layers; the largest networks have some thousands.
MOST_STEPS = 10_000
# So many remarks are told.
_MOST_REMARKS = 50

# Layers besides those that multiply by a matrix.
_TABLES = ("embedding", "lstm", "gru", "rnn")


class StepCollector:
    """Collects the steps of one network.

    text: of the file, where it is one, in which places are spans.  caller: what is being read; every step
    that is added stands there.  sharing: whether what is learned has equal names because it is to be shared,
    whatever layer learns it.  most: how many steps there may be.
    """

    def __init__(self, text: str = "", *, sharing: bool = False, most: int = MOST_STEPS) -> None:
        self.text = text
        self.most = most
        self._sharing = sharing
        self.caller = Caller("")
        self._remarks: dict[tuple[str, str], None] = {}
        self._steps: list[ImportedStep] = []
        self._facts: dict[object, Shape] = {}

    def __getitem__(self, step: int) -> ImportedStep:
        return self._steps[step]

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self._steps)

    def add(
        self,
        operator: str,
        operands: Iterable[int],
        values: Mapping[str, Value] = {},
        learned: Mapping[str, str] = {},
        caller: Caller | None = None,
    ) -> int:
        """The number of a new step; caller: the call that it is made for, if not the one that is followed.

        Raises DescriptionError where the operator cannot be applied, and for one step too many.
        """
        if self.count >= self.most:
            raise self.mistake(f"up to here there are {self.most:,} layers; at most {self.most:,} are read")
        inputs = tuple(operands)
        shapes = tuple([self._steps[one].shape for one in inputs])
        key = (operator, tuple((name, type(value), value) for name, value in values.items()), shapes)
        shape = self._facts.get(key)
        if shape is None:
            foreign = sorted(values.keys() - find_operator(operator).attributes.keys())
            if foreign:
                raise self.mistake(f"a layer {operator} has no {' and no '.join(foreign)}")
            try:
                shape = find_operator(operator).apply(values, shapes)[1].output
            except OperatorProblem as problem:
                sizes = ", ".join(map(str, shapes))
                raise self.mistake(f"{operator} of {sizes}: {problem.message}") from None
            self._facts[key] = shape
        made = caller or self.caller
        if learned and not self._sharing and not _can_share(operator):
            # Exporters merge tensors that happen to be equal, as factors are before anything is learned.
            learned = {role: f"{name}{_OF_STEP}{len(self._steps)}" for role, name in learned.items()}
        self._steps.append(
            ImportedStep(
                operator=operator,
                operands=inputs,
                values=values,
                shape=shape,
                name=made.path,
                modules=made.classes,
                learned=learned,
                place=made.place,
                decided=made.decided,
            )
        )
        return len(self._steps) - 1

    def remark(self, text: str, place: str = "") -> None:
        """Note what has to be said of how the network was read, once."""
        self._remarks[text, place] = None

    @property
    def remarks(self) -> tuple[tuple[str, str], ...]:
        """What has been noted, each with its place; of very many the first, and how many more there are."""
        found = tuple(self._remarks)
        more = len(found) - _MOST_REMARKS
        return found if more <= 0 else (*found[:_MOST_REMARKS], (f"{more:,} more remarks are left out", ""))

    def mistake(self, message: str, hint: str = "") -> DescriptionError:
        """The error that what is being read cannot be read."""
        return mistake(message, in_file("", self.caller.place, self.text), hint)

    def entering(self, shape: Shape, name: str = "input") -> int:
        """The number of a new input of this size."""
        self._steps.append(ImportedStep(operator="input", operands=(), values={}, shape=shape, name=name))
        return len(self._steps) - 1

    def collected(self, name: str, source: str, outputs: Sequence[int]) -> ImportedNetwork:
        """The network of all steps; outputs: the numbers of those that leave it."""
        steps, remarks = named(self._steps), self.remarks
        ends = tuple(dict.fromkeys(outputs))
        return ImportedNetwork(name, steps, ends, source, remarks, text=self.text)


def _can_share(operator: str) -> bool:
    """Whether a layer's weight is a matrix at least, so that two of the same name are one."""
    traits = find_operator(operator).traits
    return bool(traits & {"convolution", "transposed", "dense"}) or operator in _TABLES
