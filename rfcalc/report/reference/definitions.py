"""References made from the definitions: the columns, and the operators with their attributes."""

from __future__ import annotations

from typing import NamedTuple

from rfcalc.ops.operator import Attribute, Operator
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.report.cells import Text
from rfcalc.report.network_table.columns import COLUMNS
from rfcalc.report.table import Heading, Table
from rfcalc.report.words import Language, say


class AttributeReference(NamedTuple):
    """One attribute: its name, the book's letter, what it takes, its default, and what it is."""

    name: str
    letter: str
    expects: str
    default: str
    about: str


class OperatorReference(NamedTuple):
    """One operator: what it is called and does, its operands, attributes and documentation."""

    name: str
    label: str
    chinese: str
    operands: str
    summary: str
    details: tuple[str, ...]
    attributes: tuple[AttributeReference, ...]


def columns_table(language: Language = "en") -> Table:
    """Every column with its documentation; those shown unasked carry a star."""
    rows = tuple(
        (
            Text(column.name + ("*" if column.default else "")),
            Text(column.heading(language)),
            Text(column.documentation(language)),
        )
        for column in COLUMNS
    )
    headings = tuple(
        Heading(name, say(f"column {name}", language), shorten="words" if name == "about" else "")
        for name in ("name", "title", "about")
    )
    return Table("", headings, rows, (), (), language)


def columns_data() -> dict[str, object]:
    """Every column as data."""
    return {
        "schema": "rfcalc.columns/1",
        "columns": [
            {
                "name": column.name,
                "title": column.heading("en"),
                "title_zh": column.heading("zh"),
                "about": column.documentation("en"),
                "about_zh": column.documentation("zh"),
                "default": column.default,
                "summed": column.summed,
            }
            for column in COLUMNS
        ],
    }


def operator_reference(name: str) -> OperatorReference:
    """The reference of one operator; raises UsageError, with the nearest name, when there is none."""
    operator = find_operator(name)
    summary, *details = operator.documentation
    return OperatorReference(
        operator.name,
        operator.label,
        operator.chinese,
        _operands(operator),
        summary,
        tuple(details),
        tuple(_attribute(attribute) for attribute in operator.attributes.values()),
    )


def operator_references() -> tuple[OperatorReference, ...]:
    """The references of all operators, by family."""
    return tuple(map(operator_reference, OPERATOR_NAMES))


def operators_table(language: Language = "en") -> Table:
    """Every operator with its label and what it does."""
    rows = tuple(
        (
            Text(reference.name),
            Text(reference.chinese if language == "zh" else reference.label),
            Text(" ".join(attribute.name for attribute in reference.attributes) or "-"),
            Text(reference.summary),
        )
        for reference in operator_references()
    )
    headings = (
        Heading("op", say("operator op", language)),
        Heading("label", say("operator label", language)),
        Heading("attributes", say("operator attributes", language), shorten="items"),
        Heading("summary", say("operator summary", language), shorten="words"),
    )
    return Table("", headings, rows, (), (), language)


def operators_data(references: tuple[OperatorReference, ...]) -> dict[str, object]:
    """Operators as data."""
    return {
        "schema": "rfcalc.operators/1",
        "operators": [
            {
                **reference._asdict(),
                "details": list(reference.details),
                "attributes": [attribute._asdict() for attribute in reference.attributes],
            }
            for reference in references
        ],
    }


def operator_text(reference: OperatorReference) -> str:
    """The reference of one operator as a section of Markdown, which also reads well on a terminal."""
    parts = [f"## {reference.name}", f"{reference.label} · {reference.chinese}"]
    parts.append(reference.summary)
    parts.append("\n".join(f"- {line}" for line in (f"Operands: {reference.operands}.", *reference.details)))
    if reference.attributes:
        parts.append("\n".join(_attribute_line(attribute) for attribute in reference.attributes))
    return "\n\n".join(parts) + "\n"


def _attribute_line(attribute: AttributeReference) -> str:
    letter = f" (`{attribute.letter}`)" if attribute.letter else ""
    default = f"default {attribute.default}" if attribute.default else "required"
    return f"- `{attribute.name}`{letter}: {attribute.about}. Takes {attribute.expects}; {default}."


def _attribute(attribute: Attribute) -> AttributeReference:
    kind = attribute.kind
    return AttributeReference(
        attribute.name,
        kind.letter,
        kind.expects,
        "" if attribute.required else _default(attribute),
        kind.about,
    )


def _default(attribute: Attribute) -> str:
    """The default as a description writes it; what the sizes or other attributes decide is none."""
    value = attribute.kind.default(attribute.default, 1)
    return "none" if value is None else attribute.kind.text(value)


def _operands(operator: Operator) -> str:
    fewest, most = operator.operands
    if most is None:
        return f"{fewest} or more"
    return str(fewest) if fewest == most else f"{fewest} to {most}"
