"""Scopes: which values and which layers a name means, from where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rfcalc.errors import Position, nearest, option, quoted, spoken
from rfcalc.graph.effort import BuildEffort
from rfcalc.graph.findings import Poisoned
from rfcalc.graph.ir import Bound
from rfcalc.ops.attributes import NO, YES, Value, Word
from rfcalc.ops.registry import is_word
from rfcalc.spec.line import before_number
from rfcalc.spec.syntax import Formula
from rfcalc.symbolic.polynomial import Polynomial

# A layer whose size is not known since it, or something it reads, is wrong; nothing more is said of it.
POISON = -1

# What stands between two items: a node, or several side by side; none where a network of several inputs
# begins, as there no tensor is the current one.
Tensors = tuple[int, ...]

# The value of a name whose own value is wrong; nothing more is said of what uses it.
BROKEN = Word("?")

# Comparing a misspelling with very many names would take minutes.
MOST_CANDIDATES = 500


class Scope:
    """One instance of a body: the top level, a block call, or one turn of a repeat.

    path: the prefix of the names in it, "" or ending in a dot; prefixes: those under which a name of a layer
    is looked for, its own first.
    enclosing: the scope whose values and layers are visible here too: that around a turn; None for a block
    call, which sees its arguments and the top level's parameters.
    outer: the other scopes whose values are visible here, the nearest first.
    shares: of the calls around that share parameters, the innermost first, the path of each, that of the call
    it shares with, and the place of `weights=`.
    entering: what entered the block, which `input` means.  bound: how its own names have their values.
    """

    def __init__(
        self,
        path: str,
        *,
        enclosing: Scope | None = None,
        top: Scope | None = None,
        entering: Tensors = (),
        cin_block: Value | None = None,
        reserved: frozenset[str] = frozenset(),
        shares: tuple[tuple[str, str, Position], ...] = (),
    ) -> None:
        self.path = path
        self.prefixes: tuple[str, ...] = (path, *(enclosing.prefixes if enclosing else ()))
        self.outer: tuple[Scope, ...] = () if top is None else (top,)
        if enclosing is not None:
            self.outer = (enclosing, *enclosing.outer)
        self.top = top
        self.entering = entering
        self.cin_block = cin_block
        self.reserved = reserved
        self.shares = shares
        self.values: dict[str, Value] = {}
        self.places: dict[str, Position] = {}
        self.bound: dict[str, Bound] = {}
        self.counters: dict[str, int] = {}

    def lookup(self, name: str) -> Value | None:
        """The value of a name; None when it has none here."""
        for scope in (self, *self.outer):
            if name in scope.values:
                return scope.values[name]
        return None

    def place_of(self, name: str) -> Position | None:
        """Where a visible name was given its value."""
        return next((scope.places[name] for scope in (self, *self.outer) if name in scope.places), None)

    def bind(
        self,
        name: str,
        value: Value,
        place: Position,
        written: Formula | int | None = None,
        *,
        own: bool = False,
    ) -> None:
        """Give a name its value in this scope; written, own: how it has it, see `Bound`."""
        self.values[name] = value
        self.places[name] = place
        if written is not None:
            where = place if isinstance(written, int) else written.position
            self.bound[name] = Bound(written, where, own)

    def unnamed(self, kind: str, taken: Mapping[str, object], effort: BuildEffort) -> str:
        """The next free name for an unnamed layer or call: its kind and a number."""
        number = self.counters.get(kind, 0) + 1
        stem = before_number(kind)
        while (name := f"{stem}{number}") in self.reserved or self.path + name in taken:
            # Very many may have been taken.
            effort.charge("items")
            number += 1
        self.counters[kind] = number
        return name


class LineNames:
    """What names mean in the expressions of one line; `cin` is worked out only when it is asked for.

    effort: what algebra is charged to.  in_layers: the line is a layer's, so that `cin` means something.
    is_operation: whether a name is that of an operator or a block, which a parameter may hold.
    """

    def __init__(
        self,
        scope: Scope,
        cin: Callable[[], Value | None],
        effort: BuildEffort,
        *,
        in_layers: bool = True,
        is_operation: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self.scope = scope
        self.cin = cin
        self.effort = effort
        self.in_layers = in_layers
        self.is_operation = is_operation

    def spend(self, products: int) -> None:
        """Charge products of terms; raises Stopped when they are too many."""
        self.effort.charge("products of terms", products)

    def value(self, name: str) -> Value | None:
        """The value of a name; None when it has none.  Raises Poisoned for one whose value is wrong."""
        found = self.scope.lookup(name)
        if found is None and name == "cin":
            found = self.cin()
        elif found is None and name == "cin_block":
            found = self.scope.cin_block
        if found is BROKEN or not name:
            raise Poisoned
        if found is not None:
            return found
        return Word(name) if is_word(name) or self.is_operation(name) else None

    def unknown(self, name: str) -> tuple[str, str]:
        """The message and the hint of an error about a name without a value."""
        if name in ("cin", "cin_block") and self.in_layers:
            several = "several tensors enter" if self.scope.entering else "the network has several inputs"
            return f"{name} is not known here: {several}; say which with from=NAME", ""
        known = [name for scope in (self.scope, *self.scope.outer) for name in scope.values]
        known += [name for name in ("cin", "cin_block") if self.in_layers]
        hint = nearest(name, known[:MOST_CANDIDATES])
        if not hint:
            listed = f"known here: {', '.join(sorted(known))}; " if 0 < len(known) <= 12 else ""
            alone = spoken(f"-e by --set {name}={name}", f"layers alone by {option('set', {name: name})}")
            hint = f"{listed}a symbol is declared by `symbols: [{name}]`, or with {alone}"
        return f"{quoted(name)} is not known here", hint


class SettingNames(LineNames):
    """What names mean in a value set from outside: a name of nothing is a symbol.

    symbol: what a symbol stands for, by its name.
    """

    def __init__(
        self, scope: Scope, effort: BuildEffort, symbol: Callable[[str], Value] = Polynomial.symbol
    ) -> None:
        super().__init__(scope, lambda: None, effort, in_layers=False)
        self.symbol = symbol

    def value(self, name: str) -> Value | None:
        """The value of a name: known, a word of the language, or a symbol."""
        if name in YES or name in NO:
            return None
        found = super().value(name)
        return self.symbol(name) if found is None else found
