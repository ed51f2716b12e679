"""What a symbol must be a multiple of, when sizes do not divide exactly for all its values.

An error about one layer knows the factor that this layer needs.  What the reader wants to know is how
to write the symbol so that the whole network can be built, so the network is built again with the
symbol replaced by that multiple, until no layer asks for more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from rfcalc.errors import DescriptionError, Diagnostic, option, spoken
from rfcalc.records import NamedTuple
from rfcalc.shapes import format_sizes
from rfcalc.symbolic.advice import fresh_names
from rfcalc.symbolic.polynomial import Number, Polynomial, format_number
from rfcalc.symbolic.terms import MultiplesNeeded

MOST_ATTEMPTS = 40
# A multiple past this is no advice: the sizes rather grow apart without end.
LARGEST_MULTIPLE = 2**20

# What every symbol stands for instead of itself.
Meanings = Mapping[str, Number]


# Where a value is written: in the description, or by which option.
Where: TypeAlias = Literal["symbols", "set", "input"]


class WrittenFormula(NamedTuple):
    """A value that somebody wrote and that symbols occur in.

    name: of the symbol, parameter or input ("" for the only input).  sizes: the number, or the lengths of an
    input.  names: those that the value was written with.
    """

    where: Where
    name: str
    sizes: tuple[Number, ...]
    names: frozenset[str]

    @property
    def text(self) -> str:
        """The value as a description writes it."""
        if self.where == "input":
            return format_sizes(self.sizes, "language")
        return format_number(self.sizes[0], "language")


def with_multiples(
    error: DescriptionError,
    written: Iterable[WrittenFormula],
    attempt: Callable[[Meanings], None],
    attempts: int = MOST_ATTEMPTS,
) -> DescriptionError:
    """The same error, its advice replaced by how to write the symbols for the whole network.

    attempt: builds the network with symbols replaced; raises DescriptionError.  attempts: how often
    that may be done; where it is not enough, the advice is what the layers tried so far need.
    """
    multiples = _multiples(error, attempt, min(attempts, MOST_ATTEMPTS))
    advice = _advice(multiples, tuple(written))
    if not advice:
        return error
    return DescriptionError(
        diagnostic._replace(hint=advice) if isinstance(diagnostic.hint, MultiplesNeeded) else diagnostic
        for diagnostic in error.diagnostics
    )


def needed(diagnostics: Iterable[Diagnostic]) -> Iterator[MultiplesNeeded]:
    """What the mistakes that a size does not divide exactly say is needed."""
    return (found.hint for found in diagnostics if isinstance(found.hint, MultiplesNeeded))


def _multiples(error: DescriptionError, attempt: Callable[[Meanings], None], attempts: int) -> dict[str, int]:
    """The factor that each symbol needs, as far as it can be found; symbols that need none are left out."""
    multiples: dict[str, int] = {}
    for left in range(attempts, -1, -1):
        # One layer at a time: what the next one needs is often given by then.
        advice = next(needed(error.diagnostics), None)
        if advice is None or not advice.factors:
            break
        for symbol, factor in advice.factors.items():
            multiples[symbol] = multiples.get(symbol, 1) * factor
        if max(multiples.values()) > LARGEST_MULTIPLE:
            return {}
        if not left:
            break
        try:
            attempt({symbol: factor * Polynomial.symbol(symbol) for symbol, factor in multiples.items()})
        except DescriptionError as next_error:
            error = next_error
        else:
            break
    return multiples


def _advice(multiples: Mapping[str, int], written: tuple[WrittenFormula, ...]) -> str:
    """How to write the symbols; "" where nothing that was written holds them."""
    if not multiples:
        return ""
    sizes = [size for entry in written for size in entry.sizes if isinstance(size, Polynomial)]
    held = {symbol for size in sizes for symbol in size.symbols}
    # A symbol that stood for a size itself gives its name to that size, and a new one to the multiple.
    bare = [symbol for symbol in multiples if Polynomial.symbol(symbol) in sizes]
    renamed = dict(zip(bare, fresh_names(bare, held), strict=True))
    meanings = {
        symbol: factor * Polynomial.symbol(renamed.get(symbol, symbol))
        for symbol, factor in multiples.items()
    }
    # What is declared is changed there, and nowhere else.
    declared = {name for entry in written if entry.where == "symbols" for name in entry.names}
    changed = [
        entry._replace(sizes=tuple(_with(size, meanings) for size in entry.sizes))
        for entry in written
        if entry.names & (multiples.keys() if entry.where == "symbols" else multiples.keys() - declared)
    ]
    declarations = [f"{entry.name}: {entry.text}" for entry in changed if entry.where == "symbols"]
    options = [_option(entry) for entry in changed if entry.where != "symbols"]
    parts = [f"declare `symbols: {{{', '.join(declarations)}}}`"] if declarations else []
    parts += [f"say {' '.join(options)}"] if options else []
    return " and ".join(parts)


def _option(entry: WrittenFormula) -> str:
    """A value as whoever reads it gives it; on the command line in quotes for the shell."""
    name = f"{entry.name}=" if entry.name else ""
    called = option(entry.where, {entry.name: entry.text} if entry.name else entry.text)
    return spoken(f"--{entry.where} '{name}{entry.text}'", called)


def _with(size: Number, meanings: Meanings) -> Number:
    return size.evaluate(meanings) if isinstance(size, Polynomial) else size
