"""The answer to `--solve`: a table with the values that prove it, and the same as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rfcalc.conditions.evaluation import MIRRORED
from rfcalc.conditions.solving import at
from rfcalc.errors import listed
from rfcalc.records import NamedTuple
from rfcalc.report.cells import BLANK, Amount, Cell, Sizes, Style, Text
from rfcalc.report.network_table.data import data_of
from rfcalc.report.network_table.symbols import meaning_of
from rfcalc.report.table import Heading, Table, TableNote
from rfcalc.report.words import Language, bytes_note, say
from rfcalc.shapes import Shape
from rfcalc.symbolic.polynomial import Polynomial, format_number
from rfcalc.units import FP32, NumberFormats

if TYPE_CHECKING:
    from rfcalc.conditions.solving import Certificate, Inequality, Solution
    from rfcalc.symbolic.polynomial import Exact

# Of more figures than these the table shows those that decide, as far as it has room.
MOST_FIGURES = 8


class InFull(NamedTuple):
    """A number that proves something, and so is not rounded to an SI unit; before: an operator."""

    cell: Cell
    before: str = ""

    def text(self, style: Style) -> str:
        return self.before + self.cell.text(style._replace(units="raw"))

    @property
    def data(self) -> object:
        return self.cell.data


class _SolvedColumn(NamedTuple):
    """Something that depends on the symbol: its heading, its polynomial, and its limits.

    proof: its cells at the values of the symbol that have been looked at.
    """

    heading: str
    polynomial: Cell
    proof: tuple[Cell, ...]
    limits: tuple[Cell, ...] = ()


def solution_table(solution: Solution, dtype: NumberFormats = FP32, language: Language = "en") -> Table:
    """The figures at the values that prove the answer, and what the network is at these values."""
    symbol = solution.symbol
    figures, consequences = list(_figures(solution)), list(_consequences(solution, language))
    before, behind = (
        [Heading(column.heading, column.heading, right=True) for column in columns]
        for columns in (figures, consequences)
    )
    holds = Heading("holds", say("holds", language))
    headings = (Heading(symbol, symbol, right=True), *before, holds, *behind)
    polynomials = (column.polynomial for column in figures)
    any_value = Text(say("any", language))
    rows: list[tuple[Cell, ...]] = [
        (any_value, *polynomials, BLANK, *(column.polynomial for column in consequences))
    ]
    for number in range(max((len(column.limits) for column in figures), default=0)):
        limits = [column.limits[number] if number < len(column.limits) else BLANK for column in figures]
        rows.append((BLANK, *limits, BLANK, *(BLANK for _ in consequences)))
    for place, one in enumerate(solution.certificates):
        verdict = Text(say("yes" if one.holds else "no", language))
        proof = [column.proof[place] for column in figures]
        rows.append((_amount(one.value), *proof, verdict, *(column.proof[place] for column in consequences)))
    title = f"{solution.network.name}, {solution.condition}: {answer(solution, language)}{_meaning(solution)}"
    notes = tuple(map(TableNote, _notes(solution, dtype, language)))
    return Table(title, headings, tuple(rows), (), notes, language)


def answer(solution: Solution, language: Language = "en") -> str:
    """The answer in words: `the largest K is 424`."""
    holds, exists = solution.holds, solution.exists
    blanks: dict[str, object] = {"symbol": solution.symbol}
    if holds is None:
        return say("solved none", language, **blanks)
    blanks |= {"first": f"{holds.first:,}", "last": "" if holds.last is None else f"{holds.last:,}"}
    if holds.first == holds.last:
        key = "solved one"
    elif holds == exists:
        key = "solved every"
    elif holds.last == exists.last:
        key = "solved smallest"
    else:
        key = "solved largest" if holds.first == exists.first else "solved range"
    return say(key, language, **blanks)


def _meaning(solution: Solution) -> str:
    """What the one value that is the answer makes of parameters, declared symbols and inputs."""
    holds, exists, symbol = solution.holds, solution.exists, solution.symbol
    if holds is None or holds == exists:
        return ""
    ends = {end for end in holds if end is not None and end not in exists} or {holds.first}
    if len(ends) > 1:
        return ""
    value = ends.pop()
    meant = [
        f"{name} = {format_number(at(number, symbol, value))}"
        for name, number in _named(solution)
        if number != Polynomial.symbol(name)
    ]
    meant += [
        str(_shape_at(shape, symbol, value))
        for shape in solution.network.inputs
        if any(isinstance(size, Polynomial) for size in shape.sizes())
    ]
    return f" ({', '.join(meant)})" if meant else ""


def solution_data(solution: Solution) -> dict[str, object]:
    """The answer as data."""
    return {
        "condition": solution.condition,
        "symbol": solution.symbol,
        "smallest": solution.smallest,
        "largest": solution.largest,
        "holds": None if solution.holds is None else list(solution.holds),
        "exists": list(solution.exists),
        "comparisons": [
            {
                "left": one.left_text,
                "operator": one.operator,
                "right": one.right_text,
                "left_value": data_of(one.left),
                "right_value": data_of(one.right),
                "direction": one.direction,
            }
            for one in solution.comparisons
        ],
        "certificates": [_certificate_data(solution, certificate) for certificate in solution.certificates],
    }


def _certificate_data(solution: Solution, certificate: Certificate) -> dict[str, object]:
    network, symbol, value = solution.network, solution.symbol, certificate.value
    return {
        "value": value,
        "holds": certificate.holds,
        "analysed": certificate.analysed,
        "values": data_of(certificate.sides),
        "params": {name: data_of(at(number, symbol, value)) for name, number in _named(solution)},
        "inputs": data_of([_shape_at(shape, symbol, value) for shape in network.inputs]),
        "outputs": data_of([_shape_at(shape, symbol, value) for shape in network.outputs]),
    }


def _figures(solution: Solution) -> Iterable[_SolvedColumn]:
    """A column for every side that depends on the symbol, and for those that no other side bounds."""
    found: dict[tuple[str, Exact], _SolvedColumn] = {}
    for number in _shown(solution):
        label, operator, other, side, limit = solution.comparisons[number][:5]
        left, right = (
            tuple(_amount(one.sides[number][which]) for one in solution.certificates) for which in (0, 1)
        )
        if not isinstance(side, Polynomial) and isinstance(limit, Polynomial):
            label, operator, other, side, limit = other, MIRRORED[operator], label, limit, side
            left, right = right, left
        column = found.setdefault((label, side), _SolvedColumn(label, _amount(side), left))
        limits = (*column.limits, _amount(limit, f"{operator} "))
        found[label, side] = column._replace(limits=limits)
        if isinstance(limit, Polynomial):
            found.setdefault((other, limit), _SolvedColumn(other, _amount(limit), right))
    return found.values()


def _shown(solution: Solution) -> list[int]:
    """The comparisons that the table shows, in their order: all, or those that decide."""

    def rank(number: int) -> tuple[bool, bool]:
        one = solution.comparisons[number]
        values = [one.sides[number] for one in solution.certificates]
        fails = any(not one.holds(sides) for sides in values)
        return not fails, one.direction == 0

    numbers = sorted(range(len(solution.comparisons)), key=rank)
    return sorted(numbers[:MOST_FIGURES])


def _consequences(solution: Solution, language: Language) -> Iterator[_SolvedColumn]:
    """A column for what else depends on the symbol: parameters, declared symbols, inputs and outputs."""
    symbol = solution.symbol
    values = [one.value for one in solution.certificates]
    for name, number in _named(solution):
        if number != Polynomial.symbol(name):
            proof = tuple(_amount(at(number, symbol, value)) for value in values)
            yield _SolvedColumn(name, _amount(number), proof)
    network = solution.network
    names = network.input_names if len(network.inputs) > 1 else (say("input", language),)
    outputs = network.graph.output_names if len(network.outputs) > 1 else (say("output", language),)
    for name, shape in zip((*names, *outputs), (*network.inputs, *network.outputs), strict=True):
        if any(isinstance(size, Polynomial) for size in shape.sizes()):
            sizes = tuple(Sizes((_shape_at(shape, symbol, value),)) for value in values)
            yield _SolvedColumn(name, Sizes((shape,)), sizes)


def _named(solution: Solution) -> list[tuple[str, Polynomial]]:
    """The parameters and declared symbols that depend on the symbol, with their values."""
    graph = solution.network.graph
    return [
        (name, number)
        for name, number in {**graph.declared, **graph.parameters}.items()
        if isinstance(number, Polynomial) and solution.symbol in number.symbols
    ]


def _shape_at(shape: Shape, symbol: str, value: int) -> Shape:
    sizes = [at(size, symbol, value) for size in shape.sizes()]
    # A size is whole for all values of its symbols.
    whole = [size if isinstance(size, Polynomial) else int(size) for size in sizes]
    return Shape(tuple(whole[:-1]), whole[-1])


def _amount(number: Exact, before: str = "") -> Cell:
    cell = Amount(number) if isinstance(number, int | Polynomial) else Text(format_number(number))
    return InFull(cell, before)


def _notes(solution: Solution, dtype: NumberFormats, language: Language) -> Iterator[str]:
    symbol = solution.symbol
    shown = _shown(solution)
    yield from dict.fromkeys(_course(solution.comparisons[number], symbol, language) for number in shown)
    if len(shown) < len(solution.comparisons):
        yield say("solved more", language, count=f"{len(solution.comparisons) - len(shown):,}")
    yield meaning_of([symbol], (solution.exists,), language)
    analysed = [f"{symbol} = {one.value:,}" for one in solution.certificates if one.analysed]
    if analysed:
        yield say("solved analysed", language, values=listed(analysed, ", ", say("and", language)))
    if solution.in_bytes:
        yield bytes_note(dtype, language)
    if solution.network.batch != 1:
        yield say("batch", language, batch=f"{solution.network.batch:,}")


def _course(comparison: Inequality, symbol: str, language: Language) -> str:
    """How the side that depends on the symbol goes with it, or the difference of two that do."""
    direction = comparison.direction
    left, right = (isinstance(side, Polynomial) for side in (comparison.left, comparison.right))
    figure = comparison.left_text if left or not right else comparison.right_text
    if left and right:
        taken = comparison.right_text
        figure = f"{comparison.left_text} - {f'({taken})' if ' ' in taken else taken}"
    elif right and direction:
        direction = -direction
    key = {1: "solved grows", -1: "solved falls", 0: "solved stays", None: "solved turns"}[direction]
    return say(key, language, figure=figure, symbol=symbol)
