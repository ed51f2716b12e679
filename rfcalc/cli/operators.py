"""`rfcalc ops`: the reference of operators, from their definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rfcalc.cli.options import TextType, output_options
from rfcalc.cli.output import emit, encoding_of
from rfcalc.cli.tables import Output, write_data, write_table
from rfcalc.cli.texts import HELP_OPTIONS, examples, wrapped
from rfcalc.report.cells import Units
from rfcalc.report.words import Language

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class OperatorName(TextType):
    """The name of an operator; completes it."""

    name = "operator"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from rfcalc.ops.registry import OPERATOR_NAMES

        return [CompletionItem(name) for name in OPERATOR_NAMES if name.startswith(incomplete)]


@click.command(
    "ops",
    context_settings=HELP_OPTIONS,
    short_help="Explain the operators.",
    epilog=examples(
        ("rfcalc ops", "all operators"),
        ("rfcalc ops conv", "one operator: attributes, formulas, source"),
        ("rfcalc ops --format json", "for programs"),
    ),
)
@click.argument("names", metavar="[NAME]...", nargs=-1, type=OperatorName())
@output_options()
def operators(
    names: tuple[str, ...],
    format_name: str | None,
    output: str | None,
    units: Units,
    language: Language | None,
    no_color: bool,
) -> None:
    """Explain the operators called NAME: attributes, output, parameters, work and source; or list all."""
    from rfcalc.render.characters import transliterate
    from rfcalc.report.reference.definitions import (
        operator_reference,
        operator_references,
        operator_text,
        operators_data,
        operators_table,
    )

    where = Output(format_name, output, units, language, no_color)
    references = tuple(map(operator_reference, names)) or operator_references()
    if where.format == "json":
        write_data(operators_data(references), where)
    elif names:
        text = "\n".join(map(operator_text, references))
        emit(wrapped(transliterate(text, encoding_of(output))), output)
    else:
        write_table(operators_table(language or "en"), where, droppable=False)
