"""Which characters a description may hold."""

from __future__ import annotations


def first_refused(text: str) -> int | None:
    """The index of the first character that no description holds; None when there is none."""
    # A set has few members whatever the text's length; a pattern of these ranges takes 5 ms to compile.
    refused = {character for character in set(text) if not _allowed(character)}
    return next(i for i, character in enumerate(text) if character in refused) if refused else None


def _allowed(character: str) -> bool:
    """Whether YAML allows a character, and neither parsers nor line counts disagree about it."""
    if character <= "~":
        return character >= " " or character in "\t\n\r"
    # Not C1 controls, halves of surrogate pairs, other ends of line, byte order marks.
    return character >= "\xa0" and not (
        "\ud800" <= character <= "\udfff" or character in "\u2028\u2029\ufeff\ufffe\uffff"
    )


def named(character: str) -> str:
    """A refused character, as an error names it."""
    code = f"U+{ord(character):04X}"
    if "\ud800" <= character <= "\udfff":
        return f"half a character ({code})"
    return f"the invisible character {code}"
