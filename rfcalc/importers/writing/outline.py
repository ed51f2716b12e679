"""What bodies are written from, and how the tensors of a network are named from where a line stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.writing.forms import PartForm, PartForms
from rfcalc.importers.writing.items import Draft
from rfcalc.importers.writing.names import Numbering, scopes_of
from rfcalc.importers.writing.scopes import NetworkPart, PartItem, StepItem
from rfcalc.importers.writing.standing import Current
from rfcalc.importers.writing.values import BlockParameter
from rfcalc.records import NamedTuple
from rfcalc.wildcards import name_glob

# From how many names on one with a wildcard is shorter, and how many names are compared with those.
_FEWEST = 3
# What a tensor is called that is named only because a line elsewhere reads it.
_READ_ELSEWHERE = "skip"
_MOST_COMPARED = 300_000


class BlockDraft(NamedTuple):
    """A block: its name, its parameters, its body, and the place of each of its parts in the columns."""

    name: str
    parameters: list[BlockParameter]
    body: list[Draft]
    places: dict[int, int]


class Outline:
    """What is written: steps with their names, parts with their forms, and the blocks that forms became."""

    def __init__(
        self,
        steps: Sequence[ImportedStep],
        names: Sequence[str],
        parts: Sequence[NetworkPart],
        forms: PartForms,
        owners: dict[int, int],
    ) -> None:
        self.steps = steps
        self.names = names
        self.parts = parts
        self.forms = forms
        self.owners = owners
        self.blocks: dict[PartForm, BlockDraft] = {}
        # The innermost part around each step and each part, and what was written of those without a name.
        self.around_step: dict[int, int] = {}
        self.around_part: dict[int, int] = {}
        self.unnamed_steps: dict[int, Draft] = {}
        self.unnamed_parts: dict[int, Draft] = {}
        # What the names of layers and parts mean, and those that begin with the path of each scope.
        self.compared = 0
        # The steps that have been written.
        self.done: set[int] = set()
        self._children: dict[str, list[str]] = {}
        self.meanings = {path: number for number, path in enumerate(names) if path}
        self.meanings |= {
            parts[number].path: parts[number].result for number in forms.of if parts[number].path
        }
        self.paths = set(self.meanings).union(*map(scopes_of, self.meanings))
        self.numbering = Numbering(self.paths)
        # The kinds of layers that are numbered in each scope, and the parts that may be none.
        self.counted: set[tuple[str, str]] = set()
        self.hiding: set[int] = set()
        for form in dict.fromkeys(forms.of.values()):
            for number, row in form.rows.items():
                for item in row:
                    if isinstance(item, PartItem):
                        self.around_part[item.part] = number
                    elif item is not None and (isinstance(item, StepItem) or item.joins):
                        self.around_step[item.step] = number
                        if not names[item.step]:
                            self.counted.add((parts[number].path, steps[item.step].operator))

    def named_by(self, glob: str, around: str, tensors: Sequence[int]) -> bool:
        """Whether a glob means just these tensors, in their order, of what a scope has named so far."""
        if not self._children:
            for path in self.meanings:
                for end in [match.start() for match in re.finditer(r"\.", path)]:
                    self._children.setdefault(path[: end + 1], []).append(path)
        before = f"{around}{glob[: glob.index('*')]}"
        names = self._children.get(before[: before.rfind(".") + 1], self.meanings)
        self.compared += len(names)
        if self.compared > _MOST_COMPARED or list(tensors) != sorted(set(tensors)):
            return False
        fits = name_glob(glob)
        found = {
            self.meanings[name] for name in names if name.startswith(before) and fits(name[len(around) :])
        }
        return found & self.done == set(tensors)

    def hides(self, part: int, text: str) -> bool:
        """Whether a name means something else in a part."""
        path = self.parts[part].path
        number = re.fullmatch(r"([a-z]+(?:\d+_)?)\d+", text)
        counted = number is not None and (path, number[1].removesuffix("_")) in self.counted
        return bool(path) and (counted or f"{path}.{text}" in self.paths)

    def channels(self, tensors: Current) -> int | None:
        """The channels of what stands somewhere; None where that is no one tensor, or symbolic."""
        channels = self.steps[tensors[0]].shape.channels if len(tensors) == 1 else None
        return channels if isinstance(channels, int) else None


class Place:
    """Where a line stands, from which tensors have names.

    parts: the innermost part around it, in each of the parts that it is written for.  roots: the parts that
    are the block around, beyond which nothing has a name.
    """

    def __init__(self, outline: Outline, parts: Sequence[int | None], roots: Sequence[int]) -> None:
        self.outline = outline
        self.parts = parts
        self.roots = roots

    def part(self, lead: int) -> NetworkPart:
        """The innermost part around it, in one of the parts: one that has what is written."""
        number = self.parts[lead]
        assert number is not None
        return self.outline.parts[number]

    def references(self, tensors: Sequence[int], lead: int) -> str:
        """The names of tensors joined by +, as they are in one of the parts; of many alike a glob."""
        names = [self.reference(tensor, lead) for tensor in tensors]
        found: list[str] = []
        start = 0
        while start < len(names):
            glob, count = self.glob(names, start, tensors, lead)
            found.append(glob or names[start])
            start += count
        return "+".join(found)

    def glob(self, names: list[str], start: int, tensors: Sequence[int], lead: int) -> tuple[str, int]:
        """A name with a wildcard that means just the names from one on, and how many; "" and 1 for none.

        What a glob means is what has been named before, in its order.
        """
        first = names[start]
        for place in [match.start() for match in re.finditer(r"\d+(?=\.|$)", first)][::-1]:
            end = re.compile(r"\d+").match(first, place)
            assert end
            head, tail = first[:place], first[end.end() :]
            alike = re.compile(re.escape(head) + r"\d+" + re.escape(tail))
            count = 1
            while start + count < len(names) and alike.fullmatch(names[start + count]):
                count += 1
            if count >= _FEWEST and self.outline.named_by(
                f"{head}*{tail}", self.part(lead).prefix, tensors[start : start + count]
            ):
                return f"{head}*{tail}", count
        return "", 1

    def reference(self, tensor: int, lead: int, *, layer: bool = False) -> str:
        """The name of a tensor, as short as it can be; layer: of the layer itself, not of a part it ends."""
        outline = self.outline
        root = outline.parts[self.roots[lead]]
        if tensor in root.inputs and root.depth:
            return f"input.{root.inputs.index(tensor)}" if len(root.inputs) > 1 else "input"
        scopes = list(self.scopes(lead))
        path = outline.names[tensor]
        written = None if path else outline.unnamed_steps.get(tensor)
        part = outline.around_step.get(tensor)
        while not layer and part is not None and part not in scopes and outline.parts[part].result == tensor:
            path = outline.parts[part].path
            # A part without a name that is no item of its own is the items in it.
            written = None if path else outline.unnamed_parts.get(part, written)
            part = outline.around_part.get(part)
        if written:
            prefix = outline.parts[part].prefix if part is not None else ""
            while not written.name:
                # No layer is called so without being told, in this scope or further in.
                name = outline.numbering.free(_READ_ELSEWHERE, 1)
                written.name = "" if prefix + name in outline.paths else name
            path = prefix + written.name
            outline.paths.add(path)
        inner: list[int] = []
        for scope in scopes:
            around = outline.parts[scope]
            text = around.relative(path)
            if path.startswith(around.prefix) and not any(outline.hides(one, text) for one in inner):
                return text
            inner.append(scope)
        # Nothing else is left: the part in which another layer is called so is none.
        outline.hiding.update(one for one in inner if outline.hides(one, path))
        return path

    def scopes(self, lead: int) -> Iterable[int]:
        """The parts around, from the innermost to the block's."""
        part = self.parts[lead]
        while part is not None:
            yield part
            if part == self.roots[lead]:
                return
            part = self.outline.around_part.get(part)
