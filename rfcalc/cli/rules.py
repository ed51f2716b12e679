"""`rfcalc rule` and `rfcalc rules`: the reference of the check's rules, from their definitions."""

from __future__ import annotations

import click

from rfcalc.cli.options import OUTPUT, OfferedWords, OneOf, output_options, rule_words
from rfcalc.cli.output import Output
from rfcalc.cli.tables import emit_page, write_data, write_either
from rfcalc.cli.texts import command


@command(
    "rule",
    "Explain a rule of the check.",
    ("rfcalc rule RF202", "what it finds, why, its source, what to do instead"),
    ("rfcalc rule checkerboard", "by its name"),
    ("rfcalc rule RF202 --format json", "for programs"),
)
@click.argument(
    "words", metavar="CODE...", nargs=-1, required=True, type=OfferedWords("rules", rule_words, listed=True)
)
@click.option(
    "--format",
    "format_name",
    type=OneOf(("markdown", "json")),
    default="markdown",
    show_default=True,
    metavar="FORMAT",
    help="markdown or json.",
)
@OUTPUT
def rule(words: tuple[str, ...], format_name: str, output: str | None) -> None:
    """Explain the rules of CODE, a code (RF202) or a name (checkerboard).

    What it finds, why that matters, the source, a description that breaks it and what is said of it, one
    that keeps it, and what to do instead.
    """
    from rfcalc.lint.registry import find_rule
    from rfcalc.report.reference.rules import rule_text, rules_data

    found = tuple(map(find_rule, words))
    if format_name == "json":
        write_data(rules_data(found), Output(format_name, output, "raw", None, True))
    else:
        emit_page("\n".join(map(rule_text, found)), output)


@command(
    "rules",
    "List the rules of the check.",
    ("rfcalc rules", "all rules"),
    ("rfcalc rules --format json", "with their pages, for programs"),
)
@output_options()
def rules(where: Output) -> None:
    """List the rules of `rfcalc check`; `rfcalc rule CODE` explains one."""
    from rfcalc.lint.registry import MODULE_OF, find_rule
    from rfcalc.report.reference.rules import rules_data, rules_table

    write_either(lambda: rules_data(map(find_rule, MODULE_OF)), rules_table, where)
