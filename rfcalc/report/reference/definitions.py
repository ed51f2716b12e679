"""References made from the definitions: the columns, and the operators with their attributes."""

from __future__ import annotations

from collections.abc import Iterable

from rfcalc.ops.operator import Attribute, Operator
from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
from rfcalc.report.network_table.columns import COLUMNS
from rfcalc.report.table import Table, reference_table
from rfcalc.report.words import LANGUAGES, Language


def columns_table(language: Language = "en") -> Table:
    """Every column with its documentation; those shown unasked carry a star."""
    rows = (
        (
            column.name + ("*" if column.default else ""),
            column.heading(language).title,
            column.about[LANGUAGES.index(language)],
        )
        for column in COLUMNS
    )
    return reference_table("column", language, rows, name="", title="", about="prose")


def columns_data() -> dict[str, object]:
    """Every column as data."""
    return {
        "schema": "rfcalc.columns/1",
        "columns": [
            {
                "name": column.name,
                "title": column.title[0],
                "title_zh": column.title[1],
                "about": column.about[0],
                "about_zh": column.about[1],
                "default": column.default,
                "summed": column.summed,
            }
            for column in COLUMNS
        ],
    }


def operators_table(language: Language = "en", names: Iterable[str] = OPERATOR_NAMES) -> Table:
    """Operators with their labels and what they do."""
    rows = (
        (
            operator.name,
            operator.chinese if language == "zh" else operator.label,
            " ".join(operator.attributes) or "-",
            operator.documentation[0],
        )
        for operator in map(find_operator, names)
    )
    shorten = {"op": "", "label": "", "attributes": "prose", "summary": "prose"}
    table = reference_table("operator", language, rows, **shorten)
    heads = (head._replace(drop=int(head.name == "label")) for head in table.headings)
    return table._replace(headings=tuple(heads))


def operators_data(operators: Iterable[Operator]) -> dict[str, object]:
    """Operators as data."""
    return {"schema": "rfcalc.operators/1", "operators": list(map(_operator, operators))}


def _operator(operator: Operator) -> dict[str, object]:
    summary, *details = operator.documentation
    return {
        "name": operator.name,
        "label": operator.label,
        "chinese": operator.chinese,
        "operands": _operands(operator),
        "summary": summary,
        "details": details,
        "attributes": [
            {
                "name": attribute.name,
                "letter": attribute.kind.letter,
                "expects": attribute.kind.expects,
                "default": _default(attribute),
                "about": attribute.kind.about,
            }
            for attribute in operator.attributes.values()
        ],
    }


def operator_text(operator: Operator) -> str:
    """The reference of one operator as a section of Markdown, which also reads well on a terminal."""
    summary, *details = operator.documentation
    parts = [f"## {operator.name}", f"{operator.label} · {operator.chinese}", summary]
    parts.append("\n".join(f"- {line}" for line in (f"Operands: {_operands(operator)}.", *details)))
    if operator.attributes:
        parts.append("\n".join(map(_attribute_line, operator.attributes.values())))
    return "\n\n".join(parts) + "\n"


def _attribute_line(attribute: Attribute) -> str:
    kind, default = attribute.kind, _default(attribute)
    letter = f" (`{kind.letter}`)" if kind.letter else ""
    default = f"default {default}" if default else "required"
    return f"- `{attribute.name}`{letter}: {kind.about}. Takes {kind.expects}; {default}."


def _default(attribute: Attribute) -> str:
    """The default as a description writes it, "" without; what sizes or other attributes decide is none."""
    if attribute.required:
        return ""
    value = attribute.kind.default(attribute.default, 1)
    return "none" if value is None else attribute.kind.text(value)


def _operands(operator: Operator) -> str:
    fewest, most = operator.operands
    if most is None:
        return f"{fewest} or more"
    return str(fewest) if fewest == most else f"{fewest} to {most}"
