"""Fifth pass of folding: bodies become items of the language.

A body is written once for all the parts that it stands for, which are gone through side by side: what is the
same is written, what differs goes to `VaryingValues`.  Items are made as the values of YAML that
`spec/printer` lays out, all names last, since a later item may need to name an earlier one that the file does
not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.writing.forms import Keyed, PartForm, flattened
from rfcalc.importers.writing.items import Draft
from rfcalc.importers.writing.lines import default_text, left, reading, value_text
from rfcalc.importers.writing.outline import BlockDraft, Outline, Place
from rfcalc.importers.writing.scopes import JoinItem, PartItem, PlacedItem, StepItem
from rfcalc.importers.writing.standing import Current, before_branches
from rfcalc.importers.writing.values import ValueColumn, VaryingValues
from rfcalc.ops.registry import find_operator

_Present = TypeVar("_Present")


class BodyWriter:
    """Writes the body of a form for some of its parts.

    parts: those parts, None where the part around lacks the one.  roots: the part that is the block in which
    each stands, beyond which nothing has a name.  current: what stands before the next item, in each.
    """

    def __init__(
        self,
        outline: Outline,
        form: PartForm,
        parts: Sequence[int | None],
        values: VaryingValues,
        roots: Sequence[int],
        current: list[Current],
    ) -> None:
        self.outline = outline
        self.form = form
        self.parts = parts
        self.values = values
        self.roots = roots
        self.names = Place(outline, parts, roots)
        self.current = current
        self.rows = [None if part is None else form.rows[part] for part in parts]
        self.place = 0
        # The channels that leave the join around.
        self.out: Sequence[int | None] = ()

    def items(self, body: Sequence[Keyed]) -> list[Draft]:
        """The items of a body; what stands behind them is `current` then."""
        found: list[Draft] = []
        inside, before = found, None
        for keyed in body:
            optional = self.place in self.form.optional
            column = [row[self.place] if row else None for row in self.rows]
            present = [
                None if row is None else one is not None for one, row in zip(column, self.rows, strict=True)
            ]
            if optional and True not in present:
                self.place += len(list(flattened((keyed,))))
                continue
            if not optional or False not in present:
                inside, before = found, None
            elif present != before:
                inside, before = [], present
                keys: dict[str, object] = {"when": "", "do": inside}
                self.decide(keys, present, self.entering(), self.out, self.flag(column), equal=False)
                found.append(Draft(keys=keys))
            self.item(keyed, column, inside)
        return found

    def decide(
        self,
        keys: dict[str, object],
        present: Sequence[bool | None],
        cin: Sequence[int | None],
        out: Sequence[int | None],
        wish: str,
        *,
        equal: bool,
    ) -> None:
        """Give the key `when` of something that some parts have its condition, when parameters are known."""

        def settle() -> None:
            keys["when"] = self.values.condition(present, cin, out, wish, equal=equal)

        self.values.waiting.append(settle)

    def flag(self, column: Sequence[PlacedItem | None]) -> str:
        """What a parameter that decides about a piece is called."""
        found: tuple[int, PlacedItem] = _first(column)
        lead, item = found
        outline = self.outline
        path = outline.parts[item.part].path if isinstance(item, PartItem) else outline.names[item.step]
        head = self.names.part(lead).relative(path).partition(".")[0].lstrip("_")
        return f"with_{head}" if head else "more"

    def entering(self) -> list[int | None]:
        """The channels that enter the next item, in each part."""
        return list(map(self.outline.channels, self.current))

    def item(self, keyed: Keyed, column: Sequence[PlacedItem | None], into: list[Draft]) -> None:
        """Write one item."""
        place = self.place
        self.place += 1
        if isinstance(keyed.item, StepItem):
            self.layer([one.step if isinstance(one, StepItem) else None for one in column], into)
        elif isinstance(keyed.item, PartItem):
            parts = [one.part if isinstance(one, PartItem) else None for one in column]
            form = self.outline.forms.of[keyed.item.part]
            if form.turns:
                self.turns(form, parts, into)
            elif form in self.outline.blocks:
                self.call(self.outline.blocks[form], parts, into)
            else:
                self.part(form, parts, into)
        else:
            joins = [one if isinstance(one, JoinItem) else None for one in column]
            if any(joins):
                self.join(keyed, joins, into, skipped=place in self.form.skipped)
            else:
                self.only_branch(keyed, into)

    # Layers

    def layer(self, steps: Sequence[int | None], into: list[Draft]) -> None:
        """A layer line, with what has to stand before it."""
        outline = self.outline
        lead, number = _first(steps)
        step = outline.steps[number]
        how = reading(step, step.operands, self.current[lead])
        sources = self.names.references(how.sources, lead)
        if how.form == "join":
            written = Draft(keys={step.operator: [], "from": sources}, kind=step.operator)
        else:
            if how.form == "before":
                into.append(Draft(keys={"tensors": [], "from": sources}))
            words = [step.operator, *self.arguments(steps, step)]
            words += [f"from={sources}"] if sources and how.form == "line" else []
            if number in outline.owners:
                words.append(f"weights={self.names.reference(outline.owners[number], lead, layer=True)}")
            written = Draft(words, kind=step.operator)
        self.named(written, steps)
        into.append(written)
        for place, one in enumerate(steps):
            if one is not None:
                self.current[place] = left(outline.steps[one], one)

    def arguments(self, numbers: Sequence[int | None], lead: ImportedStep) -> list[str]:
        """The attributes of a line; of those that are at their default in some parts the default there."""
        steps = [None if number is None else self.outline.steps[number] for number in numbers]
        cin = [self.outline.channels(step.operands[:1]) if step else None for step in steps]
        words = []
        for name, attribute in find_operator(lead.operator).attributes.items():
            values = [step.values.get(name) if step else None for step in steps]
            if all(value is None for value in values):
                continue
            column = [
                None if step is None else default_text(attribute) if value is None else value_text(value)
                for step, value in zip(steps, values, strict=True)
            ]
            written = attribute.spelling
            words.append(f"{written}={self.values.text(column, written, cin)}")
        return words

    def named(self, written: Draft, steps: Sequence[int | None]) -> None:
        """Give an item the name of its step."""
        lead, number = _first(steps)
        written.name = self.names.part(lead).relative(self.outline.names[number])
        self.outline.done.update(step for step in steps if step is not None)
        if not written.name:
            self.outline.unnamed_steps.update((step, written) for step in steps if step is not None)

    # Joins

    def join(
        self, keyed: Keyed, joins: Sequence[JoinItem | None], into: list[Draft], *, skipped: bool
    ) -> None:
        """A join with its branches; skipped: in some of the parts it has one alone, and is none."""
        outline = self.outline
        number = len(keyed.branches)
        enters: list[list[Current]] = []
        leads: list[Current] = []
        for join, current in zip(joins, self.current, strict=True):
            passed: tuple[Current, list[Current]] = ((), [current] * number)
            if join:
                passed = before_branches(join, current, outline.steps, outline.parts)
            leads.append(passed[0])
            enters.append(passed[1])
        lead, first = _first(joins)
        if leads[lead]:
            into.append(Draft(keys={"tensors": [], "from": self.names.references(leads[lead], lead)}))
        out, self.out = (
            self.out,
            [outline.channels((join.step,)) if join and join.joins else None for join in joins],
        )
        cin = [outline.channels(each[0]) if each else None for each in enters]
        branches: list[object] = []
        ends: list[list[Current]] = []
        for place, branch in enumerate(keyed.branches):
            self.current = [each[place] for each in enters]
            branches.append(self.items(branch))
            ends.append(self.current)
        through = next(
            (end for end, branch in zip(ends, keyed.branches, strict=True) if branch), self.current
        )
        self.current = [
            end if join is None else (join.step,) if join.joins else join.operands
            for join, end in zip(joins, through, strict=True)
        ]
        present = [
            None if row is None else join is not None for join, row in zip(joins, self.rows, strict=True)
        ]
        maybe = skipped and False in present
        if maybe:
            left_out = branches.index([])
            sizes = list(map(outline.channels, self.current))
            decided: dict[str, object] = {"when": "", "branch": []}
            branches[left_out] = decided
            self.decide(decided, present, cin, sizes, "residual", equal=True)
        rest = self.names.references(first.operands[number:], lead)
        key = outline.steps[first.step].operator if first.joins else "tensors"
        written = Draft(keys={key: branches} | ({"from": rest} if rest else {}), kind="" if maybe else key)
        if first.joins:
            self.named(written, [join.step if join else None for join in joins])
        into.append(written)
        self.out = out

    def only_branch(self, keyed: Keyed, into: list[Draft]) -> None:
        """What stands in place of a join that none of the parts has: the items of its one branch."""
        (only,) = filter(None, keyed.branches)
        out, self.out = self.out, [None] * len(self.parts)
        into += self.items(only)
        self.out = out

    # Parts

    def call(
        self, block: BlockDraft, parts: Sequence[int | None], into: list[Draft], *, named: bool = True
    ) -> None:
        """A line that calls a block."""
        outline = self.outline
        lead, number = _first(parts)
        part = outline.parts[number]
        words = [block.name]
        cin = [None if one is None else outline.channels(outline.parts[one].inputs) for one in parts]
        for parameter in block.parameters:
            column: ValueColumn = [
                None if one is None else parameter.column[block.places[one]] for one in parts
            ]
            if set(column) - {None, parameter.default}:
                words.append(f"{parameter.name}={self.values.text(column, parameter.name, cin)}")
        if named and part.inputs and part.inputs != self.current[lead]:
            words.append(f"from={self.names.references(part.inputs, lead)}")
        written = Draft(words, kind=block.name)
        if named:
            self.named_part(written, parts)
        into.append(written)
        self.leave(parts)

    def part(self, form: PartForm, parts: Sequence[int | None], into: list[Draft]) -> None:
        """Items under a name."""
        outline = self.outline
        lead, number = _first(parts)
        inputs = outline.parts[number].inputs
        if len(inputs) == 1 and inputs != self.current[lead]:
            into.append(Draft(keys={"tensors": [], "from": self.names.references(inputs, lead)}))
            self.current = [
                current if one is None else outline.parts[one].inputs
                for one, current in zip(parts, self.current, strict=True)
            ]
        writer = BodyWriter(outline, form, parts, self.values, self.roots, list(self.current))
        body = writer.items(form.items)
        if outline.parts[number].path:
            written = Draft(keys={"do": body}, opens=True)
            self.named_part(written, parts)
            into.append(written)
        else:
            into += body
        self.leave(parts)

    def turns(self, form: PartForm, parts: Sequence[int | None], into: list[Draft]) -> None:
        """A repeat: its body is written for all its turns in all the parts."""
        outline = self.outline
        lead, whole = _first(parts)
        number = len(form.items)
        inside: list[int | None] = []
        current: list[Current] = []
        for part, before in zip(parts, self.current, strict=True):
            row: Sequence[PlacedItem | None] = [None] * number if part is None else form.rows[part]
            turns = [one.part if isinstance(one, PartItem) else None for one in row]
            inside += turns
            current += [before if one is None else outline.parts[one].inputs for one in turns]
        values = VaryingValues(self.values, number)
        roots = [root for root in self.roots for _ in range(number)]
        forms = [outline.forms.of[one.item.part] for one in form.items if isinstance(one.item, PartItem)]
        bodies = []
        index = ""
        for turn in dict.fromkeys(forms):
            those = [one if forms[place % number] is turn else None for place, one in enumerate(inside)]
            writer = BodyWriter(outline, turn, those, values, roots, list(current))
            body: list[Draft] = []
            if turn in outline.blocks:
                writer.call(outline.blocks[turn], those, body, named=False)
            else:
                body = writer.items(turn.items)
            bodies.append(body)
        if len(bodies) > 1:
            index = values.new_name("i")
            body = [Draft(keys={"when": f"{index} == 0", "do": bodies[0], "else": bodies[1]})]
        values.settle()
        inputs = outline.parts[whole].inputs
        if inputs != self.current[lead]:
            into.append(Draft(keys={"tensors": [], "from": self.names.references(inputs, lead)}))
        variables = {one.name: values.entries(one) for one in values.parameters}
        head: dict[str, object] = {"each": variables} if variables else {"repeat": number}
        head |= {"index": index} if index else {}
        written = Draft(keys=head | {"do": body}, kind=next(iter(head)), opens=True)
        self.named_part(written, parts)
        into.append(written)
        self.leave(parts)

    def named_part(self, written: Draft, parts: Sequence[int | None]) -> None:
        """Give an item the name of its part."""
        lead, number = _first(parts)
        written.name = self.names.part(lead).relative(self.outline.parts[number].path)
        if not written.name:
            self.outline.unnamed_parts.update((part, written) for part in parts if part is not None)

    def leave(self, parts: Sequence[int | None]) -> None:
        """What stands behind some parts is what they leave."""
        for place, part in enumerate(parts):
            if part is not None:
                self.current[place] = (self.outline.parts[part].result,)


def _first(column: Sequence[_Present | None]) -> tuple[int, _Present]:
    """The place of the first part that has an item, whose names are written, and its item."""
    return next((place, item) for place, item in enumerate(column) if item is not None)


def add_block(outline: Outline, form: PartForm, name: str) -> None:
    """Make a block of a form."""
    members = list(form.rows)
    current: list[Current] = [outline.parts[member].inputs for member in members]
    channels = list(map(outline.channels, current))
    values = VaryingValues(entering=() if None in channels else channels)
    body = BodyWriter(outline, form, members, values, members, current).items(form.items)
    values.settle()
    parameters = sorted((one.settled() for one in values.parameters), key=lambda one: one.default is not None)
    places = {member: place for place, member in enumerate(members)}
    outline.blocks[form] = BlockDraft(name, parameters, body, places)
