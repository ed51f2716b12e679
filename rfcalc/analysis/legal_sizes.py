"""At which lengths of its inputs a network can be built: classes of lengths, each shown for all of its own.

A length is written as period·k + rest, and the network is built with that polynomial in k.  What its
arithmetic decides, it decides for every k from 1 up: a window, a join, a crop that fits, fits for all of k.
Where a division leaves it open, the symbol must be a multiple of some number q, which the error says, and the
class is split into q classes; so the period is found, not guessed, and classes that fail early stay large.

    n = k ── q = 2 ──► 2k ── q = 2 ──► 4k …            (U-Net: 5 times)
                  └──► 2k − 1: the join does not fit, for no k

From where a class holds: every number that must be at least 1 is so from some k on (`existence`).  Where a
layer is refused, two numbers that it may have compared can be equal for a few k all the same.  The lengths
before, and these, are built one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import lcm

from rfcalc.analysis.evenness import with_rests
from rfcalc.analysis.existence import existence
from rfcalc.graph.ir import Graph
from rfcalc.graph.trial import Misfit, Refused
from rfcalc.records import NamedTuple
from rfcalc.shapes import Size
from rfcalc.symbolic.polynomial import Polynomial, SymbolicError
from rfcalc.symbolic.signs import sign_runs

# The symbol that a length is written with, no name that a description can have.
SYMBOL = "size__k"
# Layers that are built in all; some 40 microseconds each, seconds together.
MOST_LAYERS = 60_000
# Lengths beyond are looked at by classes alone; and so large a period is none.
FURTHEST = 2**14
LARGEST_PERIOD = 2**13
MOST_COINCIDENCES = 256

# The graph of the network at a length; raises Refused.
Trial = Callable[[Size], Graph]


class SizeVerdict(NamedTuple):
    """What is known of one length.

    legal: whether the network can be built.  even: whether no division leaves a rest.  params: its learned
    parameters, None where they are not known.  changing: the layers whose number of parameters depends on
    the length.  refusal: why it cannot be built.
    """

    legal: bool
    even: bool = False
    params: Size | None = None
    changing: tuple[str, ...] = ()
    refusal: Misfit | None = None


class SizeClass(NamedTuple):
    """All lengths first, first + period, first + 2·period, …: the same holds of them all.

    verdict: with polynomials in the number of the length, from 1.
    """

    first: int
    period: int
    verdict: SizeVerdict


class LegalSizes(NamedTuple):
    """What is known of the lengths from 1 up.

    classes: by their periods and the rests of their lengths; disjoint, each shown for all its lengths.
    single: lengths that were built by themselves, and of which nothing else holds.
    open: the classes of which nothing was shown but for the lengths in `single`.
    """

    classes: Mapping[int, Mapping[int, SizeClass]]
    single: Mapping[int, SizeVerdict]
    open: tuple[SizeClass, ...]

    def at(self, length: int) -> SizeVerdict | None:
        """What is known of a length; None where nothing is."""
        found = self.single.get(length)
        if found is not None:
            return found
        for period, by_rest in self.classes.items():
            each = by_rest.get(length % period)
            if each is not None and length >= each.first:
                return _at(each.verdict, (length - each.first) // period + 1)
        return None

    @property
    def start(self) -> int:
        """The length from which on classes alone say what holds, but for very long ones."""
        single = max((each for each in self.single if each <= 2 * FURTHEST), default=0)
        firsts = (each.first for by_rest in self.classes.values() for each in by_rest.values())
        return max(single + 1, *firsts, 1)

    @property
    def period(self) -> int:
        """A number after which all that is said repeats."""
        return lcm(*self.classes)


# Of a network that is another one at each size.
NOTHING_SHOWN = LegalSizes({}, {}, (SizeClass(1, 1, SizeVerdict(False)),))


class Pattern(NamedTuple):
    """A set of lengths: from `start` on those with some rests of `period`, before that some more.

    rests: ascending, from 0; those of start, start + 1, … in the order in which they come.
    """

    start: int
    period: int
    rests: tuple[int, ...]
    before: tuple[int, ...]

    def holds(self, length: int) -> bool:
        """Whether a length is in it."""
        return length in self.before if length < self.start else length % self.period in self.rests

    @property
    def first(self) -> int | None:
        """The smallest length; None where there is none."""
        if self.before:
            return self.before[0]
        return next((n for n in range(self.start, self.start + self.period) if self.holds(n)), None)

    def near(self, length: int, number: int = 1) -> list[int]:
        """The nearest lengths of it at or below a length, and as many above."""
        low = [
            n for n in range(length, max(length - number * self.period - self.start, 0), -1) if self.holds(n)
        ]
        high = [n for n in range(length + 1, length + 1 + number * self.period + self.start) if self.holds(n)]
        return [*low[:number][::-1], *high[:number]]


def pattern_of(sizes: LegalSizes, wanted: Callable[[SizeVerdict], bool]) -> Pattern | None:
    """The lengths of which something holds that is said of a verdict's truth values alone.

    None where classes are open, or the period is too long to be told.
    """
    period, start = sizes.period, sizes.start
    if sizes.open or period > LARGEST_PERIOD or start > 2 * FURTHEST:
        return None

    def held(length: int) -> bool:
        found = sizes.at(length)
        return found is not None and wanted(found)

    # From the next multiple of the period on, the rests are in order.
    origin = -(-start // period) * period
    rests = [rest for rest in range(period) if held(origin + rest)]
    period, rests = _shortest(period, rests)
    first = start
    chosen = frozenset(rests)
    while first > 1 and held(first - 1) == ((first - 1) % period in chosen):
        first -= 1
    before = tuple([length for length in range(1, first) if held(length)])
    if any(held(far) != (far % period in chosen) for far in sizes.single if far >= first):
        return None
    return Pattern(first, period, tuple(rests), before)


def _shortest(period: int, rests: list[int]) -> tuple[int, list[int]]:
    """The same rests for the shortest period."""
    chosen = set(rests)
    for divisor in range(1, period):
        if period % divisor == 0 and all((rest + divisor) % period in chosen for rest in rests):
            return divisor, sorted({rest % divisor for rest in rests})
    return period, rests


def legal_sizes(
    trial: Trial, moved: Callable[[Graph], Mapping[int, tuple[int, ...]]], last: int
) -> LegalSizes:
    """At which lengths a network can be built.

    trial: builds it with a number or a polynomial in SYMBOL as the lengths of some axes.  moved: these axes,
    by the nodes of inputs.  last: up to where lengths are built one by one if there is no other way.
    """
    return _ClassSearch(trial, moved, last).found()


class _Symbolic(NamedTuple):
    """What is decided of a class.

    factor: what the symbol must be a multiple of before anything is.  holds_from: the value of the symbol
    from which on the verdict holds; None where it is not decided.  but: values of which it may not hold.
    """

    verdict: SizeVerdict
    factor: int = 1
    holds_from: int | None = None
    but: tuple[int, ...] = ()


class _ClassSearch:
    """The search for classes, the largest first."""

    def __init__(
        self, trial: Trial, moved: Callable[[Graph], Mapping[int, tuple[int, ...]]], last: int
    ) -> None:
        self.trial = trial
        self.moved = moved
        self.last = last
        self.left = MOST_LAYERS
        self.pending: list[tuple[int, int]] = [(1, 1)]
        self.classes: list[SizeClass] = []
        self.single: dict[int, SizeVerdict] = {}
        self.wanted: list[int] = []
        self.open: list[SizeClass] = []

    def found(self) -> LegalSizes:
        # Children are appended to what is gone through.
        for first, period in self.pending:
            if self.left <= 0:
                self._leave(first, period)
            else:
                self._settle(first, period)
        for length in sorted(set(self.wanted)):
            if self.left <= 0:
                break
            self.single[length] = self._verdict(length)
        missing = [length for length in self.wanted if length not in self.single]
        if missing:
            self.open.append(SizeClass(min(missing), 1, SizeVerdict(False)))
        classes: dict[int, dict[int, SizeClass]] = {}
        for each in self.classes:
            classes.setdefault(each.period, {})[each.first % each.period] = each
        return LegalSizes(classes, self.single, tuple(self.open))

    def _settle(self, first: int, period: int) -> None:
        """Find out about first, first + period, …, at least from some number of them on."""
        skipped = 0
        while True:
            begin = first + skipped * period
            found = self._symbolic(period * Polynomial.symbol(SYMBOL) + (begin - period))
            if found.factor > 1 and period * found.factor <= LARGEST_PERIOD:
                self._want(range(first, begin, period))
                self.pending += [
                    (begin + turn * period, period * found.factor) for turn in range(found.factor)
                ]
                return
            if found.factor == 1 and found.holds_from is not None:
                start = begin + (found.holds_from - 1) * period
                if start <= 2 * FURTHEST:
                    self._want(range(first, start, period))
                    self._want([begin + (value - 1) * period for value in found.but])
                    verdict = _later(found.verdict, found.holds_from - 1)
                    self.classes.append(SizeClass(start, period, verdict))
                    return
            # Perhaps it is decided further on.
            skipped = 2 * skipped + 1
            if first + skipped * period > self.last or found.factor > 1 or self.left <= 0:
                self._leave(first, period)
                return

    def _want(self, lengths: Iterable[int]) -> None:
        """Some lengths are to be built by themselves."""
        self.wanted += lengths

    def _leave(self, first: int, period: int) -> None:
        """Nothing is shown of a class: as far as is asked for its lengths are built."""
        self._want(range(first, self.last + 1, period))
        self.open.append(SizeClass(first, period, SizeVerdict(False)))

    def _symbolic(self, size: Size) -> _Symbolic:
        """What is decided by building with a polynomial in the symbol."""
        try:
            graph = self.trial(size)
        except Refused as refused:
            refusal = refused.refusal
            self.left -= refusal.made + 1
            verdict = SizeVerdict(False, refusal=refusal)
            if refusal.factors:
                return _Symbolic(verdict, refusal.factors.get(SYMBOL, 1))
            equal = _coincidences(refusal.compared) if refusal.decided else None
            return _Symbolic(verdict) if equal is None else _Symbolic(verdict, 1, 1, tuple(sorted(equal)))
        self.left -= len(graph.nodes)
        ranges = existence(graph)[SYMBOL].ranges if SYMBOL in graph.symbols else None
        if not ranges or ranges[-1].last is not None:
            return _Symbolic(SizeVerdict(False))
        return _Symbolic(_verdict_of(graph, self.moved(graph)), 1, ranges[-1].first)

    def _verdict(self, length: int) -> SizeVerdict:
        """What one length gives."""
        try:
            graph = self.trial(length)
        except Refused as refused:
            self.left -= refused.refusal.made + 1
            return SizeVerdict(False, refusal=refused.refusal)
        self.left -= len(graph.nodes)
        return _verdict_of(graph, self.moved(graph))


def _verdict_of(graph: Graph, moved: Mapping[int, tuple[int, ...]]) -> SizeVerdict:
    """What is known of lengths at which a network was built."""
    params: Size | None = 0
    changing = []
    for node in graph.layers:
        own = node.own_params
        if isinstance(own, Polynomial):
            changing.append(node.name)
        params = None if params is None or own is None else params + own
    return SizeVerdict(True, next(with_rests(graph, moved), None) is None, params, tuple(changing))


def _later(verdict: SizeVerdict, turns: int) -> SizeVerdict:
    """The same where the symbol counts from so many turns later."""
    if turns and isinstance(verdict.params, Polynomial):
        return verdict._replace(params=verdict.params.evaluate({SYMBOL: Polynomial.symbol(SYMBOL) + turns}))
    return verdict


def _at(verdict: SizeVerdict, turn: int) -> SizeVerdict:
    """The verdict of a class for one of its lengths, which are counted from 1."""
    if isinstance(verdict.params, Polynomial):
        return verdict._replace(params=verdict.params.evaluate({SYMBOL: turn}))
    return verdict


def _coincidences(compared: tuple[tuple[Size, ...], ...]) -> set[int] | None:
    """The values of the symbol at which two numbers of a group are equal that differ elsewhere.

    None where they are too many, or not known.
    """
    found: set[int] = set()
    for group in compared:
        numbers = [*dict.fromkeys(group)]
        for place, one in enumerate(numbers):
            for two in numbers[:place]:
                difference = one - two
                if not isinstance(difference, Polynomial):
                    continue
                try:
                    runs = sign_runs(dict(difference.terms))
                except SymbolicError:
                    return None
                for run, after in zip(runs, [*(each.start for each in runs[1:]), None], strict=True):
                    if run.sign == 0:
                        found.update(range(run.start, after or run.start + 1))
                        if len(found) > MOST_COINCIDENCES:
                            return None
    return found
