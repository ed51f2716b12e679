"""Following the rows of a file in their order: what each reads, its arguments in effect, its layers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from rfcalc.errors import DescriptionError, Position, Related, counted, listed, option, quoted
from rfcalc.importers.inputs import uneven
from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.importers.tracing.views import Caller
from rfcalc.importers.ultralytics.reading import Row, RowCell, near
from rfcalc.importers.ultralytics.registry import (
    MODULES,
    TEXT_MODULES,
    Module,
    WrongArgument,
    fitted,
)
from rfcalc.importers.ultralytics.scope import CONV, Conventions, RowScope
from rfcalc.problems import Problems

_FOLDER = "rfcalc.importers.ultralytics.modules"
_FILES = ("convolutional", "pyramids", "stages", "attention", "backbones", "joins", "masks", "heads", "detr")

# What a row leaves: one tensor, or several; None where a mistake was found.
Left = int | tuple[int, ...] | None

# What turns the branches of heads into those of later models, where it stands before them.
_MODERN = frozenset(("C3k2", "A2C2f", "C2fCIB"))


def load_modules() -> None:
    """Fill the table of modules."""
    for name in _FILES:
        import_module(f"{_FOLDER}.{name}")


class RowFollower:
    """Makes layers of rows.

    entering: the step of the input.  depth: the factor of repeats.  named: values that texts among arguments
    stand for, None where the file does not say it.
    """

    def __init__(
        self,
        collector: StepCollector,
        entering: int,
        conventions: Conventions,
        depth: float,
        named: dict[str, object],
        problems: Problems,
    ) -> None:
        load_modules()
        self.collector = collector
        self.entering = entering
        self.conventions = conventions
        self.depth = depth
        self.named = named
        self.problems = problems
        self.left: list[Left] = []
        self.rows: list[Row | None] = []
        self.refused = False

    def follow(self, rows: Sequence[Row | None]) -> None:
        """Add the layers of all rows; mistakes go to the problems."""
        self.rows = list(rows)
        for row in rows:
            self.left.append(None if row is None else self._followed(row))

    def _followed(self, row: Row) -> Left:
        reads = self._read(row)
        found = self._module(row)
        if found is None:
            return None
        if found.name in _MODERN:
            self.conventions = self.conventions._replace(legacy=False)
        before = len(self.problems.found)
        given = [self._argument(cell, found) for cell in row.arguments]
        if len(self.problems.found) != before:
            return None
        try:
            arguments = fitted(found, given)
        except WrongArgument as wrong:
            self._wrong(row, wrong)
            return None
        if row.several and not found.several and len(row.sources) != 1:
            self.problems.add(
                f"{row.module.value} reads one row, and from names {len(row.sources)}",
                row.position,
                "Concat brings several rows together",
            )
            return None
        if found.several and not row.several:
            written = row.sources[0].value
            self.problems.add(
                f"{row.module.value} reads a list of rows, even of one",
                row.sources[0].position,
                f"write [{written}]",
            )
            return None
        if reads is None or any(one is None for one in reads):
            return None
        operands = self._operands(row, found, [one for one in reads if one is not None])
        if operands is None:
            return None
        return self._made(row, found, operands, arguments)

    # What a row reads.

    def _read(self, row: Row) -> list[Left] | None:
        """What the rows leave that a row reads; None where one is not there."""
        found: list[Left] = []
        for cell in row.sources:
            assert isinstance(cell.value, int)
            place = row.number + cell.value if cell.value < 0 else cell.value
            if place == -1 and cell.value == -1:
                found.append(self.entering)
                continue
            if place >= row.number:
                what = "itself" if place == row.number else f"row {place}, which comes after it"
                if place >= len(self.rows):
                    what = f"row {place}, and the last is row {len(self.rows) - 1}"
                hint = f"rows count from 0, head after backbone; before it stand rows 0 to {row.number - 1}"
                self.problems.add(
                    f"row {row.number} reads {what}",
                    cell.position,
                    hint if row.number else "-1 is the input here",
                )
                return None
            if place < 0:
                there = (
                    ("the input", "row 0")[row.number] if row.number < 2 else f"rows 0 to {row.number - 1}"
                )
                self.problems.add(
                    f"row {row.number} reads the {_ordinal(-cell.value)} row before it, and before it "
                    f"{'stand' if row.number > 1 else 'stands'} only {there}",
                    cell.position,
                    "-1 is the row before" if row.number else "-1 is the input here",
                )
                return None
            found.append(self.left[place])
        return found

    def _operands(self, row: Row, found: Module, reads: Sequence[int | tuple[int, ...]]) -> object:
        """What the module is given of what is read; None where that is a mistake."""
        if found.parts:
            return tuple(reads) if found.several else reads[0] if isinstance(reads[0], tuple) else (reads[0],)
        single = []
        for one, cell in zip(reads, row.sources, strict=True):
            if not isinstance(one, int):
                place = row.number + int(str(cell.value)) if int(str(cell.value)) < 0 else cell.value
                other = self.rows[int(str(place))]
                name = other.module.value if other else "?"
                self.problems.add(
                    f"row {place} ({name}) leaves {counted(len(one), 'tensor')}, of which {found.name} can "
                    "read none",
                    cell.position,
                    "CBFuse and Index take one of several"
                    if name == "CBLinear"
                    else "a head is the last row",
                )
                return None
            single.append(one)
        if found.name == "Concat" and not self._side_by_side(row, single):
            return None
        return tuple(single) if found.several else single[0]

    def _side_by_side(self, row: Row, tensors: Sequence[int]) -> bool:
        """Whether maps can be joined; else that is told, with the rows that they come from."""
        sizes = [self.collector[one].shape.axes for one in tensors]
        if len(set(sizes)) <= 1:
            return True
        said, related = [], []
        for cell, one, size in zip(row.sources, tensors, sizes, strict=True):
            assert isinstance(cell.value, int)
            place = row.number + cell.value if cell.value < 0 else cell.value
            source = self.rows[place] if place >= 0 else None
            size_text = "x".join(map(str, size))
            name = f"row {place} ({source.module.value})" if source else "the input"
            said.append(f"{name} is {size_text}")
            if source:
                related.append(Related(f"{name}: {self.collector[one].shape}", source.position))
        entering = self.collector[self.entering].shape.axes
        hint = uneven(entering) or (
            "name rows of one size, or bring one to the size of the other by nn.Upsample or a stride"
        )
        self.problems.add(
            f"Concat joins maps of one size: {listed(said)}", row.position, hint, tuple(related)
        )
        return False

    # What a row names.

    def _module(self, row: Row) -> Module | None:
        name, position = str(row.module.value), row.module.position
        if name in TEXT_MODULES:
            if not self.refused:
                self.problems.add(
                    f"{name} compares maps with features of texts, which are given when the model runs and "
                    "stand in no file: models with it (YOLO-World, YOLOE) are not read",
                    position,
                    "an ONNX file of the model, exported with its classes set, can be read",
                )
            self.refused = True
            return None
        original = self.conventions.original
        found = MODULES.get(f"{name}:original" if original else name) or MODULES.get(name)
        names = [
            one.name for one in MODULES.values() if one.original in (None, original) and ":" not in one.name
        ]
        if found is None or ":" in name:
            hint = near(name, [*names, *TEXT_MODULES])
            if not hint and name.startswith("nn."):
                hint = f"of torch.nn are read {listed(one for one in names if one.startswith('nn.'))}"
            elif not hint:
                hint = (
                    "a module of your own cannot be read in YAML; in Python it can: "
                    "rfcalc package.module:callable"
                )
            self.problems.add(f"no module is called {quoted(name)}", position, hint)
            return None
        if found.original not in (None, original):
            code = "YOLOv5's own code" if original else "Ultralytics"
            why = "its head has anchors" if original else "its head has no anchors"
            self.problems.add(
                f"{code} has no {name}, and the file is written for it: {why}",
                position,
                "without the anchors in the row of its head it is read as a file of Ultralytics"
                if original
                else "with [nc, anchors] in the row of its head it is read as a file of YOLOv5",
            )
            return None
        return found

    def _argument(self, cell: RowCell, found: Module) -> object:
        """The value of an argument; a text that names a key is what the file says there."""
        return self._named(cell.value, cell.position, found)

    def _named(self, value: object, position: Position, found: Module) -> object:
        if isinstance(value, tuple):
            return tuple([self._named(one, position, found) for one in value])
        if not isinstance(value, str) or value not in self.named:
            return value
        meant = self.named[value]
        if meant is None:
            hint = f"write {value}: at the top of the file"
            if value == "nc":
                hint = f"write nc: 80 at the top of the file, or say {option('set', {'nc': '80'})}"
            self.problems.add(f"{found.name} needs {value}, which the file does not say", position, hint)
        return meant

    def _wrong(self, row: Row, wrong: WrongArgument) -> None:
        place = wrong.place
        position = row.position
        if place is not None and place < len(row.arguments):
            position = row.arguments[place].position
        self.problems.add(wrong.message, position, wrong.hint)

    # What is made of a row.

    def _made(self, row: Row, found: Module, operands: object, arguments: list[object]) -> Left:
        repeats = int(str(row.repeats.value))
        if repeats > 1:
            repeats = max(round(repeats * self.depth), 1)
        if found.width == "scaled" and isinstance(arguments[0], int):
            arguments = [self.conventions.scaled(arguments[0]), *arguments[1:]]
        kind = found.name.partition(":")[0].removeprefix("nn.")
        kind = CONV if kind == "Conv" else kind
        caller = Caller(row.position.span, f"model.{row.number}", ("Sequential", kind))
        at = RowScope(self.collector, caller, self.conventions)
        before = self.collector.count
        try:
            if found.inside or repeats == 1:
                inside = {"n": repeats} if found.inside else {}
                made = found.build(at, operands, *arguments, **inside)
                assert isinstance(made, int | tuple)
                self._remark_idle(before, caller)
                return made
            return self._chained(row, found, at, operands, arguments, repeats)
        except WrongArgument as wrong:
            self._wrong(row, wrong)
        except DescriptionError as error:
            self.problems.extend(error.diagnostics)
        return None

    def _remark_idle(self, before: int, caller: Caller) -> None:
        """Say what is counted of a row though it does not run."""
        steps = [self.collector[number] for number in range(before, self.collector.count)]
        idle = [step for step in steps if step.values.get("training")]
        if idle:
            names = listed(step.name.removeprefix(f"{caller.path}.") for step in idle)
            number = sum(int(str(step.shape.channels)) for step in idle)
            self.collector.remark(
                f"{counted(number, 'parameter')} of {names} are counted, which training alone uses",
                caller.place,
            )

    def _chained(
        self, row: Row, found: Module, at: RowScope, x: object, arguments: list[object], repeats: int
    ) -> Left:
        """Copies with the same arguments, one behind the other."""
        if not found.several and isinstance(x, int):
            x = self._copies(row, found, at, x, arguments, repeats)
            if isinstance(x, int | None):
                return x
        self.problems.add(f"{found.name} cannot be repeated", row.repeats.position, "write 1")
        return None

    def _copies(
        self, row: Row, found: Module, at: RowScope, x: int, arguments: list[object], repeats: int
    ) -> Left:
        entering = at.channels(x)
        for number in range(repeats):
            if at.channels(x) != entering:
                self.problems.add(
                    f"{repeats} copies of {found.name} follow each other, all made for the {entering} "
                    f"channels that enter, but each leaves {at.channels(x)}",
                    row.position,
                    f"let a row before change the channels to {at.channels(x)}, or repeat it once",
                )
                return None
            made = found.build(at.part(str(number), at.caller.classes[-1]), x, *arguments)
            if isinstance(made, tuple):
                return made
            x = int(made)
        return x


def _ordinal(number: int) -> str:
    return f"{number}th" if number > 3 else ("first", "second", "third")[number - 1]
