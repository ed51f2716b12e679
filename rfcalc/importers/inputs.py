"""The sizes that are asked for of a model's inputs, by the names that its file has for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.errors import UsageError, counted, cut, listed, nearest, option, quoted


def by_input(names: Sequence[str], sizes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The sizes by the names of the inputs; "" is the name of the only one.

    Raises UsageError for a name that no input has, and for none where there are several.
    """
    found = {}
    there = f"it has {counted(len(names), 'input')}: {cut(listed(map(quoted, names)))}"
    for name, size in sizes.items():
        if not name and len(names) != 1:
            raise UsageError(f"{there}; each is {option('input', {'NAME': 'SIZE'})}")
        if name and name not in names:
            raise UsageError(f"it has no input {quoted(name)}; {nearest(name, names) or there}")
        found[name or names[0]] = size
    return found


def uneven(axes: Sequence[object]) -> str:
    """The hint for maps that do not fit, where the lengths of an input may be why; "" where they are not.

    Maps that were made smaller and larger again have the sizes of others where strides divide the input.
    """
    if not any(isinstance(length, int) and length % 32 for length in axes):
        return ""
    size = cut("x".join(map(str, axes)))
    return f"the input is {size}; take lengths that are multiples of the largest stride, 32 or 64"


def in_order(name: str, stated: Sequence[int | str | None] | None, size: tuple[int, ...]) -> tuple[int, ...]:
    """The lengths of a size in the order of the file, channels first, without that of the examples.

    stated: the lengths that the file states for the input, examples first; None where it states none.
    Raises UsageError for a size of more lengths, or fewer.
    """
    *axes, channels = size
    if stated is None or len(stated) == len(size) + 1 or len(stated) == len(size) == 1:
        return (channels, *axes)
    if len(stated) == len(size) == 2 and channels == 1:
        # Words, to which a description gives one channel.
        return tuple(axes)
    raise other_lengths(name, stated, size)


def other_lengths(name: str, stated: Sequence[int | str | None], size: tuple[int, ...]) -> UsageError:
    """What is said of a size that has more lengths than an input, or fewer."""
    sizes = cut("x".join("?" if length is None else str(length) for length in stated))
    return UsageError(
        f"the input {quoted(name)} is {sizes}, examples first, which a size leaves out: "
        f"expected {counted(len(stated) - 1, 'length')}, got {len(size)}"
    )
