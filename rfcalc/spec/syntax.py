"""The syntax tree of a description: what was written, with the place of every part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfcalc.errors import Position, Source
from rfcalc.ops.attributes import Word
from rfcalc.records import NamedTuple
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.trees import Expression, Name

if TYPE_CHECKING:
    from fractions import Fraction


class Formula(NamedTuple):
    """An expression, and where in which scalar its text is; per_axis: it was read as a list per axis."""

    tree: Expression
    scalar: ScalarNode
    offset: int
    end: int
    per_axis: bool = False

    @property
    def text(self) -> str:
        """All of it was written."""
        return self.scalar.text[self.offset : self.end]

    def at(self, start: int, end: int) -> Position:
        """The position of a span of the expression's text."""
        return self.scalar.at(self.offset + start, self.offset + end)

    @property
    def position(self) -> Position:
        """The position of the whole expression."""
        return self.at(self.tree.start, self.tree.end)

    @property
    def word(self) -> Word | None:
        """The bare word that is the whole expression; None when it is more than a word."""
        return Word(self.tree.text) if isinstance(self.tree, Name) else None


class Reference(NamedTuple):
    """The name of a layer as written (`enc1`, `layer1.0.sum`, `stack.*.skip`, `stack.(i-1).skip`), and where.

    pieces: where parts of it are expressions, these and the texts between them in order; else ().
    """

    text: str
    position: Position
    pieces: tuple[str | Formula, ...] = ()


class Argument(NamedTuple):
    """`name=value` of a line, the name as it was written; the value may be the name of a layer.

    scalar, start, end: where it stands.
    """

    name: str
    value: Formula | Reference
    scalar: ScalarNode
    start: int
    end: int

    @property
    def text(self) -> str:
        """All of it was written: `p=f//2`."""
        return self.scalar.text[self.start : self.end]

    @property
    def name_position(self) -> Position:
        """The position of the name."""
        return self.scalar.at(self.start, self.start + len(self.name))


class Line(NamedTuple):
    """One line: an operator or a block with its arguments.

    sources: what `from=` names.  weights: what `weights=` names.  expects: the input size that `in=`
    states.  promises: the output size after `->`.  name: after `as`, "" when unnamed.
    position: the whole line.  op_position: its first word.
    """

    op: str
    op_position: Position
    position: Position
    arguments: tuple[Argument, ...] = ()
    sources: tuple[Reference, ...] = ()
    weights: Reference | None = None
    expects: Formula | None = None
    promises: Formula | None = None
    name: str = ""


class JoinBranch(NamedTuple):
    """One branch; condition: there is none where it does not hold."""

    body: Body
    position: Position
    condition: Formula | None = None


class Split(NamedTuple):
    """One tensor cut into parts along the channels.

    parts: the channels of each part, or the number of equal parts.  names: of the parts, or ().
    sources: what `from` names; () for the current tensor.
    """

    parts: tuple[Formula, ...] | Formula
    names: tuple[str, ...]
    sources: tuple[Reference, ...]
    name: str
    position: Position


class Join(NamedTuple):
    """Branches side by side, and what brings together what leaves them; `sources` are further operands.

    op: the operator, or "" where the tensors stay several.
    branches: those that are written, or a loop each turn of which is one.
    split: how the current tensor is cut before, a part for each branch; None: every branch receives what
    enters, or one tensor of it where as many enter as there are branches.
    """

    op: str
    op_position: Position
    branches: tuple[JoinBranch, ...] | Loop
    sources: tuple[Reference, ...]
    split: Split | None
    promises: Formula | None
    name: str
    position: Position


class NamedPart(NamedTuple):
    """Items that stand under a name of their own."""

    body: Body
    name: str
    position: Position


class Loop(NamedTuple):
    """Items built several times, each time as a scope of its own.

    turns: how many (`repeat`), or None for `each`, whose variables hold one formula per turn, or one alone
    for a list.
    counter: the name that counts the turns from 0, "" for none; counter_position: where it is written.
    """

    turns: Formula | None
    variables: tuple[tuple[str, tuple[Formula, ...] | Formula, Position], ...]
    counter: str
    counter_position: Position
    body: Body
    name: str
    position: Position


class When(NamedTuple):
    """Items that are built only if a condition holds, and those built otherwise."""

    condition: Formula
    then: Body
    otherwise: Body
    position: Position


class Let(NamedTuple):
    """Names for values, from here to the end of the scope."""

    bindings: tuple[tuple[str, Formula, Position], ...]
    position: Position


Item = Line | Join | Split | NamedPart | Loop | When | Let
Body = tuple[Item, ...]


def bodies_of(item: Item) -> tuple[Body, ...]:
    """The bodies within an item."""
    if isinstance(item, When):
        return item.then, item.otherwise
    if isinstance(item, Loop | NamedPart):
        return (item.body,)
    if isinstance(item, Join):
        branches = item.branches
        return (branches.body,) if isinstance(branches, Loop) else tuple(each.body for each in branches)
    return ()


class Parameter(NamedTuple):
    """A parameter of a block; required when it has no default."""

    name: str
    default: Formula | None
    position: Position


class Block(NamedTuple):
    """A named sequence of items with parameters."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    position: Position


class Binding(NamedTuple):
    """A name of the top level with its value: an input, a parameter, a symbol."""

    name: str
    value: Formula
    position: Position


class NoteEntry(NamedTuple):
    """An entry of `notes:`: the text in English and Chinese, the layer and column it is about."""

    layer: str
    column: str
    text: str
    chinese: str
    position: Position


class StatedRate(NamedTuple):
    """How many positions along the first axis of an input are a second, as it is written.

    name: of the input; "" for all.  value: samples or frames a second, a fraction where it is none whole.
    """

    name: str
    scalar: ScalarNode
    value: int | Fraction
    position: Position


class Network(NamedTuple):
    """A whole description.

    inputs: one unnamed binding, or several named ones; empty when none is stated.
    open: values set from outside need no declaration, as there is no place for one (an expression).
    checks: the lines of `check:`, unread.  outputs: what `outputs:` names.
    object_sizes: one unnamed binding, or one for each of several outputs, by their names.
    """

    origin: Source
    name: str
    layers: Body
    layers_position: Position
    citation: str = ""
    inputs: tuple[Binding, ...] = ()
    parameters: tuple[Binding, ...] = ()
    symbols: tuple[Binding, ...] = ()
    blocks: tuple[Block, ...] = ()
    outputs: tuple[Reference, ...] = ()
    checks: tuple[ScalarNode, ...] = ()
    notes: tuple[NoteEntry, ...] = ()
    object_sizes: tuple[Binding, ...] = ()
    rates: tuple[StatedRate, ...] = ()
    open: bool = False
