"""The parts of an exported program's json: objects, lists, and unions, whose one key says what they hold.

Names and numbers are those of torch/_export/serde/schema.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from rfcalc.errors import quoted
from rfcalc.importers.torch.constants import ELEMENTS
from rfcalc.importers.torch.program import ArgumentValue, ProgramLength

_Wanted = TypeVar("_Wanted")

_MEMORY_FORMATS = {1: "contiguous_format", 2: "channels_last", 3: "channels_last_3d", 4: "preserve_format"}
_SYMBOL = re.compile(r"(?:Symbol\('([^']*)'[^)]*\)|Integer\((-?\d+)\))")
_MOST_SYMBOLS = 200


class Unexpected(Exception):
    """A part of the json that is not as expected; place: its path, `.nodes[3].inputs`."""

    def __init__(self, place: str, expected: str, hint: str = "") -> None:
        self.place, self.expected, self.hint = place, expected, hint
        super().__init__(place)


_WORDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}


def of_kind(value: object, kind: type[_Wanted], place: str) -> _Wanted:
    """The value, which has to be of a kind of json; a truth value is no number."""
    if type(value) is not kind:
        raise Unexpected(place, f"{_WORDS[kind]}, not {shown(value)}")
    return value


def shown(value: object) -> str:
    """A part of json as errors show it."""
    if isinstance(value, dict):
        return f"an object of {quoted(', '.join(map(str, list(value)[:4])))}" if value else "an empty object"
    return "a list" if isinstance(value, list) else "nothing" if value is None else quoted(str(value))


def part(value: Mapping[str, object], key: str, kind: type[_Wanted], place: str) -> _Wanted:
    """What stands under a key of an object."""
    if key not in value:
        raise Unexpected(place, f"an object with {quoted(key)}, not {shown(value)}")
    return of_kind(value[key], kind, f"{place}.{key}")


def union(value: object, place: str) -> tuple[str, object]:
    """The one key of an object, which says what it is, and what stands under it."""
    if type(value) is not dict or len(value) != 1:
        raise Unexpected(place, f"an object with one key, not {shown(value)}")
    return next(iter(value.items()))


def length(size: object, where: str, number: int) -> ProgramLength:
    """The length of one axis of the tensor that stands at a place; a dynamic one by its symbol or formula."""
    kind, value = union(size, f"{where}.sizes[{number}]")
    if kind == "as_int" and type(value) is int and value >= 0:
        return value
    if kind == "as_expr" and isinstance(value, dict) and isinstance(text := value.get("expr_str"), str):
        return _SYMBOL.sub(lambda found: found[1] or found[2], text[: _MOST_SYMBOLS * 40])[:_MOST_SYMBOLS]
    raise Unexpected(f"{where}.sizes[{number}]", f"a length, not {shown(size)}")


def kind_of(argument: object) -> str:
    """The key of a union, "" for what is none."""
    return next(iter(argument), "") if isinstance(argument, dict) else ""


def given_in(each: object) -> dict[str, object]:
    """The value of a named argument, {} where it has none."""
    value = each.get("arg") if isinstance(each, dict) else None
    return value if isinstance(value, dict) else {}


def name_in(argument: object, place: str) -> str:
    """The name of the tensor, or number, that a user gives; "" where it is a constant."""
    return next(iter(names_in(argument, place)), "")


def names_in(argument: object, place: str) -> list[str]:
    """The names of what a union holds; "" for what is left out."""
    kind, value = union(argument, place)
    place = f"{place}.{kind}"
    if kind in ("as_tensor", "as_custom_obj", "as_token"):
        return [part(of_kind(value, dict, place), "name", str, place)]
    if kind in ("as_sym_int", "as_sym_bool", "as_sym_float"):
        inner, name = union(value, place)
        return [of_kind(name, str, f"{place}.{inner}")] if inner == "as_name" else [""]
    if kind in LISTS and kind.endswith(("tensors", "sym_ints")):
        inner = LISTS[kind]
        return [
            name
            for number, each in enumerate(of_kind(value, list, place))
            for name in names_in({inner: each} if inner else each, f"{place}[{number}]")
        ]
    return names_in(value, place) if kind == "as_optional_tensor" else [""]


def _number(value: object, place: str) -> ArgumentValue:
    if type(value) is int or type(value) is float or type(value) is bool:
        return value
    # Infinities and what is no number are written as texts since version 8.
    if isinstance(value, str) and value in ("Infinity", "-Infinity", "NaN"):
        return float(value)
    raise Unexpected(place, f"a number, not {shown(value)}")


def _numbers(value: object, place: str) -> ArgumentValue:
    return tuple(_number(each, place) for each in of_kind(value, list, place))


def _text(value: object, place: str) -> ArgumentValue:
    return of_kind(value, str, place)


def _texts(value: object, place: str) -> ArgumentValue:
    return tuple(of_kind(each, str, place) for each in of_kind(value, list, place))


def _coded(names: Mapping[int, str]) -> Callable[[object, str], ArgumentValue]:
    """What reads a number that stands for a name."""

    def read(value: object, place: str) -> ArgumentValue:
        return names.get(of_kind(value, int, place), "unknown")

    return read


def _device(value: object, place: str) -> ArgumentValue:
    return part(of_kind(value, dict, place), "type", str, place)


def _complex(value: object, place: str) -> ArgumentValue:
    about = of_kind(value, dict, place)
    return _number(about.get("real"), place), _number(about.get("imag"), place)


# Arguments that name no tensor, by the key of the union.
PLAIN: dict[str, Callable[[object, str], ArgumentValue]] = {
    "as_none": lambda value, place: None,
    "as_int": _number,
    "as_float": _number,
    "as_bool": _number,
    "as_ints": _numbers,
    "as_floats": _numbers,
    "as_bools": _numbers,
    "as_string": _text,
    "as_operator": _text,
    "as_strings": _texts,
    "as_scalar_type": _coded(ELEMENTS),
    "as_memory_format": _coded(_MEMORY_FORMATS),
    "as_layout": _coded({7: "strided"}),
    "as_device": _device,
    "as_complex": _complex,
}
# Arguments that are lists: of what kind each element is, "" where it is a union itself.
LISTS = {
    "as_tensors": "as_tensor",
    "as_optional_tensors": "",
    "as_nested_tensors": "as_tensors",
    "as_sym_ints": "as_sym_int",
    "as_sym_bools": "as_sym_bool",
    "as_sym_floats": "as_sym_float",
    "as_int_lists": "as_ints",
    "as_float_lists": "as_floats",
}
