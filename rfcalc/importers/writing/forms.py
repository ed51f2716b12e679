"""Third pass of folding: which parts are alike.

Parts have one form if they have the same operators, wiring and names; values do not matter, as a block has
parameters.  A form is found by a key that holds all of that, from the innermost parts outwards, so that a
part within a part is in the key by its form.  Of parts that stand in like places (`layer1.0`, `layer2.3`),
those that lack a piece which others have are of the fullest one's form too: items that are there in some, or
a join that is none where its other branch is missing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rfcalc.importers.steps import ImportedStep
from rfcalc.importers.writing.lines import default_text, left, reading, value_text
from rfcalc.importers.writing.scopes import JoinItem, NetworkPart, PartItem, PlacedItem, PlacedItems, StepItem
from rfcalc.importers.writing.standing import Current, before_branches
from rfcalc.ops.attributes import Value
from rfcalc.ops.operator import Attribute
from rfcalc.ops.registry import find_operator
from rfcalc.records import NamedTuple

# With how many fuller forms of like places one is compared.
_MOST_COMPARED = 8
# From how many turns on a first one that differs is worth a condition.
_FEWEST_TURNS = 3
# A number in a path, with a letter and another number behind it (`res4b22`).
_NUMBER = re.compile(r"\d+(?:[a-z]\d*(?=[._]|$))?")


class Keyed(NamedTuple):
    """An item with what makes another one like it; branches: of a join."""

    key: object
    item: PlacedItem
    branches: tuple[tuple[Keyed, ...], ...] = ()


class PartForm:
    """What parts that are alike have in common.

    items: those of the fullest part.  rows: for each part its items in the order of `flattened`, None for
    those that it lacks.  optional: the places in that order of items that may be missing.  skipped: the
    places of joins that are none where a branch is missing.  turns: it is a repeat's, the first turn of which
    may be of another form.  names_input: a line in it names what enters, which only a block has a name for.
    shares: a layer in it uses what one outside learns, so that no other part is like it.
    """

    def __init__(self, items: tuple[Keyed, ...], part: int, depth: int, *, turns: bool = False) -> None:
        self.items = items
        self.depth = depth
        self.turns = turns
        self.rows: dict[int, tuple[PlacedItem | None, ...]] = {part: tuple(flattened(items))}
        self.optional: set[int] = set()
        self.skipped: set[int] = set()
        self.names_input = False
        self.shares = False

    @property
    def size(self) -> int:
        """How many items the fullest part has."""
        return len(next(iter(self.rows.values())))


def flattened(items: Sequence[Keyed]) -> Iterator[PlacedItem]:
    """The items of a body, those of its branches behind their join."""
    for keyed in items:
        yield keyed.item
        for branch in keyed.branches:
            yield from flattened(branch)


class PartForms:
    """The forms of the parts of a network.

    of: the form of each part, by the part's number.  taken_apart: the parts that are none, as their items do
    not make a repeat; these stand in the part around.
    """

    def __init__(
        self,
        steps: Sequence[ImportedStep],
        names: Sequence[str],
        parts: Sequence[NetworkPart],
        owners: dict[int, int],
    ) -> None:
        self.steps = steps
        self.names = names
        self.parts = parts
        self.owners = owners
        self.of: dict[int, PartForm] = {}
        self.taken_apart: set[int] = set()
        self._known: dict[object, PartForm] = {}
        by_depth: dict[int, list[int]] = defaultdict(list)
        for number, part in enumerate(parts):
            by_depth[part.depth].append(number)
        for depth in sorted(by_depth, reverse=True):
            for number in by_depth[depth]:
                self._find(number, depth)
            self._unite(by_depth[depth])

    def _find(self, number: int, depth: int) -> None:
        part = self.parts[number]
        within = [self.of[item.part] for item in part.body if part.turns and isinstance(item, PartItem)]
        if len(set(within)) > 1 and (len(set(within[1:])) > 1 or len(within) < _FEWEST_TURNS):
            self.taken_apart.add(number)
            return
        keys = _Keys(self, part)
        items = keys.items(self.body(part.body), part.inputs)
        key = (part.turns, _key(items))
        form = self._known.get(key)
        if form is None:
            self._known[key] = self.of[number] = form = PartForm(items, number, depth, turns=part.turns)
            form.names_input, form.shares = keys.names_input, keys.shares
            return
        self.of[number] = form
        form.rows[number] = tuple(flattened(items))
        form.depth = max(form.depth, depth)

    def body(self, body: PlacedItems) -> PlacedItems:
        """A body with the items of what was taken apart in it."""
        items: list[PlacedItem] = []
        for item in body:
            if isinstance(item, JoinItem):
                items.append(item._replace(branches=tuple(map(self.body, item.branches))))
            elif isinstance(item, PartItem) and item.part in self.taken_apart:
                items += self.body(self.parts[item.part].body)
            else:
                items.append(item)
        return tuple(items)

    def _unite(self, numbers: Sequence[int]) -> None:
        """Let parts that lack a piece be of the form of fuller ones that stand in like places."""
        places: dict[str, dict[PartForm, None]] = defaultdict(dict)
        for number in numbers:
            if number in self.of and self.parts[number].depth and not self.of[number].turns:
                places[_NUMBER.sub("*", self.parts[number].path)][self.of[number]] = None
        for forms in places.values():
            full: list[PartForm] = []
            for form in sorted(forms, key=lambda form: -form.size):
                if not any(self._united(form, fuller) for fuller in full[-_MOST_COMPARED:]):
                    full.append(form)

    def _united(self, form: PartForm, fuller: PartForm) -> bool:
        """Whether a form could be made one with a fuller one."""
        fit = Fit()
        if form.shares or fuller.shares:
            return False
        if form.optional or form.skipped or not fit.items(form.items, fuller.items):
            return False
        place_of = {id(item): place for place, item in enumerate(flattened(form.items))}
        for number, row in form.rows.items():
            fuller.rows[number] = tuple(row[place_of[id(item)]] if item else None for item in fit.row)
            self.of[number] = fuller
        fuller.depth = max(fuller.depth, form.depth)
        fuller.optional |= fit.optional
        fuller.skipped |= fit.skipped
        return True


def _told(attribute: Attribute, value: Value) -> object:
    """What of an attribute must be the same in like layers, as a block could not be told otherwise."""
    if attribute.kind.any_word or attribute.kind.refers:
        return attribute.name, value_text(value)
    # Where it is left out it has a default that a call could not give.
    return attribute.name if default_text(attribute) is None else None


def _key(items: Sequence[Keyed]) -> object:
    return tuple((keyed.key, tuple(map(_key, keyed.branches))) for keyed in items)


class _Keys:
    """Makes the keys of the items of one part."""

    def __init__(self, forms: PartForms, part: NetworkPart) -> None:
        self.forms = forms
        self.part = part
        self.places = {step: place for place, step in enumerate(part.steps)}
        self.names_input = False
        self.shares = False

    def items(self, body: PlacedItems, current: Current) -> tuple[Keyed, ...]:
        found = []
        for item in body:
            keyed, current = self.item(item, current)
            found.append(keyed)
        return tuple(found)

    def item(self, item: PlacedItem, current: Current) -> tuple[Keyed, Current]:
        """An item with its key, and what stands behind it."""
        steps, parts = self.forms.steps, self.forms.parts
        if isinstance(item, StepItem):
            step = steps[item.step]
            how = reading(step, step.operands, current)
            attributes = find_operator(step.operator).attributes
            owner = self.forms.owners.get(item.step)
            key: object = (
                step.operator,
                self.name(item.step),
                how.form,
                self.references(how.sources),
                frozenset(
                    filter(None, (_told(attributes[name], value) for name, value in step.values.items()))
                ),
                None if owner is None else self.references((owner,), shared=True),
            )
            return Keyed(key, item), left(step, item.step)
        if isinstance(item, PartItem):
            part = parts[item.part]
            self.names_input = self.names_input or self.forms.of[item.part].names_input
            self.shares = self.shares or self.forms.of[item.part].shares
            sources = () if part.inputs == current else part.inputs
            key = (self.forms.of[item.part], self.part.relative(part.path), self.references(sources))
            return Keyed(key, item), (part.result,)
        lead, enters = before_branches(item, current, steps, parts)
        branches = tuple(
            self.items(branch, enter) for branch, enter in zip(item.branches, enters, strict=True)
        )
        rest = item.operands[len(item.branches) :]
        named = (steps[item.step].operator, self.name(item.step)) if item.joins else ()
        key = (named, self.references(lead), self.references(rest), len(branches))
        return Keyed(key, item, branches), (item.step,) if item.joins else item.operands

    def name(self, step: int) -> str:
        return self.part.relative(self.forms.names[step])

    def references(self, tensors: Sequence[int], *, shared: bool = False) -> tuple[object, ...]:
        """What tensors are to the part: one within it, or one of those that it reads."""
        found: list[object] = []
        for tensor in tensors:
            if tensor in self.places:
                found.append(self.name(tensor) or self.places[tensor])
            else:
                self.names_input = True
                self.shares = self.shares or shared
                found.append(object() if shared else ("input", self.part.inputs.index(tensor)))
        return tuple(found)


class Fit:
    """How the items of a part lie in those of a fuller one.

    row: for each item of the fuller one that of the other, or None.
    """

    def __init__(self) -> None:
        self.row: list[PlacedItem | None] = []
        self.optional: set[int] = set()
        self.skipped: set[int] = set()

    def items(self, few: Sequence[Keyed], many: Sequence[Keyed]) -> bool:
        """Whether some items are the others without a piece."""
        keys, others = [_key((one,)) for one in few], [_key((one,)) for one in many]
        shorter = min(len(few), len(many))
        start = next((at for at in range(shorter) if keys[at] != others[at]), shorter)
        end = next((at for at in range(shorter - start) if keys[-1 - at] != others[-1 - at]), shorter - start)
        self.row += flattened(few[:start])
        middle, fuller = few[start : len(few) - end], many[start : len(many) - end]
        if not middle:
            for keyed in fuller:
                self.optional.add(len(self.row))
                self.row += [None] * len(list(flattened((keyed,))))
        elif len(fuller) != 1 or not self.within(middle, fuller[0]):
            return False
        self.row += flattened(few[len(few) - end :])
        return True

    def within(self, few: Sequence[Keyed], join: Keyed) -> bool:
        """Whether some items are a join without a piece of its branches, or the one branch of it."""
        if len(few) == 1 and few[0].branches and few[0].key == join.key:
            self.row.append(few[0].item)
            return all(map(self.items, few[0].branches, join.branches))
        branches = [branch for branch in join.branches if branch]
        if len(join.branches) != 2 or len(branches) != 1 or _key(few) != _key(branches[0]):
            return False
        # Only a join falls away where it has one branch.
        if not isinstance(join.item, JoinItem) or not join.item.joins or join.item.operands[2:]:
            return False
        self.skipped.add(len(self.row))
        self.row += [None, *flattened(few)]
        return True
