"""Named tuples that are made fast: what a run starts with is mostly the making of its records.

`typing.NamedTuple` compiles the annotation of every field; nobody asks for them at run time.
"""

from __future__ import annotations

from collections import namedtuple

__all__ = ["NamedTuple"]

# As `typing.TYPE_CHECKING`, to which type checkers know this name to be equal.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
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
