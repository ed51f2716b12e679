"""`rfcalc ops`: the reference of operators, from their definitions."""

from __future__ import annotations

from functools import partial

import click

from rfcalc.cli.options import OfferedWords, output_options
from rfcalc.cli.output import Output
from rfcalc.cli.tables import emit_page, write_either
from rfcalc.cli.texts import command


def _words(typed: str) -> dict[str, str]:
    from rfcalc.ops.registry import OPERATOR_NAMES

    return dict.fromkeys(OPERATOR_NAMES, "")


@command(
    "ops",
    "Explain the operators.",
    ("rfcalc ops", "all operators"),
    ("rfcalc ops conv", "one operator: attributes, formulas, source"),
    ("rfcalc ops --format json", "for programs"),
)
@click.argument("names", metavar="[NAME]...", nargs=-1, type=OfferedWords("operator", _words))
@output_options()
def operators(
    names: tuple[str, ...],
    where: Output,
) -> None:
    """Explain the operators called NAME: attributes, output, parameters, work and source; or list all.

    The explanation is Markdown; any other format has a table, of these operators or of all.
    """
    from rfcalc.ops.registry import OPERATOR_NAMES, find_operator
    from rfcalc.report.reference.definitions import (
        operator_text,
        operators_data,
        operators_table,
    )

    wanted = names or OPERATOR_NAMES
    found = tuple(map(find_operator, wanted))
    if names and where.format in (None, "markdown"):
        emit_page("\n".join(map(operator_text, found)), where.file)
    else:
        write_either(partial(operators_data, found), partial(operators_table, names=wanted), where)
