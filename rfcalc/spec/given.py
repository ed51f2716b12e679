"""Values from outside of a description: sizes of inputs, values of parameters, conditions, words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from operator import index
from typing import TYPE_CHECKING, TypeAlias

from rfcalc.errors import DescriptionError, Position, Source, UsageError, cut, mistake, option, quoted, typed
from rfcalc.shapes import format_length
from rfcalc.spec.line import formula
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.syntax import Formula
from rfcalc.spec.trees import AxesExpression, Name
from rfcalc.symbolic.polynomial import Polynomial
from rfcalc.units import parse_rate

if TYPE_CHECKING:
    from fractions import Fraction

# A size in Python: `(320, 320, 3)`, `("H", "W", 3)`, `"320x320x3"`; of several inputs one by name.
SizeGiven: TypeAlias = str | Iterable[int | str | Polynomial]
InputGiven: TypeAlias = SizeGiven | Mapping[str, SizeGiven] | None

# A rate in Python: `16000`, `"44.1kHz"`; of several inputs one by name.
RateGiven: TypeAlias = object

# What a size begins with that has its channels first.
_CHANNELS_FIRST = "chw:"


def settings_as_text(params: Mapping[str, object] | None) -> dict[str, str]:
    """Values of parameters, by name, as a description writes them; raises UsageError for what is no value."""
    if params is not None and not isinstance(params, Mapping):
        raise UsageError(f"{option('set')} has values by name, such as {{'classes': 10}}, got {params!r}")
    return {name: _written(name, value) for name, value in (params or {}).items()}


def _written(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # The shortest decimal that is this float: what the caller wrote.
        return repr(float(value))
    if isinstance(value, Polynomial):
        return format_length(value, "language")
    # The text of anything else, such as None, would be read as a symbol; numbers of numpy and fractions are
    # numbers too, and have a value as a float.
    if isinstance(value, str) or hasattr(value, "__float__"):
        return str(value)
    kinds = "a number, a truth value or text such as 'C' or '2*C'"
    raise UsageError(f"the value of the parameter {quoted(str(name))} is {kinds}, got {value!r}")


def size_text(size: SizeGiven) -> str:
    """A size as a description writes it, of text or of its lengths: spatial axes, then channels.

    Raises UsageError for what is none.
    """
    if isinstance(size, str):
        return size
    if not isinstance(size, Iterable):
        raise UsageError(f"{option('input')} is a size such as (320, 320, 3) or '320x320x3', got {size!r}")
    return "x".join(map(_length_text, size))


def _length_text(length: object) -> str:
    if isinstance(length, Polynomial):
        return format_length(length, "language")
    if isinstance(length, str):
        return length if length.isalnum() and "x" not in length else f"({length})"
    if isinstance(length, bool) or not hasattr(length, "__index__"):
        raise UsageError(f"a length is a whole number, a symbol or an expression, got {length!r}")
    return str(index(length))


def sizes_by_name(input: InputGiven) -> dict[str, str]:
    """Sizes as text by the names of the inputs, "" for the only one."""
    if isinstance(input, Mapping):
        return {name: size_text(size) for name, size in input.items()}
    return {} if input is None else {"": size_text(input)}


def rates_given(rate: RateGiven) -> dict[str, int | Fraction]:
    """Rates by the names of the inputs, "" for all; raises UsageError for what is none."""
    if rate is None:
        return {}
    found = {}
    for name, value in (rate if isinstance(rate, Mapping) else {"": rate}).items():
        text = value if isinstance(value, str) else _written("rate", value)
        try:
            found[str(name)] = parse_rate(text)
        except ValueError as error:
            raise UsageError(f"{option('rate')}: {error}") from None
    return found


def size_given(value: str, name: str = "") -> Formula:
    """The size of an input, of the one of this name; raises DescriptionError.

    `224x224x3` has the channels last, as everywhere; `3,224,224` and `chw:3x224x224`, PyTorch's order, first.
    """
    if (lengths := re.fullmatch(r"\s*[(\[]([^()\[\]]+)[)\]]\s*", value)) and "," in value:
        parts = [part.strip() for part in lengths[1].split(",") if part.strip()]
        last, first = (cut(sign.join(parts)) for sign in "x,")
        hint = f"joined by x the channels stand last: {last}; by commas first: {first}"
        raise mistake("a size has no brackets around it", scalar_given("input", value, name).position, hint)
    start = len(_CHANNELS_FIRST) if value.startswith(_CHANNELS_FIRST) else 0
    if not start and "," not in value:
        return formula_given("input", value, name)
    scalar = scalar_given("input", value, name)
    if not all(part.strip() for part in value[start:].split(",")):
        raise mistake("expected lengths joined by commas, such as 3,224,224", scalar.position)
    # As many characters, so that places in it stay what they are.
    read = formula(scalar._replace(text=value.replace(",", "x")), start, len(value), per_axis=True)
    tree = read.tree
    if isinstance(tree, AxesExpression):
        tree = tree._replace(entries=(*tree.entries[1:], tree.entries[0]))
    elif isinstance(tree, Name) and tree.parts:
        tree = tree._replace(parts=(*tree.parts[1:], tree.parts[0]))
    return read._replace(tree=tree, scalar=scalar)


def formula_given(given_as: str, value: str, key: str = "", *, per_axis: bool = True) -> Formula:
    """A formula, the value of an option, of the part of it with this key; errors show it as it was given.

    Raises DescriptionError.
    """
    try:
        return formula(scalar_given(given_as, value, key), 0, len(value), per_axis=per_axis)
    except DescriptionError as error:
        from rfcalc.spec.lookalikes import naming_lookalikes

        raise naming_lookalikes(error) from None


def scalar_given(given_as: str, value: str, key: str = "") -> ScalarNode:
    """A value, and how it was given, see `formula_given`; raises DescriptionError where there is none."""
    where, line = typed(given_as, value, key)
    source = Source(where, line)
    start = len(line) - len(value) + 1
    if not value.strip():
        place = Position(source, 1, 1, len(line) + 1)
        raise mistake("expected a value, found nothing", place)
    return ScalarNode(value, Position(source, 1, start, start + len(value)))


def named_at(name: str, place: Position) -> Position:
    """Where the name of a value from outside stands, which `typed` puts before it; else its own place."""
    before = place.source.line(place.line)[: place.column - 1]
    for shown, behind in ((name, "="), (repr(name), "] = ")):
        if name and before.endswith(f"{shown}{behind}"):
            end = place.column - len(behind)
            return place._replace(column=end - len(shown), end=end)
    return place


def words_given(given: str | Iterable[str]) -> tuple[str, ...]:
    """Words, given one by one or joined by commas; raises UsageError for what is neither."""
    if isinstance(given, str):
        return tuple(given.split(",") if given else ())
    words = tuple(given) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(word, str) for word in words):
        raise UsageError(f"expected words, or text in which commas join them, got {given!r}")
    return words
