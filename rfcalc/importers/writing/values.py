"""Fourth pass of folding: what differs between parts of one form becomes parameters.

A column is one value of a line as it is in each of the parts (the turns of a repeat are such parts too), None
where a part lacks the line.  A column that does not vary is written as it is; one that varies is a parameter,
or an expression of a parameter or of the channels that enter, if it comes out right in every part.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rfcalc.importers.writing.names import Numbering
from rfcalc.records import NamedTuple
from rfcalc.spec.signature import RESERVED
from rfcalc.spec.tokens import FUNCTIONS

ValueColumn = Sequence[str | None]

# By how much parameters are multiplied and divided in networks: other factors are chance.
_FACTORS = (2, 3, 4, 5, 6, 8, 16)
_DIVISORS = (2, 3, 4, 8, 16, 32)
# Entries of a list that stands in brackets; more are easier to read joined by x.
_MOST_ENTRIES = 16
_A_NUMBER = re.compile(r"\d+(?::\d+)?")
_NO, _YES = "no", "yes"


class BlockParameter(NamedTuple):
    """A parameter of a block: its name, its default, None where it has none, and its column."""

    name: str
    default: str | None
    column: ValueColumn


class OpenParameter:
    """A value that differs, in the making: its name, and its column as far as it is known."""

    def __init__(self, name: str, column: ValueColumn) -> None:
        self.name = name
        self.column = list(column)

    def settled(self) -> BlockParameter:
        """The parameter when its column is complete; its default is the value that most parts have."""
        counts = Counter(value for value in self.column if value is not None)
        value, most = counts.most_common(1)[0]
        left_out = None in self.column or 2 * most > len(self.column) or value in (_NO, _YES)
        return BlockParameter(self.name, value if left_out else None, self.column)

    def takes(self, column: ValueColumn) -> bool:
        """Whether a column is this parameter's; if so, it gives the values that were still open."""
        if not _agree(column, self.column):
            return False
        self.column = [
            theirs if mine is None else mine for mine, theirs in zip(self.column, column, strict=True)
        ]
        return True


class VaryingValues:
    """The parameters of parts of one form, or the variables of a repeat within them.

    outer: what holds around a repeat; the parts are then the turns, `turns` for each part of outer.
    entering: the channels that enter each part; () where an expression may not use them.
    """

    def __init__(
        self, outer: VaryingValues | None = None, turns: int = 1, entering: Sequence[int | None] = ()
    ) -> None:
        self.outer = outer
        self.turns = turns
        self.entering = entering
        self.parameters: list[OpenParameter] = []
        self.names: set[str] = set()
        self.names_within: set[str] = set()
        # Conditions are worked out when all parameters are known.
        self.waiting: list[Callable[[], None]] = []

    def text(self, column: ValueColumn, wish: str, cin: Sequence[int | None] = ()) -> str:
        """An expression for a column; wish: what a new parameter for it is called if it can be.

        cin: the channels that enter the line, where an expression may use them.
        """
        found = self.known(column, cin, wish)
        if not found:
            found = self.new_name(wish)
            self.parameters.append(OpenParameter(found, column))
        return found

    def known(self, column: ValueColumn, cin: Sequence[int | None] = (), wish: str = "") -> str:
        """An expression for a column that needs no new parameter, "" for none.

        wish: outside of a repeat there may be a new one of this name.
        """
        given = set(column) - {None}
        if len(given) == 1:
            return str(given.pop())
        around = self._around(column)
        if self.outer and around:
            found = self.outer.text(around, wish) if wish else self.outer.known(around)
            if found:
                return found
        for parameter in self.parameters:
            if parameter.takes(column):
                return parameter.name
        numbers = _numbers(column)
        if numbers is None:
            return self._by_entries(column, "x", cin) or self._by_entries(column, ":", cin)
        bases: list[tuple[str, Sequence[int | None]]] = []
        for parameter in self.parameters:
            base = _numbers(parameter.column)
            bases += [(parameter.name, base)] if base else []
        if cin:
            bases.append(("cin", cin))
        if self.entering and cin:
            bases.append(("cin_block", self.entering))
        return next(_related(numbers, bases), "")

    def _by_entries(self, column: ValueColumn, mark: str, cin: Sequence[int | None]) -> str:
        """An expression for a column of lists whose entries, joined by a mark, are all known; "" for none."""
        rows = [None if value is None else value.split(mark) for value in column]
        lengths = {len(row) for row in rows if row}
        if len(lengths) != 1 or lengths == {1}:
            return ""
        entries = [[None if row is None else row[place] for row in rows] for place in range(lengths.pop())]
        texts = [self.known(entry, cin) for entry in entries]
        if not all(texts):
            return ""
        # A name before an x would be read with it.
        plain = mark == ":" or all(text.isdecimal() for text in texts)
        return mark.join(texts if plain else [f"({text})" for text in texts])

    def condition(
        self,
        present: Sequence[bool | None],
        cin: Sequence[int | None],
        out: Sequence[int | None],
        wish: str,
        *,
        equal: bool,
    ) -> str:
        """A condition that holds exactly in the parts that have a piece.

        present: which have it; None: it does not matter.  cin, out: the channels that enter the line, and
        those that leave the join it stands in.  equal: the piece is there where sizes stay, not where they
        change.  wish: what a parameter is called if nothing else decides.
        """
        wanted = [one if one is None else one != equal for one in present]
        for text, found in self._changes(cin, out, equal=equal):
            if all(one is None or one == other for one, other in zip(wanted, found, strict=True)):
                return text
        for parameter in self.parameters:
            pairs = [pair for pair in zip(present, parameter.column, strict=True) if None not in pair]
            without = {value for one, value in pairs if not one}
            if len(without) == 1 and not any(one and value in without for one, value in pairs):
                (value,) = without
                if value is not None and value.isdecimal():
                    return f"{parameter.name} != {value}"
        return self.text([None if one is None else _YES if one else _NO for one in present], wish)

    def _changes(
        self, cin: Sequence[int | None], out: Sequence[int | None], *, equal: bool
    ) -> Iterator[tuple[str, list[bool]]]:
        """Conditions on whether sizes change, and in which parts they say that they do."""
        sign, word = ("==", "and") if equal else ("!=", "or")
        channels = "" if None in out or not out else self.known([str(one) for one in out])
        differ = [one != two for one, two in zip(cin, out, strict=True)] if channels else []
        for parameter in self.parameters:
            if "1" in parameter.column and _numbers(parameter.column):
                moved = [value != "1" for value in parameter.column]
                if differ:
                    both = [one or two for one, two in zip(moved, differ, strict=True)]
                    yield f"{parameter.name} {sign} 1 {word} cin {sign} {channels}", both
                yield f"{parameter.name} {sign} 1", moved
        if differ:
            yield f"cin {sign} {channels}", differ

    def settle(self) -> None:
        """Work out what has waited for all parameters to be known."""
        for work in self.waiting:
            work()

    def entries(self, parameter: OpenParameter) -> list[str] | str:
        """The values of a repeat's variable, turn by turn; very many numbers as one list."""
        assert self.outer
        turns = range(self.turns)
        columns = [parameter.column[turn :: self.turns] for turn in turns]
        # A turn that has no use for the variable has the value of another.
        used = next(column for column in columns if any(column))
        texts = [self.outer.text(column if any(column) else used, parameter.name) for column in columns]
        long = len(texts) > _MOST_ENTRIES and all(_A_NUMBER.fullmatch(text) for text in texts)
        return "x".join(texts) if long else texts

    def _around(self, column: ValueColumn) -> ValueColumn:
        """The column of a value that is the same in all turns, for what is around; () where it is not."""
        found = []
        for start in range(0, len(column), self.turns):
            given = set(column[start : start + self.turns]) - {None}
            if len(given) > 1:
                return ()
            found.append(given.pop() if given else None)
        return found

    def new_name(self, wish: str) -> str:
        """A name for a value that is free here."""
        taken = {*RESERVED, *FUNCTIONS, *self.names_within}
        scope: VaryingValues | None = self
        while scope:
            taken |= scope.names
            scope = scope.outer
        name = wish
        if wish in taken:
            # The second of several is d2, also where it stands for a parameter that is called d3.
            name = Numbering(taken).free(wish.rstrip("0123456789"), 2)
        self.names.add(name)
        scope = self.outer
        while scope:
            scope.names_within.add(name)
            scope = scope.outer
        return name


def _agree(one: ValueColumn, two: ValueColumn) -> bool:
    return all(mine is None or theirs in (None, mine) for mine, theirs in zip(one, two, strict=True))


def _numbers(column: ValueColumn) -> list[int | None] | None:
    """The numbers of a column, None where one is none."""
    if not all(value is None or value.isdecimal() for value in column):
        return None
    return [None if value is None else int(value) for value in column]


def _related(
    numbers: Sequence[int | None], bases: Sequence[tuple[str, Sequence[int | None]]]
) -> Iterator[str]:
    """Expressions of one of some bases that come to the numbers wherever there is one."""
    for name, base in bases:
        pairs = [(one, two) for one, two in zip(numbers, base, strict=True) if one is not None]
        known = [(one, two) for one, two in pairs if two is not None]
        if len(known) < len(pairs):
            continue
        if all(one == two for one, two in known):
            yield name
        for factor in _FACTORS:
            if all(one == factor * two for one, two in known):
                yield f"{factor}*{name}"
        for divisor in _DIVISORS:
            if all(one == two // divisor for one, two in known):
                yield f"{name}//{divisor}"
