"""The receptive field along one axis of the input, as a function of the unit's position.

A field says for every unit of a layer which positions of one input axis it sees, padding being part
of the signal.  `Periodic` is the exact form: unit q·P + φ sees J·q + S[φ].  The other forms take
over where it cannot hold: `Outer` past the cap on phases, `PositionTable` behind a join of branches that
advance at different rates, `Whole` once a window has covered the whole map and no position is left.

All work is bounded: by the size of masks, by the number of phases, and by one budget of effort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import gcd, lcm

from rfcalc.analysis.fields.supports import MASK_BITS, UNKNOWN_HOLES, Support, progression, union
from rfcalc.ops.axis_maps import Taps, count_of, taps_of
from rfcalc.records import NamedTuple
from rfcalc.shapes import LARGEST_SIZE, Size

# A longer period is replaced by one outer interval.  Resampling to any size up to 8192 stays exact.
MOST_PHASES = 2**13
# An operator with more phases than this is not looked through at all.
MOST_OPERATOR_PHASES = 2**16
# The longest map whose positions are listed one by one.
MOST_POSITIONS = 2**16
# Steps of about a microsecond that one analysis may spend on phases, positions and masks together.
EFFORT = 2**22


class OutOfReachError(Exception):
    """A field that cannot be followed further; the message is the reason, as the end of a sentence."""


class Effort:
    """What is left of the budget of one analysis."""

    def __init__(self, steps: int = EFFORT) -> None:
        self.remaining = steps

    def take(self, steps: int) -> bool:
        """Whether `steps` more were left; they are gone if so."""
        if steps > self.remaining:
            return False
        self.remaining -= steps
        return True


def lowest_terms(numerator: int, denominator: int) -> tuple[int, int]:
    """A fraction in lowest terms."""
    common = gcd(numerator, denominator)
    return numerator // common, denominator // common


class Periodic(NamedTuple):
    """Unit q·period + φ sees supports[φ], moved by q·shift; None is a phase that sees nothing."""

    period: int
    shift: int
    supports: tuple[Support | None, ...]

    def at(self, unit: int) -> Support | None:
        """What one unit sees."""
        turn, phase = divmod(unit, self.period)
        support = self.supports[phase]
        return None if support is None else support.shifted(self.shift * turn)

    @property
    def mean_centre(self) -> tuple[int, int] | None:
        """The centre of unit 0, were all units spaced evenly, as a reduced fraction; None for an empty field.

        With one phase that is the centre of unit 0; with more, the mean over the phases that see
        something: neighbouring units of an upsampled map share a support, but not a place.
        """
        return self._mean(lambda support: support.low + support.high)

    @property
    def mean_end(self) -> tuple[int, int] | None:
        """The last position that unit 0 sees, were all units spaced evenly; like `mean_centre`."""
        return self._mean(lambda support: 2 * support.high)

    def _mean(self, doubled: Callable[[Support], int]) -> tuple[int, int] | None:
        """The mean over the phases of a place, given twice, less the way from unit 0 to the phase."""
        total = seeing = 0
        for phase, support in enumerate(self.supports):
            if support is not None:
                total += doubled(support) * self.period - 2 * phase * self.shift
                seeing += 1
        if not seeing:
            return None
        return lowest_terms(total, 2 * seeing * self.period)


class Outer(NamedTuple):
    """Unit o sees nothing outside floor(o·shift / period) + low … + high."""

    period: int
    shift: int
    low: int
    high: int

    def at(self, unit: int) -> Support | None:
        """An interval that contains what one unit sees."""
        base = unit * self.shift // self.period
        return Support(base + self.low, base + self.high, UNKNOWN_HOLES)


class PositionTable(NamedTuple):
    """The first and last position each unit of the map sees; None for a unit that sees nothing."""

    ends: tuple[tuple[int, int] | None, ...]

    def at(self, unit: int) -> Support | None:
        """From the first to the last position one unit sees; nothing outside the map."""
        ends = self.ends[unit] if 0 <= unit < len(self.ends) else None
        return None if ends is None else Support(*ends, UNKNOWN_HOLES)


class Whole(NamedTuple):
    """A collapsed axis: there is one position, and this is what it sees."""

    support: Support | None

    def at(self, _unit: int) -> Support | None:
        """What the one position sees."""
        return self.support


Field = Periodic | Outer | PositionTable
ORIGIN = Periodic(1, 1, (Support(0, 0),))
BLIND = Periodic(1, 0, (None,))


def through(field: Field, taps: Taps, output: Size, effort: Effort) -> Field:
    """The field of a layer of `output` positions that reads a map, whose field is given, through `taps`.

    This is the recurrence of the receptive field.  Unit q·P + φ of the map sees J·q + S[φ]: P phases
    (`period`), the jump J from one turn of them to the next (`shift`), and the positions S[φ] of each phase
    (`supports`).  The input of the network has P = J = 1 and S[0] = {0}.  The layer's unit q·p + ψ reads the
    units q·j + t of the map, t in the taps of its phase ψ.  With g = gcd(P, j) then

        P' = p · P / g        J' = J · j / g
        S'[n] = the union of J · ((q·j + t) div P) + S[(q·j + t) mod P] over the taps t,  n = q·p + ψ < P'

    For convolutions and poolings alone (P = p = 1, kernel f, stride s, dilation r, padding p₀ before) that is
    the recurrence of the textbooks: from a map with jump J, size k and first position a of unit 0,

        J' = J · s        k' = k + (f − 1) · r · J        a' = a − p₀ · J

    so that k = 1 + Σ (f − 1) · r · J over the layers and −a is the padding of tables (Dumoulin, Visin 2016,
    Araujo, Norris and Sim 2019); phases extend it to upsampling.  Raises OutOfReachError.
    """
    if isinstance(field, PositionTable):
        return _table_through(field, taps, output, effort)
    if isinstance(field, Periodic):
        if field.period == 1 and taps.period == 1:
            bits = MASK_BITS if effort.remaining > 0 else 0
            seen = _gathered(field, taps.taps(0), 0, bits)
            return _checked(Periodic(1, field.shift * taps.shift, (seen,)), effort)
        composed = _composed(field, taps, effort)
        if composed is not None:
            return composed
        field = outer(field)
    return _outer_through(field, taps, effort)


def over_map(field: Field, size: Size, effort: Effort) -> Whole:
    """What a window over all `size` positions of a map with this field sees.  Raises OutOfReachError."""
    if isinstance(field, PositionTable):
        ends = _hull(field.ends)
        return Whole(None if ends is None else Support(*ends, UNKNOWN_HOLES))
    if not isinstance(size, int):
        raise OutOfReachError("the map it covers has a symbolic size")
    if isinstance(field, Periodic) and field.period > 1 and not effort.take(field.period):
        field = outer(field)
    if isinstance(field, Outer):
        last = (size - 1) * field.shift // field.period
        interval = Support(field.low, last + field.high, UNKNOWN_HOLES)
        _within_limit(interval.low, interval.high)
        return Whole(interval)
    period, shift, supports = field
    bits = MASK_BITS // period if effort.remaining > 0 else 0
    seen = union(
        [
            progression(support, shift, (size - phase - 1) // period + 1, bits)
            for phase, support in enumerate(supports[:size])
            if support is not None
        ],
        bits,
    )
    if seen is not None:
        _within_limit(seen.low, seen.high)
    return Whole(seen)


def sees(field: Field | Whole, size: Size | None = None) -> bool:
    """Whether any unit sees anything; where a size is given, any position of a map of that size."""
    if isinstance(field, Periodic):
        return any(field.supports[:size] if isinstance(size, int) else field.supports)
    return any(field.ends) if isinstance(field, PositionTable) else field != Whole(None)


def rates_agree(fields: Sequence[Field]) -> bool:
    """Whether all these fields advance by the same number of input positions per unit."""
    first = fields[0]
    return not isinstance(first, PositionTable) and all(
        not isinstance(field, PositionTable) and field.shift * first.period == first.shift * field.period
        for field in fields
    )


def joined(fields: Sequence[Field], size: Size, effort: Effort) -> Field:
    """The union, unit by unit, of the fields of some maps of `size` positions.  Raises OutOfReachError."""
    # What sees nothing adds nothing, whatever its rate.
    fields = [field for field in fields if sees(field)] or fields[:1]
    if not rates_agree(fields):
        tables = [_tabulated(field, size, effort) for field in fields]
        return PositionTable(
            tuple(_hull(units) for units in zip(*(table.ends for table in tables), strict=True))
        )
    exact = [field for field in fields if isinstance(field, Periodic)]
    if len(exact) == len(fields):
        period = lcm(*(field.period for field in exact))
        if period == 1 or (period <= MOST_PHASES and effort.take(period * len(fields))):
            bits = MASK_BITS // period if effort.remaining > 0 else 0
            supports = tuple(union([field.at(unit) for field in exact], bits) for unit in range(period))
            shift = exact[0].shift * period // exact[0].period
            return _checked(_canonical(Periodic(period, shift, supports)), effort)
    outers = [outer(field) for field in fields if not isinstance(field, PositionTable)]
    return outers[0]._replace(low=min(o.low for o in outers), high=max(o.high for o in outers))


def outer(field: Periodic | Outer) -> Outer:
    """One interval, moving at the field's rate, that contains what every unit sees."""
    if isinstance(field, Outer):
        return field
    period, shift, supports = field
    moved = [
        (support.low - base, support.high - base)
        for support, base in zip(supports, (phase * shift // period for phase in range(period)), strict=True)
        if support is not None
    ]
    common = gcd(period, shift)
    low = min((low for low, _ in moved), default=0)
    return Outer(period // common, shift // common, low, max((high for _, high in moved), default=low - 1))


def _gathered(field: Periodic, taps: range, start: int, bits: int) -> Support | None:
    """The union of what the units start + t see, for all taps t.

    The taps that meet one phase of the field are an arithmetic progression too.
    """
    period, shift, supports = field
    count = count_of(taps)
    if period == 1:
        only = supports[0]
        if only is None or not count:
            return None
        return progression(only.shifted(shift * (start + taps.start)), shift * taps.step, count, bits)
    classes = period // gcd(taps.step, period)
    step = shift * (taps.step * classes // period)
    parts = []
    for first in range(min(classes, count)):
        turn, phase = divmod(start + taps.start + first * taps.step, period)
        support = supports[phase]
        if support is not None:
            copies = (count - first - 1) // classes + 1
            parts.append(progression(support.shifted(shift * turn), step, copies, bits))
    return union(parts, bits)


def _composed(field: Periodic, taps: Taps, effort: Effort) -> Periodic | None:
    """The exact field behind `taps`; None past the cap on phases or the budget."""
    period, shift, _ = field
    common = gcd(period, taps.shift)
    turns = period // common
    phases = taps.period * turns
    if phases > MOST_PHASES:
        return None
    patterns = [taps.taps(phase) for phase in range(taps.period)]
    if not effort.take(phases * max(1, min(period, max(map(count_of, patterns))))):
        return None
    bits = MASK_BITS // phases if effort.remaining > 0 else 0
    composed = tuple(
        _gathered(field, pattern, turn * taps.shift, bits) for turn in range(turns) for pattern in patterns
    )
    return _checked(_canonical(Periodic(phases, shift * (taps.shift // common), composed)), effort)


def _canonical(field: Periodic) -> Periodic:
    """The same field with the shortest period that describes it.

    Periods are closed under the greatest common divisor, so dividing by one prime at a time finds it.
    """
    period, shift, supports = field
    rest = gcd(period, shift)
    prime = 2
    while rest > 1:
        if prime * prime > rest:
            prime = rest
        while rest % prime == 0:
            rest //= prime
            shorter = period // prime
            if _repeats(supports, shorter, shift // prime):
                period, shift, supports = shorter, shift // prime, supports[:shorter]
        prime += 1
    return Periodic(period, shift, supports)


def _repeats(supports: tuple[Support | None, ...], period: int, shift: int) -> bool:
    """Whether each support is the one `period` phases earlier, moved by `shift`."""
    for earlier, later in zip(supports, supports[period:], strict=False):
        if earlier is None or later is None:
            if earlier is not later:
                return False
        elif earlier.shifted(shift) != later:
            return False
    return True


def _outer_through(field: Outer, taps: Taps, effort: Effort) -> Outer:
    """The outer interval behind `taps`.

    Operand unit i = q·j + t of output unit o = q·p + ψ lies (t − ψ·j/p)·J/P beyond o·(j·J)/(p·P);
    that offset, rounded outwards, is added to the ends.
    """
    phases, advance = taps.period, taps.shift
    if phases > MOST_OPERATOR_PHASES or not effort.take(phases):
        raise OutOfReachError("it has too many phases to follow")
    below = phases * field.period
    lows, highs = [], []
    for phase in range(phases):
        pattern = taps.taps(phase)
        count = count_of(pattern)
        if count:
            last = pattern.start + (count - 1) * pattern.step
            lows.append((pattern.start * phases - phase * advance) * field.shift // below)
            highs.append(-(-(last * phases - phase * advance) * field.shift // below))
    shift = advance * field.shift
    common = gcd(below, shift)
    result = Outer(
        below // common,
        shift // common,
        field.low + min(lows, default=0),
        field.high + max(highs, default=0),
    )
    _within_limit(result.low, result.high, result.period, result.shift)
    return result


def _table_through(field: PositionTable, taps: Taps, output: Size, effort: Effort) -> PositionTable:
    """The table of a layer that reads a tabulated map; taps outside that map see nothing."""
    length = _listable(output, effort)
    size = len(field.ends)
    units: list[tuple[int, int] | None] = []
    for unit in range(length):
        pattern = taps_of(taps, unit)
        start = pattern.start
        first = max(0, -(start // pattern.step))
        last = min(count_of(pattern), (size - 1 - start) // pattern.step + 1)
        if last <= first:
            units.append(None)
            continue
        if not effort.take(last - first):
            raise OutOfReachError("following it position by position takes too long")
        inside = field.ends[
            start + first * pattern.step : start + (last - 1) * pattern.step + 1 : pattern.step
        ]
        units.append(_hull(inside))
    return PositionTable(tuple(units))


def _tabulated(field: Field, size: Size, effort: Effort) -> PositionTable:
    """The field position by position, for a map of `size` positions."""
    if isinstance(field, PositionTable):
        return field
    seen = (field.at(unit) for unit in range(_listable(size, effort)))
    return PositionTable(tuple(None if support is None else support[:2] for support in seen))


def _listable(size: Size, effort: Effort) -> int:
    """The size, where a list of that many positions can be made; raises OutOfReachError otherwise."""
    if not isinstance(size, int):
        raise OutOfReachError("branches that advance at different rates meet on a map of symbolic size")
    if size > MOST_POSITIONS or not effort.take(size):
        raise OutOfReachError(f"branches that advance at different rates meet on a map of {size} positions")
    return size


def _hull(ends: Iterable[tuple[int, int] | None]) -> tuple[int, int] | None:
    """The first and last of all these positions; None when there are none."""
    present = [pair for pair in ends if pair is not None]
    if not present:
        return None
    return min(low for low, _ in present), max(high for _, high in present)


def _checked(field: Periodic, effort: Effort) -> Periodic:
    """The field, once its numbers are within the limit and its masks are paid for."""
    for support in field.supports:
        if support is not None:
            _within_limit(support.low, support.high, field.shift)
            if support.mask is not None:
                # Operations on masks take about a microsecond per 256 positions when made and read again.
                effort.take(min(effort.remaining, support.mask.bit_length() >> 8))
    return field


def _within_limit(low: int, high: int, *factors: int) -> None:
    """Raise OutOfReachError for numbers no tensor's size could reach: later layers would double them again.

    low and high are ends; factors are not negative.
    """
    if (
        low < -LARGEST_SIZE
        or high > LARGEST_SIZE
        or high - low >= LARGEST_SIZE
        or max(factors, default=0) > LARGEST_SIZE
    ):
        raise OutOfReachError("it spans more than 2^63 positions of the input")
