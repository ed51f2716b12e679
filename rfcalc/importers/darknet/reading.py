"""The text of a configuration: its sections and their options, each with its place."""

from __future__ import annotations

import re

from rfcalc.errors import Position, Source, cut, quoted
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple

# darknet's largest has some hundred.
MOST_SECTIONS = 20_000

_HEADER = re.compile(r"\[([^\[\]]*)\]\s*(?:[#;].*)?")


class Option(NamedTuple):
    """One line `name=value`; blanks within either mean nothing to darknet and are taken out of the name."""

    name: str
    value: str
    name_place: Position
    place: Position


class DarknetSection(NamedTuple):
    """One section; place: its header's."""

    name: str
    place: Position
    options: tuple[Option, ...]


def read_sections(source: Source, problems: Problems) -> list[DarknetSection]:
    """The sections of a text in their order; what is no line of a configuration is added to the problems.

    Raises DescriptionError for more sections than are read.
    """
    found: list[DarknetSection] = []
    options: list[Option] = []
    outside = False
    for number, line in enumerate(source.text.splitlines(), 1):
        text = line.strip()
        # Comments begin a line; one behind a value is passed over by darknet's reader of numbers alone.
        if not text or text[0] in "#;":
            continue
        start = len(line) - len(line.lstrip())
        whole = Position(source, number, start + 1, start + len(text) + 1)
        if text[0] == "[":
            header = _HEADER.fullmatch(text)
            if header is None:
                problems.add(
                    f"{quoted(text)} is no section", whole, "a section is one line, such as [convolutional]"
                )
            name = "".join((header[1] if header else "").split())
            if found:
                found[-1] = found[-1]._replace(options=tuple(options))
            if len(found) == MOST_SECTIONS:
                problems.stop(f"more than {MOST_SECTIONS:,} sections", whole)
            found.append(
                DarknetSection(
                    name, whole._replace(end=whole.column + text.index("]") + 1) if header else whole, ()
                )
            )
            options = []
        elif "=" not in text:
            hint = "an option is name=value, a comment a line that begins with #"
            problems.add(f"{quoted(text)} is neither a section nor an option", whole, hint)
        elif not found:
            if not outside:
                problems.add(
                    f"the option {quoted(cut(text))} stands before any section",
                    whole,
                    "the first section is [net], with width, height and channels",
                )
            outside = True
        else:
            options.append(_option(source, number, line))
    if found:
        found[-1] = found[-1]._replace(options=tuple(options))
    return found


def _option(source: Source, number: int, line: str) -> Option:
    name, _, value = line.partition("=")
    before = len(name) - len(name.lstrip())
    behind = len(name) + 1 + len(value) - len(value.lstrip())
    places = [
        Position(source, number, first + 1, first + 1 + max(length, 1))
        for first, length in ((before, len(name.strip())), (behind, len(value.strip())))
    ]
    return Option("".join(name.split()), value.strip(), *places)
