"""Values that are given outside of a description: sizes of inputs, values of parameters, conditions."""

from __future__ import annotations

import re

from rfcalc.errors import DescriptionError, Position, Source, cut, mistake
from rfcalc.spec.line import formula
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.syntax import Formula
from rfcalc.spec.trees import AxesExpression, Name

# What a size begins with that has its channels first.
_CHANNELS_FIRST = "chw:"


def written(value: object) -> str:
    """A value as a description writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # The shortest decimal that is this float: what the caller wrote.
        return repr(value)
    return str(value)


def size_given(option: str, value: str) -> Formula:
    """The size of an input, given as this option; raises DescriptionError.

    `224x224x3` has the channels last, as everywhere; `3,224,224` and `chw:3x224x224`, PyTorch's order, first.
    """
    if (lengths := re.fullmatch(r"\s*[(\[]([^()\[\]]+)[)\]]\s*", value)) and "," in value:
        parts = [part.strip() for part in lengths[1].split(",") if part.strip()]
        last, first = (cut(sign.join(parts)) for sign in "x,")
        hint = f"joined by x the channels stand last: {last}; by commas first: {first}"
        raise mistake("a size has no brackets around it", scalar_given(option, value).position, hint)
    start = len(_CHANNELS_FIRST) if value.startswith(_CHANNELS_FIRST) else 0
    if not start and "," not in value:
        return formula_given(option, value)
    scalar = scalar_given(option, value)
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


def formula_given(option: str, value: str, *, per_axis: bool = True) -> Formula:
    """A formula; errors show it as it was given.  Raises DescriptionError."""
    try:
        return formula(scalar_given(option, value), 0, len(value), per_axis=per_axis)
    except DescriptionError as error:
        from rfcalc.spec.lookalikes import naming_lookalikes

        raise naming_lookalikes(error) from None


def scalar_given(option: str, value: str) -> ScalarNode:
    """A value, and how it was given; raises DescriptionError where there is none."""
    source = Source("<command line>", option)
    start = len(option) - len(value) + 1
    if not value.strip():
        place = Position(source, 1, 1, len(option) + 1)
        raise mistake("expected a value, found nothing", place)
    return ScalarNode(value, Position(source, 1, start, start + len(value)))
