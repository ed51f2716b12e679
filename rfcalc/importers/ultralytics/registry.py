"""The table of modules, and what the arguments of each may be.

A module is a function of a scope, of what it reads and of its arguments; what these are called, their kinds
and their defaults are those of the function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from rfcalc.errors import counted, quoted
from rfcalc.records import NamedTuple

# The annotations of arguments, by which they are checked (see _KINDS).
OneOrMore = int
KernelSize = int | tuple[int, ...]
OneOrMoreEach = tuple[int, ...]
OneOrMoreOrNone = int | None
PaddingSize = int | tuple[int, ...] | None
PlacesRead = tuple[int, ...]
AnchorBoxes = int | tuple[object, ...]

Width = Literal["scaled", "stated", "kept"]
Build = Callable[..., Any]


class ModuleParameter(NamedTuple):
    """One argument of a module: its name, its kind (an annotation), and its default where it has one."""

    name: str
    kind: str
    default: object = None
    required: bool = True


class Module(NamedTuple):
    """A module that rows may name.

    build: adds it.  width: the first argument is its output channels, scaled by the width of the file, or as
    stated; or its arguments say nothing of them.  inside: the repeats of a row are an argument of it, else
    several copies follow each other.  several: it reads a list of rows.  original: YOLOv5's own code has it
    alone, or None where both do.  parts: it reads rows that leave several tensors, too.
    """

    name: str
    build: Build
    width: Width
    inside: bool
    several: bool
    original: bool | None
    parts: bool

    @property
    def parameters(self) -> tuple[ModuleParameter, ...]:
        """Its arguments as a row gives them."""
        code = self.build.__code__
        names = code.co_varnames[2 : code.co_argcount]
        defaults = self.build.__defaults__ or ()
        first = len(names) - len(defaults)
        kinds = self.build.__annotations__
        return tuple(
            ModuleParameter(
                name, kinds[name], defaults[place - first] if place >= first else None, place < first
            )
            for place, name in enumerate(names)
        )


MODULES: dict[str, Module] = {}

# What reads texts that are given when a model runs.
TEXT_MODULES = frozenset(
    "C2fAttn ImagePoolingAttn WorldDetect YOLOEDetect YOLOESegment YOLOESegment26 MaxSigmoidAttn".split()
)


def module(
    *names: str,
    width: Width = "scaled",
    several: bool = False,
    original: bool | None = None,
    parts: bool = False,
) -> Callable[[Build], Build]:
    """Makes a function the module of these names; one with a keyword argument `n` is repeated inside."""

    def register(build: Build) -> Build:
        inside = build.__code__.co_kwonlyargcount > 0
        for name in names:
            MODULES[name] = Module(name, build, width, inside, several, original, parts)
        return build

    return register


class WrongArgument(Exception):
    """An argument that a module cannot have; place: which one, None for what they are together."""

    def __init__(self, message: str, place: int | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list(value: object, each: Callable[[object], bool]) -> bool:
    return isinstance(value, tuple) and bool(value) and all(map(each, value))


# By the annotation of an argument: what it may be, and how messages say that.
_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "OneOrMore": (_is_count, "a whole number of at least 1"),
    "int": (_is_whole, "a whole number"),
    "bool": (lambda value: isinstance(value, bool) or value in (0, 1), "True or False"),
    "float": (lambda value: isinstance(value, int | float) and not isinstance(value, bool), "a number"),
    "KernelSize": (
        lambda value: _is_count(value) or _is_list(value, _is_count),
        "a whole number of at least 1, or one for each axis in brackets",
    ),
    "PaddingSize": (
        lambda value: value is None or _is_whole(value) or _is_list(value, _is_whole),
        "a whole number, one for each axis in brackets, or None",
    ),
    "OneOrMoreEach": (lambda value: _is_list(value, _is_count), "whole numbers in brackets, as [64, 128]"),
    "PlacesRead": (lambda value: _is_list(value, _is_whole), "whole numbers in brackets, as [0, 0]"),
    "OneOrMoreOrNone": (
        lambda value: value is None or _is_count(value),
        "a whole number of at least 1, or None",
    ),
    "str": (lambda value: isinstance(value, str), "a text"),
    "AnchorBoxes": (
        lambda value: _is_count(value) or _is_list(value, lambda one: _is_list(one, _is_number)),
        "a list of boxes for each map, or how many there are",
    ),
    "object": (lambda value: True, "anything"),
}


def fitted(found: Module, arguments: Sequence[object]) -> list[object]:
    """The arguments of a row, those that it leaves out at their defaults; raises WrongArgument."""
    parameters = found.parameters
    required = sum(one.required for one in parameters)
    if len(arguments) > len(parameters):
        raise WrongArgument(
            f"{signature(found)}, and this row gives it {counted(len(arguments), 'argument')}",
            len(parameters),
        )
    for place, (value, parameter) in enumerate(zip(arguments, parameters, strict=False)):
        fits, expected = _KINDS[parameter.kind]
        if not fits(value):
            name = "c2, the output channels," if parameter.name == "c2" else parameter.name
            raise WrongArgument(f"{name} of {found.name} is to be {expected}, not {shown(value)}", place)
    if len(arguments) < required:
        missing = parameters[len(arguments)].name
        raise WrongArgument(f"{found.name} needs {missing}: {signature(found)}")
    return [*arguments, *[one.default for one in parameters[len(arguments) :]]]


def signature(found: Module) -> str:
    """What a module takes, for messages."""
    parameters = found.parameters
    if not parameters:
        return f"{found.name} takes no arguments"
    words = [one.name if one.required else f"{one.name}={shown(one.default)}" for one in parameters]
    return f"{found.name} takes [{', '.join(words)}]"


def shown(value: object) -> str:
    """A value of a row as a message shows it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, str):
        return quoted(value)
    return str(value)[:40]
