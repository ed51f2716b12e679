"""Records that are made fast: what a run starts with is mostly the making of its records.

`typing.NamedTuple` compiles the annotation of every field; nobody asks for them at run time.  A `Result` is
what users of the library are handed: its fields are read by name, and it is no sequence to be unpacked.
"""

from __future__ import annotations

from collections import namedtuple

__all__ = ["NamedTuple", "Result"]

# As `typing.TYPE_CHECKING`, to which type checkers know this name to be equal.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NamedTuple, Self, dataclass_transform
else:

    class _Maker(type):
        """Makes a named tuple of a class: its fields are those that have annotations."""

        def __new__(cls, name, bases, namespace):
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = namespace.pop("__annotations__")
            defaults = [namespace.pop(field) for field in fields if field in namespace]
            made = namedtuple(name, fields, defaults=defaults, module=namespace["__module__"])
            for key, value in namespace.items():
                setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Maker):
        """The base of records."""

    def dataclass_transform(**_):
        """What tells type checkers that annotations are fields; of no effect."""
        return lambda made: made


class _Fielded(type):
    """Makes a class with a slot for each annotated field, those of its base first."""

    _fields: tuple[str, ...]
    _defaults: dict[str, object]
    _setters: tuple[Callable[[object, object], None], ...]

    def __new__(cls, name: str, bases: tuple[_Fielded, ...], namespace: dict[str, Any]) -> _Fielded:
        fields = tuple(namespace.get("__annotations__", ()))
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        made = super().__new__(cls, name, bases, namespace | {"__slots__": fields})
        setters = tuple([made.__dict__[field].__set__ for field in fields])
        for base in bases:
            fields, setters = (*base._fields, *fields), (*base._setters, *setters)
            defaults = base._defaults | defaults
        made._fields, made._defaults, made._setters = fields, defaults, setters
        return made


@dataclass_transform(frozen_default=True)
class Result(metaclass=_Fielded):
    """The base of results: frozen records, equal where all their fields are."""

    def __init__(self, *values: object, **named: object) -> None:
        made = type(self)
        if named or len(values) != len(made._fields):
            given = {**made._defaults, **dict(zip(made._fields, values, strict=False)), **named}
            if given.keys() != set(made._fields) or len(values) > len(given):
                raise TypeError(f"{made.__name__} has the fields {', '.join(made._fields)}")
            values = tuple([given[field] for field in made._fields])
        for setter, value in zip(made._setters, values, strict=True):
            setter(self, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._asdict() == other._asdict()

    def __hash__(self) -> int:
        return hash(tuple(self._asdict().values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(self._asdict().values())

    def _asdict(self) -> dict[str, Any]:
        """The value of each field."""
        return {field: getattr(self, field) for field in type(self)._fields}

    def _replace(self, **changes: object) -> Self:
        """The same record with other values of some fields."""
        values = self._asdict()
        if not changes.keys() <= values.keys():
            raise TypeError(f"{type(self).__name__} has the fields {', '.join(values)}")
        return type(self)(*(values | changes).values())
