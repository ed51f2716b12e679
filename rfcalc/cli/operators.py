"""`rfcalc ops`: the reference of operators, from their definitions."""

from __future__ import annotations

from functools import partial

import click

from rfcalc.cli.options import Words, output_options
from rfcalc.cli.output import Output, emit, encoding_of
from rfcalc.cli.tables import write_either
from rfcalc.cli.texts import HELP_OPTIONS, examples, wrapped


def _words(typed: str) -> dict[str, str]:
    from rfcalc.ops.registry import OPERATOR_NAMES

    return dict.fromkeys(OPERATOR_NAMES, "")


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
@click.argument("names", metavar="[NAME]...", nargs=-1, type=Words("operator", _words))
@output_options()
def operators(
    names: tuple[str, ...],
    where: Output,
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

    references = tuple(map(operator_reference, names)) or operator_references()
    if names and where.format != "json":
        text = "\n".join(map(operator_text, references))
        emit(wrapped(transliterate(text, encoding_of(where.file))), where.file)
    else:
        write_either(partial(operators_data, references), operators_table, where)
